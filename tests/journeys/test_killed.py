"""A run that is killed at random moments, fifty times: nothing finished is drawn again, nothing torn is read."""

from __future__ import annotations

import multiprocessing
import random
import time

import finexl
from drawers import Drawer, darker
from finexl import Probe
from finexl.generators import read_image
from finexl.store import ImageStore
from looks import Looks
from test_explaining import Few, content

KILLS = 50
PROBES = [Probe(prompt=f"scene {i}", seed=i) for i in range(400)]


class Logged(Drawer):
    """Notes every probe it draws in a file, and takes its time."""

    def __init__(self, file, change=None):
        super().__init__(change)
        self.file = file

    def generate(self, probes):
        time.sleep(0.02)
        images = super().generate(probes)
        with open(self.file, "a") as file:
            file.writelines(f"{self.name}|{probe.seed}\n" for probe in probes)
        return images


def explain(file, probes=PROBES):
    models = Logged(file), Logged(file, darker)
    return finexl.explain(*models, probes, encoder=Looks(), proposer=Few())


def finished(home):
    """Which (model, seed) the store holds, each of them whole."""
    store = ImageStore(home / "images")
    found = set()
    for drawer in (Drawer(), Drawer(darker)):
        for probe in PROBES:
            path = store.get(drawer.identity, probe)
            if path:
                read_image(path)
                found.add(f"{drawer.name}|{probe.seed}")
    return found


def test_fifty_kills_cost_nothing_that_was_finished(home, tmp_path, monkeypatch):
    rng = random.Random(0)
    explain(tmp_path / "warm up.log", PROBES[:2])  # every module is loaded before the first fork
    context = multiprocessing.get_context("fork")
    before = finished(home)
    killed = 0
    for attempt in range(KILLS):
        log = tmp_path / f"{attempt}.log"
        child = context.Process(target=explain, args=(log,))
        child.start()
        child.join(rng.uniform(0.03, 0.25))
        killed += child.is_alive()
        child.kill()
        child.join()
        drawn = log.read_text().splitlines() if log.exists() else []
        assert not before & set(drawn)
        after = finished(home)
        assert before <= after
        before = after
    assert killed >= KILLS / 2
    assert len(before) > 20, "the kills came before anything was drawn"
    last = explain(tmp_path / "last.log")
    assert not before & set((tmp_path / "last.log").read_text().splitlines())
    monkeypatch.setenv("FINEXL_HOME", str(tmp_path / "another home"))
    whole = explain(tmp_path / "whole.log")
    assert [(c.concept, c.weight) for c in last.concepts] == [(c.concept, c.weight) for c in whole.concepts]
    assert content(last).replace(str(home), "") == content(whole).replace(str(tmp_path / "another home"), "")
