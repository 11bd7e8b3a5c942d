"""A real model and a real inference server: random weights say nothing of sense, so that what is proven is the wire format."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import numpy as np
import pytest

from finexl.hub import find
from finexl.proposers import Evidence, ProposerError, load_proposer
from finexl.proposers.vlm import Endpoint, Vlm
from finexl.proposers.vlm import client as client_module
from finexl.proposers.vlm import local as local_module
from finexl.proposers.vlm.client import Client
from finexl.proposers.vlm.local import LocalModel
from finexl.proposers.vlm.questions import ask
from finexl.store.replies import ReplyStore
from scenery import darker, scene
from tiny_vlm import llama_vision, llava, qwen

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # the libraries warn about themselves, each version otherwise

PAIRS = [(scene(i), darker(scene(i))) for i in range(4)]
EVIDENCE = Evidence(np.eye(4, 8) + 1, lambda names: np.zeros((len(names), 8)), PAIRS.__getitem__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return llava(tmp_path_factory.mktemp("llava"))


@pytest.fixture(autouse=True)
def _short_replies(monkeypatch):
    """Random weights never end by themselves."""
    monkeypatch.setattr(client_module, "TOKENS", 8)
    monkeypatch.setattr(local_module, "TOKENS", 8)


@pytest.mark.parametrize("make", [llava, llama_vision])
def test_a_model_in_this_process_is_shown_the_pictures_and_answers(make, tmp_path):
    with pytest.raises(ProposerError, match="named no differences") as caught:
        load_proposer(f"transformers:{make(tmp_path)}", local_only=True).propose(EVIDENCE)
    assert (caught.value.usage.calls, caught.value.usage.tokens_out, caught.value.usage.cost) == (1, 8, 0)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is not None, reason="torchvision is here")
def test_a_model_that_needs_torchvision_says_so_and_names_the_way_around_it(tmp_path):
    with pytest.raises(ProposerError, match=r"needs torchvision, .* or serve the model with vLLM"):
        load_proposer(f"transformers:{qwen(tmp_path)}").propose(EVIDENCE)


def test_the_pictures_decide_the_answer(folder, monkeypatch):
    """What the model is fed changes with the pictures: they do arrive."""
    model = LocalModel(find(str(folder)))
    fed = []

    def generate(**inputs):
        fed.append(inputs["pixel_values"].numpy())
        return inputs["input_ids"]

    monkeypatch.setattr(model._model, "generate", generate)
    for pairs in (PAIRS, [(b, a) for a, b in PAIRS]):
        evidence = Evidence(EVIDENCE.differences, EVIDENCE.directions, pairs.__getitem__)
        with pytest.raises(ProposerError):
            model.ask(ask(evidence, 0, "separate", 0, 2))
    assert fed[0].shape[0] == 4
    assert np.abs(fed[0] - fed[1]).max() > 0.1


def test_pictures_that_do_not_fit_into_its_context_are_shown_closer_together(folder, monkeypatch):
    model = LocalModel(find(str(folder)))
    lengths = []

    def generate(**inputs):
        lengths.append(inputs["input_ids"].shape[1])
        return inputs["input_ids"]

    monkeypatch.setattr(model._model, "generate", generate)
    text = model._model.config.get_text_config()
    monkeypatch.setattr(text, "max_position_embeddings", 300)  # a sheet takes 272, four pictures 333
    where = Endpoint("transformers:x", "transformers:x", "x")
    proposer = Vlm(where, (), lambda: model, ReplyStore("/nowhere", "off"), asks=1, pairs=4)
    with pytest.raises(ProposerError, match="named no differences"):
        proposer.propose(EVIDENCE)
    assert proposer.layout == "sheet"
    assert len(lengths) == 1
    assert lengths[0] <= 300 - 8
    monkeypatch.setattr(text, "max_position_embeddings", 9)
    with pytest.raises(ProposerError, match=r"take \d+ of the 9 tokens"):
        model.ask(ask(EVIDENCE, 0, "sheet", 0, 2))


def test_a_model_that_breaks_on_the_pictures_is_no_reason_to_stop(folder, monkeypatch):
    model = LocalModel(find(str(folder)))

    def generate(**inputs):
        raise IndexError("index 7 is out of bounds")

    monkeypatch.setattr(model._model, "generate", generate)
    with pytest.raises(ProposerError, match="broke on the pictures"):
        model.ask(ask(EVIDENCE, 0, "separate", 0, 2))


def test_a_text_only_model_is_said_to_be_one(tmp_path):
    from tiny_models import clip_text, clip_tokenizer

    clip_text().save_pretrained(tmp_path)
    clip_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ProposerError, match="cannot"):
        load_proposer(f"transformers:{tmp_path}").propose(EVIDENCE)


@pytest.fixture(scope="module")
def server(folder):
    """`transformers serve`, as people run it."""
    pytest.importorskip("fastapi")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "transformers.cli.transformers",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    try:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=1):
                break
            time.sleep(0.3)
        assert process.poll() is None, process.stdout.read()[-2000:]
        yield address
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_real_inference_server_takes_our_request(server, folder):
    where = Endpoint(f"vllm:{folder}", f"{server}/v1", str(folder))
    proposer = Vlm(where, (), lambda: Client(where, 60.0, 0), ReplyStore("/nowhere", "off"), pairs=2)
    with pytest.raises(ProposerError, match="named no differences") as caught:
        proposer.propose(EVIDENCE)
    assert "answered 5" not in str(caught.value)
