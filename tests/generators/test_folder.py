from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from finexl.errors import InputError, UnknownNameError
from finexl.generators import Pairing, list_images, pair_images
from finexl.generators.folder import UNPAIRED, natural_key

PICTURE = Image.new("RGB", (16, 16), "teal")


def fill(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        PICTURE.save(folder / name, "PNG")
    return folder


@pytest.fixture
def two(tmp_path):
    """Make the two folders from their file names."""
    return lambda base, other: (fill(tmp_path / "base", *base), fill(tmp_path / "lora", *other))


def refusal(*args, **options):
    with pytest.raises(InputError) as caught:
        pair_images(*args, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def files(sources):
    return [Path(source).name for source in sources]


def test_natural_order_of_images_only(tmp_path):
    fill(
        tmp_path,
        "img10.png",
        "img2.PNG",
        "Img1.jpg",
        ".hidden.png",
        "x.WebP",
        "x.bmp",
        "x.gif",
        "x.tif",
        "x.TIFF",
    )
    (tmp_path / "notes.txt").write_text("a")
    (tmp_path / "folder.png").mkdir()
    fill(tmp_path / "deeper", "a.png")
    expected = ["Img1.jpg", "img2.PNG", "img10.png", "x.bmp", "x.gif", "x.tif", "x.TIFF", "x.WebP"]
    assert files(list_images(str(tmp_path))) == expected


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_sort_as_numbers(numbers):
    names = [f"seed {n} of 7.png" for n in numbers]
    assert sorted(names, key=natural_key) == [f"seed {n} of 7.png" for n in sorted(numbers)]


@given(st.lists(st.text(max_size=8), unique=True))
def test_order_of_any_names_is_total(names):
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


def test_a_broken_link_is_not_passed_over(tmp_path):
    fill(tmp_path, "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "gone.png")
    assert files(list_images(tmp_path)) == ["a.png", "b.png"]


def test_folders_that_cannot_be_used(tmp_path):
    def refused(path):
        with pytest.raises(InputError) as caught:
            list_images(path)
        return str(caught.value)

    missing = tmp_path / "mis\nsing"
    assert (
        refused(missing) == f"the folder {str(missing)!r} does not exist. Check the path for a typing error."
    )
    one = fill(tmp_path / "f", "a.png") / "a.png"
    assert refused(one) == f"{str(one)!r} is a file, not a folder. Give the folder that holds the images."
    assert "cannot be read" in refused("nul\0byte")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no images, only 0 other files. Give a folder of images" in refused(empty)
    (empty / "a.txt").touch()
    (empty / "b.psd").touch()
    (empty / ".DS_Store").touch()
    (empty / "inside").mkdir()
    message = refused(empty)
    assert "only 2 other files and 1 folder, which are not searched" in message
    assert ".png .jpg .jpeg .webp .bmp .gif .tif .tiff" in message


def test_a_folder_without_permission(open_folder, as_somebody):
    locked = fill(open_folder / "locked", "a.png")
    locked.chmod(0)
    try:
        with (
            as_somebody(),
            pytest.raises(InputError, match=r"locked' cannot be read\. Give yourself permission"),
        ):
            list_images(locked)
    finally:
        locked.chmod(0o700)


def test_auto_pairs_by_name_when_all_match(two):
    base, lora = two(["b.png", "a.png", "c10.jpg", "c9.png"], ["c9.webp", "c10.png", "b.png", "a.jpeg"])
    pairing = pair_images(base, str(lora))
    assert pairing.names == ("a", "b", "c9", "c10")
    assert files(pairing.base) == ["a.png", "b.png", "c9.png", "c10.jpg"]
    assert files(pairing.personalized) == ["a.jpeg", "b.png", "c9.webp", "c10.png"]
    assert (pairing.paired, pairing.notes) == (True, ())


def test_names_count_as_written_but_for_their_unicode_spelling(two):
    base, lora = two(["caf\u00e9.png", "x.png"], ["cafe\u0301.png", "x.png"])
    assert pair_images(base, lora).names == ("caf\u00e9", "x")
    upper = fill(lora.parent / "upper", "X.png", "CAF\u00c9.png")
    assert "No file name is in both" in pair_images(base, upper).notes[0]


def test_auto_without_common_names_goes_by_order_and_says_so(two):
    base, lora = two(["a2.png", "a10.png"], ["z1.png", "z2.png"])
    pairing = pair_images(base, lora)
    assert files(pairing.base) == ["a2.png", "a10.png"]
    assert pairing.names == ("a2 + z1", "a10 + z2")
    assert pairing.paired
    assert "paired in sorted order ('a2.png' with 'z1.png' first)" in pairing.notes[0]
    assert "--pair unpaired" in pairing.notes[0]


def test_auto_refuses_to_guess(two):
    base, lora = two(["a.png", "b.png", "c.png"], [f"{n}.png" for n in "abvwxyz"])
    message = refusal(base, lora)
    assert f"{str(base / 'c.png')!r} of base" in message
    assert (
        f"{str(lora / 'v.png')!r}, {str(lora / 'w.png')!r}, {str(lora / 'x.png')!r} and 2 more of" in message
    )
    for mend in ("--pair name", "--pair order", "--pair unpaired", "pair='name'"):
        assert mend in message


def test_auto_with_unequal_counts_names_both(two):
    message = refusal(*two(["a.png", "b.png"], ["x.png", "y.png", "z.png"]))
    assert "the counts differ: 2 base and 3 personalized" in message
    assert "--pair unpaired" in message


def test_by_name_leaves_out_the_rest_and_says_how_many(two):
    base, lora = two(["a.png", "b.png", "c.png"], ["b.png", "c.png", "d.png", "e.png"])
    pairing = pair_images(base, lora, how="name")
    assert pairing.names == ("b", "c")
    expected = "1 base and 2 personalized images without a partner of the same name were left out."
    assert pairing.notes == (expected,)


def test_by_name_needs_two_matches(two):
    message = refusal(*two(["a.png", "b.png"], ["b.png", "c.png"]), how="name")
    assert "1 file name in common (base 'a.png', personalized 'b.png'), at least 2" in message
    assert "--pair order" in message


@pytest.mark.parametrize("how", ["auto", "name"])
def test_one_name_twice_in_a_folder(two, how):
    base, lora = two(["a.png", "a.jpg", "b.png"], ["a.png", "b.png"])
    message = refusal(base, lora, how=how)
    assert "two base images are called 'a'" in message
    assert repr(str(base / "a.png")) in message
    assert repr(str(base / "a.jpg")) in message
    assert "Remove one of them, or use --pair order" in message
    assert "two personalized images" in refusal(lora, base, how=how)


def test_by_order(two):
    base, lora = two(["a.png", "b.png"], ["b.png", "c.png"])
    pairing = pair_images(base, lora, how="order")
    assert (files(pairing.base), files(pairing.personalized)) == (["a.png", "b.png"], ["b.png", "c.png"])
    fill(lora, "d.png")
    message = refusal(base, lora, how="order")
    assert "2 base and 3 personalized images cannot be paired in order" in message
    assert "--pair name" in message


def test_unpaired_is_random_but_the_same_for_a_seed(two):
    base, lora = two([f"a{i}.png" for i in range(12)], [f"b{i}.png" for i in range(9)])
    first, again, other = (pair_images(base, lora, "unpaired", seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert not first.paired
    assert len(set(first.base)) == len(set(first.personalized)) == len(first.names) == 9
    assert set(files(first.personalized)) == {f"b{i}.png" for i in range(9)}
    assert files(first.personalized) != files(list_images(lora))
    assert first.notes[0] == UNPAIRED
    assert "Of 12 base and 9 personalized images, 9 of each" in first.notes[1]
    assert UNPAIRED.startswith("The sets were compared without pairs: content differences count as noise")


def test_unpaired_of_equal_counts_drops_nothing():
    pictures = [np.full((16, 16), i / 10) for i in range(5)]
    pairing = pair_images(pictures, pictures, how="unpaired")
    assert pairing.notes == (UNPAIRED,)
    assert {id(p) for p in pairing.personalized} == {id(p) for p in pictures}


def test_sequences_go_by_order(tmp_path):
    fill(tmp_path, "z.png", "a.png")
    paths = [str(tmp_path / "z.png"), tmp_path / "a.png"]
    pairing = pair_images(paths, [PICTURE, np.zeros((16, 16))])
    assert files(pairing.base) == ["z.png", "a.png"]
    assert all(isinstance(path, Path) for path in pairing.base)
    assert pairing.names == ("z", "a")
    assert pair_images([PICTURE] * 3, (PICTURE,) * 3).names == ("1", "2", "3")
    assert pair_images(tmp_path, [PICTURE] * 2).names == ("a", "z")
    assert len(pair_images(np.zeros((4, 16, 16, 3)), np.zeros((4, 16, 16, 3))).names) == 4
    assert "3 base and 2 personalized" in refusal([PICTURE] * 3, [PICTURE] * 2)


def test_sequences_of_paths_can_go_by_name(tmp_path):
    base, lora = fill(tmp_path / "b", "1.png", "2.png"), fill(tmp_path / "p", "1.png", "2.png")
    pairing = pair_images([base / "2.png", base / "1.png"], [lora / "1.png", lora / "2.png"], how="name")
    assert files(pairing.base) == files(pairing.personalized) == ["2.png", "1.png"]
    message = refusal([PICTURE] * 2, [PICTURE] * 2, how="name")
    assert "held in memory and have no file names to pair by. Use --pair order" in message


@pytest.mark.parametrize("how", ["auto", "name", "order", "unpaired"])
def test_one_image_is_not_enough(two, how):
    message = refusal(*two(["a.png"], ["a.png"]), how=how)
    assert message.startswith("one image is not enough")
    assert "at least 2 are needed, 25 or more advised" in message


def test_none_at_all():
    assert "0 pairs from 0 base" in refusal([], [])


def test_what_is_no_set_of_images():
    assert "one array of shape (16, 16, 3)" in refusal(np.zeros((16, 16, 3)), [PICTURE])
    assert "the base images are a Image" in refusal(PICTURE, PICTURE)
    assert "are a int" in refusal([PICTURE], 3)
    assert "are a generator" in refusal([PICTURE], (PICTURE for _ in range(2)))
    with pytest.raises(UnknownNameError, match="Did you mean 'unpaired'"):
        pair_images([PICTURE] * 2, [PICTURE] * 2, how="unpair")


def test_the_same_folder_twice_is_noted(two):
    base, _ = two(["a.png", "b.png"], [])
    assert pair_images(base, base / ".." / "base").notes == (
        "Base and personalized images come from the same folder.",
    )


def test_pictures_of_a_pair(two):
    base, lora = two(["a.png", "b.png"], ["a.png", "b.png"])
    pairing = pair_images(base, lora)
    left, right = pairing.pictures(1)
    assert left.mode == right.mode == "RGB"
    assert left.size == (16, 16)
    (lora / "b.png").unlink()
    with pytest.raises(InputError, match="does not exist"):
        pairing.pictures(1)


def test_pairing_is_frozen():
    with pytest.raises(AttributeError):
        Pairing(("a",), (PICTURE,), (PICTURE,)).paired = False
