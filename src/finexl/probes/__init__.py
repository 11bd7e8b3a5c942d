"""What both models are asked: prompts as data, seeds that anybody can repeat, and how many are enough.

probes = make_probes("portraits", n=25)
probes = make_probes("my-prompts.txt", n=None, seeds=4)     # every prompt of the file, four images each
probes = make_probes(None, n=100, labels=10)                # a model that takes a class and random numbers
"""

from __future__ import annotations

from finexl.probes.making import DEFAULT, from_captions, make_probes
from finexl.probes.prompts import SETS, load_prompts
from finexl.probes.sampling import next_total

__all__ = ["DEFAULT", "SETS", "from_captions", "load_prompts", "make_probes", "next_total"]
