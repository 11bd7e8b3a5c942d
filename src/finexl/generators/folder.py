"""Two sets of pictures -> pairs. Wrong pairs would blur every figure unnoticed, so doubt is an error."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.errors import InputError, UnknownNameError
from finexl.generators.images import Source, read_image

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
HOWS = ("auto", "name", "order", "unpaired")
UNPAIRED = (
    "The sets were compared without pairs: content differences count as noise, so small changes are missed "
    "and intervals are wider."
)
BY_NAME = "--pair name (in Python pair='name')"
BY_ORDER = "--pair order (pair='order')"
WITHOUT = "--pair unpaired (pair='unpaired')"

Images = str | Path | Sequence[str | Source] | NDArray[Any]
"""A set of pictures: a folder, a sequence of pictures, or one array of shape (n, h, w, 3 or 4)."""


@dataclass(frozen=True)
class Pairing:
    """Which picture is compared with which.

    Attributes:
        names: what each pair is called: its file name without ending, or its number.
        base, personalized: the pictures; the i-th of both make a pair.
        paired: False when the two pictures of a pair have nothing to do with one another.
        notes: what the reader should know about the pairing, each one sentence.
    """

    names: tuple[str, ...]
    base: tuple[Source, ...]
    personalized: tuple[Source, ...]
    paired: bool = True
    notes: tuple[str, ...] = ()

    def pictures(self, index: int) -> tuple[Image.Image, Image.Image]:
        """The two pictures of one pair, RGB.

        Raises:
            InputError: one of them cannot be read.
        """
        return read_image(self.base[index]).image, read_image(self.personalized[index]).image


def list_images(folder: str | Path) -> list[Path]:
    """The image files of a folder in natural order: img2 before img10.

    Hidden files and folders inside are passed over; the case of endings does not matter.

    Raises:
        InputError: the folder is missing, is a file, cannot be read, or holds no image.
    """
    folder = Path(folder)
    what = repr(str(folder))
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except FileNotFoundError as error:
        raise InputError(f"the folder {what} does not exist. Check the path for a typing error.") from error
    except NotADirectoryError as error:
        raise InputError(f"{what} is a file, not a folder. Give the folder that holds the images.") from error
    except PermissionError as error:
        raise InputError(f"the folder {what} cannot be read. Give yourself permission to read it.") from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"the folder {what} cannot be read ({error}). Check the path and the disk."
        ) from error
    folders = [entry for entry in entries if entry.is_dir()]
    files = [entry for entry in entries if entry not in set(folders)]
    images = [entry for entry in files if entry.suffix.lower() in ENDINGS]
    if not images:
        inside = f" and {_count(len(folders), 'folder')}, which are not searched" if folders else ""
        raise InputError(
            f"the folder {what} holds no images, only {_count(len(files), 'other file')}{inside}. "
            f"Give a folder of images; these endings are read: {' '.join(ENDINGS)}."
        )
    return sorted(images, key=lambda path: natural_key(path.name))


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that reads runs of digits as numbers and disregards case; the name itself breaks ties."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(parts) if p], name


def pair_images(
    base: Images, personalized: Images, how: str = "auto", seed: int = 0, listed: bool = False
) -> Pairing:
    """Decide which picture of `base` is compared with which of `personalized`.

    Args:
        base, personalized: a folder each, or sequences of paths, PIL images or arrays.
        how: "name": by file name without ending; those without a partner are left out.
            "order": the i-th with the i-th (folders in natural order); counts must be equal.
            "unpaired": at random, for sets that share no prompts and seeds.
            "auto": folders by name when all names match, by order when none does and the counts are equal,
            and otherwise an error; sequences by order.
        seed: of the random assignment.
        listed: a sequence stands for a table of files, whose order nobody chose with care: "auto" does as with folders.
    Raises:
        InputError: the sets cannot be paired without guessing, or make fewer than 2 pairs.
        UnknownNameError: `how` is none of these.
    """
    if how not in HOWS:
        raise UnknownNameError("way of pairing", how, HOWS)
    a, b = _sources(base, "base"), _sources(personalized, "personalized")
    notes = _same_folder(base, personalized)
    if how == "auto" and (listed or (_is_folder(base) and _is_folder(personalized))):
        pairing = _by_likeness(a, b)
    elif how == "name":
        pairing = _by_name(a, b)
    elif how == "unpaired":
        pairing = _unpaired(a, b, seed)
    else:
        pairing = _by_order(a, b)
    if len(pairing.names) < 2:
        raise InputError(
            f"one image is not enough: {_count(len(pairing.names), 'pair')} from {len(a)} base and {len(b)} "
            "personalized images, at least 2 are needed, 25 or more advised. Give more images of the same "
            "prompts and seeds."
        )
    return Pairing(pairing.names, pairing.base, pairing.personalized, pairing.paired, notes + pairing.notes)


def _is_folder(images: Images) -> bool:
    return isinstance(images, str | Path)


def _sources(images: Images, side: str) -> list[Source]:
    if isinstance(images, str) and not images:
        raise InputError(
            f"the {side} images are an empty name. Give a folder (is a variable of your shell unset?)."
        )
    if isinstance(images, str | Path):
        return list(list_images(images))
    if isinstance(images, np.ndarray) and images.ndim != 4:
        raise InputError(
            f"the {side} images are one array of shape {images.shape}. Give a list of arrays, one a "
            "picture, or one array of shape (n, h, w, 3)."
        )
    if isinstance(images, Image.Image) or not (hasattr(images, "__iter__") and hasattr(images, "__len__")):
        raise InputError(
            f"the {side} images are a {type(images).__name__}. Give a folder, "
            "or a list of paths, PIL images or arrays."
        )
    return [Path(image) if isinstance(image, str) else image for image in images]


def _same_folder(base: Images, personalized: Images) -> tuple[str, ...]:
    if (
        isinstance(base, str | Path)
        and isinstance(personalized, str | Path)
        and os.path.samefile(base, personalized)
    ):
        return ("Base and personalized images come from the same folder.",)
    return ()


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _stems(sources: Sequence[Source], side: str) -> dict[str, Source]:
    """File name without ending -> file. One name has several spellings in Unicode; they count as one."""
    stems: dict[str, Source] = {}
    for source in sources:
        if not isinstance(source, Path):
            raise InputError(
                f"the {side} images are held in memory and have no file names to pair by. Use {BY_ORDER}."
            )
        stem = unicodedata.normalize("NFC", source.stem)
        if stem in stems:
            raise InputError(
                f"two {side} images are called {stem!r}: {str(stems[stem])!r} and {str(source)!r}. "
                f"Remove one of them, or use {BY_ORDER}."
            )
        stems[stem] = source
    return stems


def _by_likeness(a: Sequence[Source], b: Sequence[Source]) -> Pairing:
    """The "auto" of two folders."""
    left, right = _stems(a, "base"), _stems(b, "personalized")
    if left.keys() == right.keys():
        return _by_name(a, b)
    if left.keys().isdisjoint(right):
        if len(a) != len(b):
            raise InputError(
                f"no file name is in both folders and the counts differ: {len(a)} base and {len(b)} "
                f"personalized images. Name images of the same prompt and seed alike, or use {WITHOUT}."
            )
        pairing = _by_order(a, b)
        note = (
            "No file name is in both folders, so the images were paired in sorted order "
            f"({_name(a[0])!r} with {_name(b[0])!r} first); if they do not come from the same prompts and "
            f"seeds, use {WITHOUT}."
        )
        return Pairing(pairing.names, pairing.base, pairing.personalized, notes=(note,))
    only_left = [str(p) for stem, p in left.items() if stem not in right]
    only_right = [str(p) for stem, p in right.items() if stem not in left]
    raise InputError(
        f"some images have no partner of the same name: {_some(only_left)} of base and {_some(only_right)} "
        f"of personalized. Add the missing ones, or use {BY_NAME} to leave these out, {BY_ORDER} if both "
        f"folders are sorted alike, or {WITHOUT}."
    )


def _some(paths: Sequence[str], most: int = 3) -> str:
    if not paths:
        return "none"
    shown = ", ".join(repr(path) for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"


def _by_name(a: Sequence[Source], b: Sequence[Source]) -> Pairing:
    left, right = _stems(a, "base"), _stems(b, "personalized")
    common = [stem for stem in left if stem in right]
    if len(common) < 2 <= min(len(a), len(b)):
        raise InputError(
            f"{len(a)} base and {len(b)} personalized images have {_count(len(common), 'file name')} in "
            f"common (base {_name(a[0])!r}, personalized {_name(b[0])!r}), at least 2 are needed. Name "
            f"images of the same prompt and seed alike, or use {BY_ORDER} or {WITHOUT}."
        )
    out = [len(a) - len(common), len(b) - len(common)]
    note = f"{out[0]} base and {out[1]} personalized images without a partner of the same name were left out."
    return Pairing(
        tuple(common),
        tuple(left[stem] for stem in common),
        tuple(right[stem] for stem in common),
        notes=(note,) if any(out) else (),
    )


def _by_order(a: Sequence[Source], b: Sequence[Source]) -> Pairing:
    if len(a) != len(b):
        raise InputError(
            f"{len(a)} base and {len(b)} personalized images cannot be paired in order. Give as many of one "
            f"as of the other, use {BY_NAME} for files whose names match, or {WITHOUT}."
        )
    return Pairing(_names(a, b), tuple(a), tuple(b))


def _unpaired(a: Sequence[Source], b: Sequence[Source], seed: int) -> Pairing:
    n = min(len(a), len(b))
    rng = np.random.default_rng(seed)
    left = [a[i] for i in np.sort(rng.permutation(len(a))[:n])]
    right = [b[i] for i in rng.permutation(len(b))[:n]]
    notes = [UNPAIRED]
    if len(a) != len(b):
        notes.append(
            f"Of {len(a)} base and {len(b)} personalized images, {n} of each, drawn at random, were used."
        )
    return Pairing(_names(left, right), tuple(left), tuple(right), paired=False, notes=tuple(notes))


def _name(source: Source) -> str:
    return source.name if isinstance(source, Path) else "an image in memory"


def _names(a: Sequence[Source], b: Sequence[Source]) -> tuple[str, ...]:
    """The file name without ending, both of them where they differ, or the number of the pair, from 1."""
    names = []
    for number, (left, right) in enumerate(zip(a, b, strict=True), 1):
        stems = dict.fromkeys(source.stem for source in (left, right) if isinstance(source, Path))
        names.append(" + ".join(stems) or str(number))
    return tuple(names)
