"""Pairs of pictures to look at, and a model at an address."""

from __future__ import annotations

import numpy as np
import pytest

from answers import SECRET
from finexl.proposers import Evidence, load_vocabulary
from finexl.proposers.vlm import Endpoint, Vlm
from finexl.proposers.vlm.client import Client
from finexl.store.replies import ReplyStore
from scenery import darker, scene


@pytest.fixture
def evidence():
    """evidence(n, ...): n pairs of which the second is darker."""

    def make(n=10, **changes):
        rng = np.random.default_rng(0)
        pairs = [(scene(i), darker(scene(i))) for i in range(n)]
        D = rng.standard_normal((n, 8)) * 0.1 + np.eye(8)[0]
        return Evidence(D, lambda names: np.zeros((len(names), 8)), pairs.__getitem__, **changes)

    return make


@pytest.fixture
def model():
    """model(address, ...): a proposer that asks there."""

    def make(address, store=None, retries=1, timeout=20.0, name="gpt-4o", **options):
        where = Endpoint(f"openai:{name}", f"{address}/v1", name, SECRET, "OPENAI_API_KEY")
        store = store or ReplyStore("/nowhere", "off")
        return Vlm(where, load_vocabulary(), lambda: Client(where, timeout, retries), store, **options)

    return make
