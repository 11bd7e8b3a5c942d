"""The studio: every probe drawn once, every image encoded once, whatever happens in between."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from drawers import Drawer, darker
from finexl import InputError, Probe
from finexl.generating import Studio, pair_drawn
from finexl.generators import read_image
from finexl.store import sha256_source

PROBES = [Probe(prompt=f"scene {i}", seed=i) for i in range(10)]


def studio(looks, cache=True, report=None):
    return Studio(looks, cache, report or (lambda stage, done, total: None))


def pixels(sources):
    return [np.asarray(read_image(source).image) for source in sources]


def test_images_come_in_the_order_of_the_probes_whatever_was_drawn_before(home, looks):
    drawer = Drawer()
    studio(looks).draw(drawer, PROBES[3:6], "drawing")
    mixed = studio(looks).draw(drawer, PROBES, "drawing")
    fresh = drawer.generate(PROBES)
    assert all(np.array_equal(a, np.asarray(b)) for a, b in zip(pixels(mixed), fresh, strict=True))


def test_nothing_is_drawn_or_encoded_twice_across_runs(home, looks):
    drawer = Drawer()
    studio(looks).draw(drawer, PROBES, "drawing")
    assert len(drawer.drawn()) == looks.prepared == 10
    again = studio(looks)
    again.draw(drawer, PROBES, "drawing")
    again.draw(drawer, PROBES[:4], "drawing")
    assert len(drawer.drawn()) == looks.prepared == 10


def test_images_are_embedded_while_drawing_exactly_as_they_would_be_from_their_files(home, looks):
    room = studio(looks)
    sources = room.draw(Drawer(), PROBES, "drawing")
    for source in sources:
        alone = looks.encode_images(looks.prepare(read_image(source).image)[None])
        assert np.array_equal(room.vectors[sha256_source(source)], alone[0])


def test_a_model_that_cannot_say_who_it_is_leaves_nothing_behind(home, looks):
    drawer = Drawer()
    drawer.identity = None
    sources = studio(looks).draw(drawer, PROBES[:3], "drawing")
    assert all(isinstance(source, Image.Image) for source in sources)
    assert not (home / "images").exists()


def test_without_a_cache_nothing_is_written(home, looks):
    studio(looks, cache=False).draw(Drawer(), PROBES, "drawing")
    assert not home.exists()


def test_a_full_disk_costs_the_cache_and_nothing_else(home, looks, caplog):
    home.mkdir()
    (home / "images").write_text("in the way")
    sources = studio(looks).draw(Drawer(), PROBES, "drawing")
    assert len(sources) == 10
    assert "not kept" in caplog.text


def test_what_was_drawn_before_a_failure_is_kept(home, looks):
    class Fails(Drawer):
        def generate(self, probes):
            if PROBES[8] in probes and not getattr(self, "mended", False):
                raise InputError("out of memory")
            return super().generate(probes)

    drawer = Fails()
    with pytest.raises(InputError, match="out of memory"):
        studio(looks).draw(drawer, PROBES, "drawing")
    drawer.mended = True
    studio(looks).draw(drawer, PROBES, "drawing")
    assert len(drawer.drawn()) == 10


def test_models_that_share_weights_are_not_closed_in_between_and_others_are(home, looks):
    room = studio(looks)
    base, change = Drawer(), Drawer(darker)
    change.log = base.log
    for generator in (base, change):
        room.draw(generator, PROBES[:2], "drawing")
    assert ("closed", "base") not in base.log
    stranger = Drawer(darker, 0.5, log=base.log, holder="another model")
    room.draw(stranger, PROBES[:2], "drawing")
    assert base.log.index(("closed", change.name)) < base.log.index((stranger.name, PROBES[0]))
    room.close()
    assert base.log[-1] == ("closed", stranger.name)


def test_progress_counts_what_the_store_held(home, looks):
    studio(looks).draw(Drawer(), PROBES[:5], "drawing")
    told = []
    studio(looks, report=lambda *args: told.append(args)).draw(Drawer(), PROBES, "drawing base images")
    assert told[0] == ("drawing base images", 5, 10)
    assert told[-1] == ("drawing base images", 10, 10)


def flat(image):
    return Image.new("RGB", image.size)


def test_images_of_one_colour_are_counted_and_named(home, looks):
    class Filtered(Drawer):
        def _draw(self, probe):
            image = super()._draw(probe)
            return flat(image) if probe.seed < 3 else image

    room = studio(looks)
    room.draw(Filtered(), PROBES, "drawing")
    assert room.notes == ["3 of 10 images by 'base' are one flat colour."]


def test_a_model_that_draws_only_black_is_an_error_that_says_why(home, looks):
    with pytest.raises(InputError, match="safety filter"):
        studio(looks).draw(Drawer(flat), PROBES, "drawing")


def test_a_model_that_gives_too_few_images_is_refused(home, looks):
    class Lazy(Drawer):
        def generate(self, probes):
            return super().generate(probes)[1:]

    with pytest.raises(InputError, match="3 images for 4 probes"):
        studio(looks).draw(Lazy(), PROBES, "drawing")


def test_pairs_are_called_after_what_was_asked():
    probes = [Probe(prompt="a cat", seed=3), Probe(label=7, seed=4), Probe(seed=5)]
    image = Image.new("RGB", (32, 32))
    pairing = pair_drawn(probes, [image] * 3, [image] * 3)
    assert pairing.names == ("a cat, seed 3", "class 7, seed 4", "seed 5")
