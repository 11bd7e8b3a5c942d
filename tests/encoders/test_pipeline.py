import threading

import numpy as np
import pytest
from PIL import Image

from finexl.encoders import embed, load_encoder
from finexl.errors import InputError, UnknownNameError


class Mean:
    """Encodes a picture as its mean colour, counting what it does."""

    name, identity, dimensions = "mean", "mean-1", 3

    def __init__(self):
        self.batches = []

    def prepare(self, image):
        return np.asarray(image.resize((4, 4)))

    def encode_images(self, batch):
        self.batches.append(len(batch))
        mean = batch.reshape(len(batch), -1, 3).mean(1) + 1
        return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)

    def encode_texts(self, texts):
        return np.ones((len(texts), 3), np.float32) / np.sqrt(3)


def solid(i):
    return Image.new("RGB", (8, 8), (i, 255 - i, 7))


def test_order_is_kept_and_each_item_is_read_once():
    seen, lock = [], threading.Lock()

    def read(i):
        with lock:
            seen.append(i)
        return solid(i)

    encoder = Mean()
    out = list(embed(encoder, range(37), read, batch=16))
    assert [i for items, _ in out for i in items] == list(range(37))
    assert sorted(seen) == list(range(37))
    assert encoder.batches == [16, 16, 5]
    direct = encoder.encode_images(np.stack([encoder.prepare(solid(i)) for i in range(37)]))
    np.testing.assert_array_equal(np.concatenate([v for _, v in out]), direct)


def test_at_most_two_batches_are_read_ahead():
    ahead, done, lock = [0], [0], threading.Lock()

    def read(i):
        with lock:
            ahead[0] += 1
            assert ahead[0] - done[0] <= 3 * 8
        return solid(i % 255)

    for items, _ in embed(Mean(), range(400), read, batch=8):
        done[0] += len(items)


def test_the_first_unreadable_picture_is_reported():
    def read(i):
        if i >= 5:
            raise InputError(f"picture {i}")
        return solid(i)

    with pytest.raises(InputError, match="picture 5"):
        list(embed(Mean(), range(40), read, batch=4))


def test_nothing_to_embed():
    assert list(embed(Mean(), [], solid)) == []


def test_an_unknown_encoder_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'buildin'.*Did you mean 'builtin'.*Known: .*builtin"):
        load_encoder("buildin")


def test_any_object_with_the_protocol_is_an_encoder():
    encoder = Mean()
    assert load_encoder(encoder) is encoder
