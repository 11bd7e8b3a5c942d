import numpy as np
import pytest
from PIL import Image

from finexl.encoders import embed
from finexl.errors import InputError
from finexl.generators import pair_images
from finexl.store import EmbeddingStore, sha256_source
from finexl.storing import embed_pairs


def silent(stage, done, total):
    pass


def test_vectors_come_in_the_order_of_the_pairs(looks, scenes, home):
    a, b = scenes(20), scenes(20, "darker")
    embedded = embed_pairs(looks, pair_images(a, b), False, silent)
    direct = np.concatenate([vectors for _, vectors in embed(looks, a + b, lambda image: image)])
    np.testing.assert_array_equal(np.concatenate([embedded.base, embedded.personalized]), direct)
    assert embedded.notes == ()


def test_a_store_half_full_gives_the_same(looks, scenes, home):
    a, b = scenes(12), scenes(12, "paler")
    fresh = embed_pairs(looks, pair_images(a, b), False, silent)
    embed_pairs(looks, pair_images(a[:5], a[5:10]), True, silent)
    before = looks.prepared
    mixed = embed_pairs(looks, pair_images(a, b), True, silent)
    assert looks.prepared - before == 24 - 10
    np.testing.assert_array_equal(fresh.base, mixed.base)
    np.testing.assert_array_equal(fresh.personalized, mixed.personalized)
    assert fresh.sha256 == mixed.sha256


def test_the_hash_names_all_pictures_and_their_places(looks, scenes):
    a, b = scenes(3), scenes(3, "darker")

    def sha(*sets):
        return embed_pairs(looks, pair_images(*sets), False, silent).sha256

    assert sha(a, b) == sha(list(a), list(b))
    assert len({sha(a, b), sha(b, a), sha(a[::-1], b[::-1]), sha(a, a)}) == 4


def test_a_file_and_the_same_file_elsewhere_share_one_embedding(looks, folders, tmp_path, home):
    base, _ = folders(3)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in base.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    embedded = embed_pairs(looks, pair_images(base, copy), True, silent)
    assert looks.prepared == 3
    np.testing.assert_array_equal(embedded.base, embedded.personalized)
    with EmbeddingStore(home / "embeddings.sqlite") as store:
        known = store.get_many(looks.identity, [sha256_source(base / "0.png")])
    np.testing.assert_array_equal(next(iter(known.values())), embedded.base[0])


def test_remarks_are_counted_and_made_on_every_run(looks, scenes, tmp_path, home):
    paths = [tmp_path / f"{i}.gif" for i in range(4)]
    for i, path in enumerate(paths):
        scenes(1, start=i)[0].save(path, save_all=True, append_images=scenes(2, start=20))
    for _ in range(2):
        embedded = embed_pairs(looks, pair_images(paths[:2], paths[2:]), True, silent)
        assert embedded.notes == ("An animated file was read as its first frame. (4 of the images)",)


def test_a_file_that_goes_away_is_named(looks, folders):
    base, changed = folders(3)
    pairing = pair_images(base, changed)
    (base / "1.png").unlink()
    with pytest.raises(InputError, match=r"1\.png' does not exist"):
        embed_pairs(looks, pairing, False, silent)


def test_a_store_that_cannot_be_used_is_no_obstacle(looks, scenes, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FINEXL_HOME", str(tmp_path / "file"))
    embedded = embed_pairs(looks, pair_images(scenes(2), scenes(2)), True, silent)
    assert embedded.base.shape == (2, looks.dimensions)
    assert "cannot be used" in caplog.text


def test_progress_starts_with_what_is_known_already(looks, scenes, home):
    calls = []
    pairing = pair_images(scenes(20), scenes(20, "paler"))
    embed_pairs(looks, pair_images(scenes(4), scenes(4, start=4)), True, silent)
    embed_pairs(looks, pairing, True, lambda *call: calls.append(call[1:]))
    assert calls == [(8, 40), (16, 40), (24, 40), (32, 40), (40, 40)]


def test_vectors_are_kept_batch_by_batch(looks, scenes, home):
    """What was encoded before an error is not lost."""
    pictures = [*scenes(19), Image.new("RGB", (2, 2))]
    with pytest.raises(InputError, match="too small"):
        embed_pairs(looks, pair_images(pictures, scenes(20, "paler")), True, silent)
    with EmbeddingStore(home / "embeddings.sqlite") as store:
        assert store.info().count == 16
