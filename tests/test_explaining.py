"""finexl.explain through the public API, with an encoder whose answers are known."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import finexl
from finexl import Concept, Explanation, InputError
from finexl.errors import UnknownNameError
from finexl.store import EmbeddingStore, default_cache_dir
from looks import Looks

PHRASES = (
    "dark", "muted colours", "low contrast", "warm colours", "oil painting", "blurry", "mosaic", "tilted",
    "film grain", "watercolour",
)  # fmt: skip


class Few:
    """A proposer of one's own."""

    name = "few"

    def propose(self, evidence):
        return [Concept(name=phrase, aspect="any") for phrase in PHRASES]


def run(base, personalized, *args, **options):
    settings = {"encoder": Looks(), "proposer": Few(), "cache": False}
    return finexl.explain(base, personalized, *args, **(settings | options))


def content(explanation):
    return explanation.model_copy(update={"timings": {}}).to_json()


def refusal(*args, **options):
    with pytest.raises(InputError) as caught:
        run(*args, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- what is found ---


@pytest.mark.parametrize(
    ("change", "word"), [("darker", "dark"), ("paler", "muted colours"), ("flatter", "low contrast")]
)
def test_a_known_change_is_found_and_its_reverse_has_the_other_sign(scenes, change, word):
    plain, changed = scenes(24), scenes(24, change)
    there, back = run(plain, changed), run(changed, plain)
    assert there.concepts[0].concept == back.concepts[0].concept == word
    assert there.concepts[0].weight > 0.1
    assert there.concepts[0].weight == pytest.approx(-back.concepts[0].weight, abs=1e-6)
    assert f"more “{word}”" in there.summary
    assert f"less “{word}”" in back.summary
    for score in (*there.concepts, *back.concepts):
        assert score.low <= score.weight <= score.high
        assert score.concept in PHRASES[:4]  # no picture has anything to do with the others
    assert sum(score.share for score in there.concepts) == pytest.approx(1)
    assert there.p_value < 0.05
    assert there.residual.low <= there.residual.value <= there.residual.high
    assert there.length.value == pytest.approx(back.length.value)


def test_two_changes_at_once_are_told_apart(scenes):
    both = [changed.point(lambda v: v * 0.6) for changed in scenes(30, "paler")]
    signs = {score.concept: np.sign(score.weight) for score in run(scenes(30), both).concepts}
    assert signs["dark"] == 1
    assert signs["muted colours"] == 1


def test_the_weight_grows_with_the_change(scenes):
    weights = []
    for level in (0.9, 0.7, 0.5):
        changed = [picture.point(lambda v, level=level: v * level) for picture in scenes(24)]
        found = {score.concept: score.weight for score in run(scenes(24), changed).concepts}
        weights.append(found.get("dark", 0))
    assert weights[0] < weights[1] < weights[2]


def test_identical_sets_differ_in_nothing(folders):
    base, _ = folders(6)
    explanation = run(base, base)
    assert explanation.concepts == []
    assert explanation.summary == "No difference was found between the two sets of images."
    assert (explanation.residual, explanation.p_value, explanation.length.value) == (None, 1.0, 0.0)
    assert "Base and personalized images come from the same folder." in explanation.notes
    assert explanation.residual_pairs == ()


def test_chance_alone_is_seldom_called_a_difference(scenes):
    """Two random halves of one set, 60 times: at confidence 0.95 about 3 are expected, and 9 in one of 900."""
    pool = scenes(48)
    rng = np.random.default_rng(0)
    p_values, reported = [], 0
    for _ in range(60):
        order = rng.permutation(len(pool))[:24]
        halves = [pool[i] for i in order[:12]], [pool[i] for i in order[12:]]
        explanation = run(*halves, pair="unpaired", cache=True)
        p_values.append(explanation.p_value)
        reported += bool(explanation.concepts)
    assert reported <= sum(p < 0.05 for p in p_values) <= 8
    assert 0.3 < np.mean(p_values) < 0.7


def test_sets_without_pairs_are_compared_and_it_is_said(scenes):
    explanation = run(scenes(20), scenes(30, "darker", start=50), pair="unpaired")
    assert not explanation.paired
    assert explanation.n_pairs == 20
    assert any("compared without pairs" in note for note in explanation.notes)
    assert any("20 of each, drawn at random" in note for note in explanation.notes)


# --- the same again ---


def test_same_inputs_same_bytes_with_and_without_the_cache(folders, home):
    base, changed = folders(8)
    fresh, again = (run(base, changed) for _ in range(2))
    filled, reused = (run(base, changed, cache=True) for _ in range(2))
    assert content(fresh) == content(again) == content(filled) == content(reused)
    assert set(fresh.timings) == {"embedding", "concepts", "decomposition"}
    assert (home / "embeddings.sqlite").exists()


def test_another_seed_may_move_intervals_but_not_weights(scenes):
    sets = scenes(12), scenes(12, "darker")
    a, b = (run(*sets, seed=seed) for seed in (0, 1))
    assert (a.provenance.seed, b.provenance.seed) == (0, 1)
    assert [(s.concept, s.weight) for s in a.concepts] == [(s.concept, s.weight) for s in b.concepts]


def test_the_second_run_encodes_nothing(folders, home):
    base, changed = folders(7)
    first, second, third = Looks(), Looks(), Looks()
    stages = []
    run(base, changed, encoder=first, cache=True)
    run(base, changed, encoder=second, cache=True, progress=lambda *call: stages.append(call))
    assert (first.prepared, second.prepared) == (14, 0)
    assert ("embedding images", 14, 14) in stages
    third.identity = "looks-2"  # vectors of another encoder are no use
    run(base, changed, encoder=third, cache=True)
    assert third.prepared == 14
    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        assert store.info().per_encoder == {"looks-1": 14, "looks-2": 14}


def test_without_the_cache_nothing_is_written(folders, home):
    run(*folders(4))
    assert not home.exists()


def test_a_picture_that_occurs_twice_is_encoded_once(scenes):
    encoder = Looks()
    picture, *others = scenes(3)
    run([picture, picture, others[0]], [picture, others[1], others[1]], encoder=encoder)
    assert encoder.prepared == 3


def test_a_changed_file_is_read_again(folders, home, scenes):
    base, changed = folders(6, "same")
    assert run(base, changed, cache=True).concepts == []
    for path, picture in zip(sorted(changed.iterdir()), scenes(6, "darker"), strict=True):
        picture.save(path)
    assert run(base, changed, cache=True).concepts[0].concept == "dark"


def test_the_order_of_the_pairs_does_not_matter(scenes):
    plain, changed = scenes(24), scenes(24, "darker")
    order = np.random.default_rng(5).permutation(24)
    one = run(plain, changed)
    other = run([plain[i] for i in order], [changed[i] for i in order])
    assert [s.concept for s in one.concepts] == [s.concept for s in other.concepts]
    np.testing.assert_allclose(
        [s.weight for s in one.concepts], [s.weight for s in other.concepts], rtol=1e-6
    )
    assert one.length.value == pytest.approx(other.length.value)


def test_paths_pictures_and_arrays_give_the_same(folders, scenes):
    base, changed = folders(8)
    pictures = scenes(8), scenes(8, "darker")
    arrays = tuple([np.asarray(picture) for picture in side] for side in pictures)
    ways = [
        (base, changed),
        (str(base), str(changed)),
        tuple([str(side / f"{i}.png") for i in range(8)] for side in (base, changed)),
        pictures,
        arrays,
        tuple(np.stack(side) for side in arrays),
        tuple([a.astype(np.float32) / 255 for a in side] for side in arrays),
    ]
    results = [run(*way) for way in ways]
    figures = [
        [(s.concept, s.weight, s.low, s.high) for s in result.concepts]
        + [result.p_value, result.length, result.residual]
        for result in results
    ]
    assert all(one == figures[0] for one in figures)
    assert results[3].provenance.base == "8 images in memory"
    assert results[3].concepts[0].examples[0].base is None
    assert results[0].provenance.base == str(base)


# --- options ---


def test_prompts_take_the_place_of_templates(scenes):
    sets = scenes(30), scenes(30, "darker")
    prompts = [f"thing {i}" for i in range(30)]
    explanation = run(*sets, prompts)
    assert explanation.concepts[0].concept == "dark"
    templates = explanation.provenance.templates
    assert len(templates) == 25
    assert (templates[0], templates[-1]) == (prompts[0], prompts[-1])
    braces = run(*sets, ["a {strange} prompt"] * 30)
    assert braces.provenance.templates == ("a {strange} prompt",)


@pytest.mark.parametrize("prompts", [["one"], [], ["x"] * 5])
def test_as_many_prompts_as_pairs(scenes, prompts):
    message = refusal(scenes(4), scenes(4, "darker"), prompts)
    assert "prompts for 4 pairs; give one prompt for each pair" in message


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [
        ("method", "finxl", "'finxl'. Did you mean 'finexl'? Known: algorithm1, finexl, subspace."),
        ("encoder", "clop", "no encoder is called 'clop'. Did you mean 'clip'? Known: align, builtin, clip,"),
        ("proposer", "vocabularry", "Did you mean 'vocabulary'? Known: auto, "),
        ("pair", "sorted", "Known: auto, name, order, unpaired."),
    ],
)
def test_unknown_names_list_the_known_ones(scenes, option, value, known):
    sets = scenes(3), scenes(3, "darker")
    with pytest.raises(UnknownNameError) as caught:
        run(*sets, **{option: value})
    assert known in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"), [("confidence", 1.0), ("confidence", 0.0), ("max_concepts", 0), ("confidence", 95)]
)
def test_values_out_of_range_are_named(scenes, option, value):
    assert f"{option} {value}" in refusal(scenes(3), scenes(3, "darker"), **{option: value})


@pytest.mark.parametrize("method", ["algorithm1", "subspace", "finexl"])
def test_every_method_finds_the_change(scenes, method):
    explanation = run(scenes(20), scenes(20, "darker"), method=method)
    assert explanation.concepts[0].concept == "dark"
    assert explanation.concepts[0].weight > 0
    assert explanation.provenance.method == method


def test_at_most_so_many_concepts(scenes):
    both = [changed.point(lambda v: v * 0.6) for changed in scenes(30, "paler")]
    assert len(run(scenes(30), both, max_concepts=1).concepts) == 1


def test_ones_own_proposer_and_encoder_go_into_the_provenance(scenes):
    provenance = run(scenes(3), scenes(3)).provenance
    assert (provenance.proposer, provenance.n_candidates) == ("few", len(PHRASES))
    assert (provenance.encoder, provenance.encoder_sha256) == ("looks", "looks-1")
    assert provenance.finexl_version == finexl.__version__


def test_a_vocabulary_of_ones_own(scenes, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n# mine\ndark : light\n\n\nmosaic\n   \nblurry : focus\n")
    explanation = run(scenes(20), scenes(20, "darker"), proposer="auto", vocabulary=path)
    assert (explanation.concepts[0].concept, explanation.concepts[0].aspect) == ("dark", "light")
    assert explanation.provenance.n_candidates == 3
    path.write_text("dark\nDARK\n")
    assert "'DARK' occurs twice, in line 1 and in line 2" in refusal(
        scenes(3), scenes(3), proposer="auto", vocabulary=path
    )


def test_the_built_in_vocabulary_is_the_default(scenes):
    explanation = finexl.explain(scenes(20), scenes(20, "darker"), encoder=Looks(), cache=False)
    first = explanation.concepts[0]
    assert (first.concept, np.sign(first.weight)) in {("dark", 1), ("bright", -1)}
    assert first.definition
    assert explanation.provenance.n_candidates > 100


def test_progress_is_reported_from_start_to_end(scenes):
    calls = []
    run(scenes(20), scenes(20, "darker"), progress=lambda *call: calls.append(call))
    assert calls[0] == ("embedding images", 0, 40)
    assert calls[-1] == ("decomposing", 1, 1)
    embedding = [done for stage, done, _ in calls if stage == "embedding images"]
    assert embedding == sorted(embedding)
    assert embedding[-1] == 40
    assert all(0 <= done <= total for _, done, total in calls)


def test_a_few_pairs_are_remarked_upon(scenes):
    assert any("Only 3 pairs" in note for note in run(scenes(3), scenes(3)).notes)
    assert run(scenes(25), scenes(25)).notes == ("In every pair both pictures are the same.",)


# --- what one does with it ---


def test_examples_point_at_pairs_that_exist(folders):
    base, changed = folders(12)
    explanation = run(base, changed)
    refs = [*explanation.residual_pairs, *(ref for s in explanation.concepts for ref in s.examples)]
    assert refs
    for ref in refs:
        assert 0 <= ref.index < 12
        assert Path(ref.base).is_file()
        assert Path(ref.personalized).is_file()
        assert Path(ref.base).stem == Path(ref.personalized).stem == ref.name
    best = explanation.concepts[0].examples
    assert len(best) == 4
    assert [ref.score for ref in best] == sorted((ref.score for ref in best), reverse=True)


def test_it_reads_well_wherever_it_is_shown(scenes):
    explanation = run(scenes(20), scenes(20, "darker"))
    text = str(explanation)
    assert "dark" in text
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "<" in explanation._repr_html_()
    assert "dark" in explanation._repr_html_()
    assert "No difference" in str(run(scenes(3), scenes(3)))


def test_saved_and_loaded_it_is_the_same(folders, tmp_path):
    explanation = run(*folders(6))
    folder = explanation.save(tmp_path / "deep" / "report")
    assert {path.name for path in folder.iterdir()} == {"explanation.json", "report.html", "report.md"}
    for path in (folder, folder / "explanation.json"):
        assert Explanation.load(path).to_json() == explanation.to_json()
    assert json.loads((folder / "explanation.json").read_text())["schema_version"] == 1
    assert str(Explanation.load(folder)) == str(explanation)


def test_nothing_is_printed_and_nothing_warned_about(folders, capfd, recwarn, caplog):
    run(*folders(4), cache=True).to_json()
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    assert not caplog.records


def test_the_global_random_state_is_left_alone(scenes):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    run(scenes(3), scenes(3, "darker"))
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


# --- bad input gets a clear error, and nothing is lost ---


def test_folders_that_make_no_pairs(folders, scenes, tmp_path):
    base, changed = folders(3)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"{str(empty)!r} holds no images" in refusal(base, empty)
    assert "does not exist" in refusal(base, tmp_path / "nowhere")
    assert "one image is not enough" in refusal(scenes(1), scenes(1))
    assert "3 base and 4 personalized images cannot be paired in order" in refusal(scenes(3), scenes(4))
    (changed / "2.png").rename(changed / "other.png")
    message = refusal(base, changed)
    assert str(base / "2.png") in message
    assert str(changed / "other.png") in message


def test_a_damaged_picture_is_named_and_the_others_are_kept(folders, home):
    base, changed = folders(40)
    victim = changed / "39.png"
    victim.write_bytes(victim.read_bytes()[:2000])
    message = refusal(base, changed, cache=True)
    assert repr(str(victim)) in message
    assert "truncated or damaged" in message
    with EmbeddingStore(home / "embeddings.sqlite") as store:
        kept = store.info().count
    assert kept > 0
    darkest = Image.open(base / "39.png").point(lambda v: v * 0.6)
    darkest.save(victim)
    encoder = Looks()
    run(base, changed, encoder=encoder, cache=True)
    assert encoder.prepared == 80 - kept


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"not a picture at all" * 9, "is not an image"), (b"", "is empty (0 bytes)")],
)
def test_a_file_that_is_no_picture(folders, data, said):
    base, changed = folders(3)
    (changed / "1.png").write_bytes(data)
    message = refusal(base, changed)
    assert repr(str(changed / "1.png")) in message
    assert said in message


def test_a_picture_of_one_pixel(folders):
    base, changed = folders(3)
    Image.new("RGB", (1, 1)).save(base / "0.png")
    assert "0.png' is too small: 1 x 1 pixels" in refusal(base, changed)


def test_a_picture_of_20000_pixels_a_side_is_refused_and_one_side_is_not(folders):
    base, changed = folders(3)
    Image.new("1", (20_000, 20_000)).save(base / "0.png")
    message = refusal(base, changed)
    assert "is too large: the limit is 120 million pixels" in message
    Image.new("RGB", (20_000, 100)).save(base / "0.png")
    assert run(base, changed).n_pairs == 3


def test_a_folder_nobody_may_read(folders, open_folder, as_somebody):
    base, changed = folders(3, where=open_folder)
    for path in (*base.iterdir(), *changed.iterdir()):
        path.chmod(0o644)
    (base / "1.png").chmod(0)
    with as_somebody():
        message = refusal(base, changed)
    assert repr(str(base / "1.png")) in message
    assert "Give yourself permission to read it" in message


def sixteen_bits(image):
    gray = np.asarray(image.convert("L"))
    return Image.fromarray(gray.astype(np.uint16) * 257), Image.fromarray(gray).convert("RGB"), "png"


def four_inks(image):
    inks = image.convert("CMYK")
    return inks, inks.convert("RGB"), "tif"


def palette(image):
    few = image.quantize(64)
    return few, few.convert("RGB"), "png"


def clear_palette(image):
    few = image.quantize(16)
    few.info["transparency"] = 3
    white = Image.new("RGBA", image.size, "white")
    return few, Image.alpha_composite(white, few.convert("RGBA")).convert("RGB"), "png"


def half_clear(image):
    veil = image.convert("RGBA")
    veil.putalpha(128)
    white = Image.new("RGBA", image.size, "white")
    return veil, Image.alpha_composite(white, veil).convert("RGB"), "png"


def gray(image):
    return image.convert("L"), image.convert("L").convert("RGB"), "png"


@pytest.mark.parametrize("kind", [sixteen_bits, four_inks, palette, clear_palette, half_clear, gray])
def test_unusual_pictures_have_the_embedding_of_their_plain_twin(tmp_path, scenes, kind):
    odd, plain = tmp_path / "odd", tmp_path / "plain"
    odd.mkdir()
    plain.mkdir()
    for i, image in enumerate(scenes(4)):
        unusual, twin, ending = kind(image)
        unusual.save(odd / f"{i}.{ending}")
        twin.save(plain / f"{i}.png")
    explanation = run(plain, odd)
    assert explanation.length.value == 0
    assert explanation.p_value == 1
    assert "No difference" in explanation.summary


def test_animated_files_are_read_as_their_first_frame_on_every_run(folders, home, scenes):
    base, changed = folders(4)
    frames = scenes(3)
    for i in (1, 2):
        (changed / f"{i}.png").unlink()
        frames[0].save(changed / f"{i}.gif", save_all=True, append_images=frames[i:])
    for _ in range(2):  # the second time the still pictures come from the cache
        notes = run(base, changed, cache=True).notes
        assert "An animated file was read as its first frame. (2 of the images)" in notes


HOSTILE = "<img src=x onerror=alert(1)>\"'& \n\u202e日本語 {{ 7*7 }}"


class Tags(HTMLParser):
    """The start tags of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_hostile_names_are_shown_and_never_obeyed(folders, tmp_path):
    names = [f"{i}{HOSTILE}" for i in range(6)]
    explanation = run(*folders(6, names=names))
    assert explanation.concepts[0].examples[0].name in names
    folder = explanation.save(tmp_path / "report")
    assert Explanation.load(folder).to_json() == explanation.to_json()
    page = Tags((folder / "report.html").read_text(encoding="utf-8"))
    assert not any(attrs.get("src") == "x" or "onerror" in attrs for _, attrs in page.tags)
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "日本語 {{ 7*7 }}" in page.text
    assert "\u202e" not in page.text
    assert "\n\u202e" not in str(explanation)


def test_a_report_that_cannot_be_written_loses_nothing(scenes, open_folder, as_somebody):
    explanation = run(scenes(4), scenes(4, "darker"))
    explanation.save(open_folder)
    before = {path.name: path.read_bytes() for path in open_folder.iterdir()}
    open_folder.chmod(0o755)
    with as_somebody(), pytest.raises(InputError, match="cannot be written"):
        explanation.model_copy(update={"summary": "new"}).save(open_folder)
    assert {path.name: path.read_bytes() for path in open_folder.iterdir()} == before


def test_wrong_options_are_refused_before_any_picture_is_read(tmp_path):
    broken = [tmp_path / "missing-0.png", tmp_path / "missing-1.png"]
    with pytest.raises(UnknownNameError, match="no method is called 'algoritm1'"):
        finexl.explain(broken, broken, method="algoritm1")
    with pytest.raises(InputError, match="3 prompts for 2 pairs"):
        finexl.explain(broken, broken, ["a", "b", "c"])


def test_figures_known_from_elsewhere_are_added_when_asked_for(scenes):
    prompts = [f"scene {i}" for i in range(8)]
    found = run(scenes(8), scenes(8, "darker"), prompts, measures=True)
    by_name = {m.name: m for m in found.measures}
    assert 0 < by_name["pixel distance"].low <= by_name["pixel distance"].value < 1
    assert "CLIP score change" in by_name
    assert "pixel distance" in str(found)
    plain = run(scenes(8), scenes(8, "darker"), prompts)
    assert plain.measures == ()
    assert plain.concepts == found.concepts


@pytest.mark.parametrize(
    "option",
    [
        {"n_probes": 5},
        {"max_probes": 9},
        {"strengths": (0.5,)},
        {"trigger": "sks"},
        {"options": {"steps": "20"}},
    ],
    ids=lambda option: next(iter(option)),
)
def test_what_only_models_can_be_asked_is_not_passed_over(scenes, option):
    with pytest.raises(
        InputError, match=f"^{next(iter(option))} .*: only models can be asked that, and these are images"
    ):
        run(scenes(3), scenes(3, "darker"), **option)
    assert run(scenes(3), scenes(3, "darker"), trigger="none").n_pairs == 3


def test_an_empty_name_is_no_folder(folders):
    base, _ = folders(3)
    with pytest.raises(InputError, match="the personalized images are an empty name"):
        run(base, "")
