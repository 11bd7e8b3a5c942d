"""An encoder of one's own: the example in the docstring works, and what is missing is named."""

from __future__ import annotations

import re
import textwrap

import numpy as np
import pytest

import finexl
from finexl import InputError
from looks import Looks


def test_the_smallest_example_in_the_docstring_names_its_word(scenes):
    block = re.search(r"by chance\):\n\n(.*?)\n    finexl", finexl.encoders.__doc__, re.DOTALL)
    names = {"np": np}
    exec(textwrap.dedent(block[1]), names)
    found = finexl.explain(scenes(30, "darker"), scenes(30), encoder=names["Thumbnail"](), cache=False)
    assert found.concepts[0].concept == "bright"
    assert found.concepts[0].low > 0


def test_what_an_object_lacks_is_named(scenes):
    class Three:
        prepare, encode_images, encode_texts = Looks.prepare, Looks.encode_images, Looks.encode_texts

    with pytest.raises(InputError, match="Three without name, identity, dimensions"):
        finexl.explain(scenes(4), scenes(4, "darker"), encoder=Three(), cache=False)


def test_texts_of_another_width_are_named(scenes):
    class Wide(Looks):
        def encode_texts(self, texts):
            return np.pad(super().encode_texts(texts), ((0, 0), (0, 1)))

    with pytest.raises(InputError, match=r"'looks' gave vectors of shape \(\d+, 49\) .* has 48 dimensions"):
        finexl.explain(scenes(4), scenes(4, "darker"), encoder=Wide(), cache=False)
