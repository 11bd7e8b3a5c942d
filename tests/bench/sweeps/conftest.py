"""Every experiment here runs on tiny photographs, each test on ones of its own."""

from __future__ import annotations

import pytest
import sweep_worlds

from finexl.bench import sweeps


@pytest.fixture
def tiny(monkeypatch):
    yield sweep_worlds.tiny(monkeypatch)
    sweeps.ground.cache_clear()
