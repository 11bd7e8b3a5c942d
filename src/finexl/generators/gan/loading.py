"""`gan:...` -> a generator: which file, what is known about it, and whether it may be loaded at all."""

from __future__ import annotations

import json
from pathlib import Path

from finexl.errors import InputError
from finexl.generators.gan.adapters import AdaptedGan, put_on
from finexl.generators.gan.generator import GanGenerator, GanSettings
from finexl.generators.specs import split_spec
from finexl.options import Options, read_options


def load(rest: str, options: Options) -> GanGenerator | AdaptedGan:
    """A generator from what follows "gan:"; nothing is loaded yet.

    Raises:
        InputError: the file is missing, of a kind that is not loaded, or the options do not fit.
    """
    (first, strength), *others = split_spec(rest)
    if strength != 1.0:
        raise InputError(f"{first!r} is a base, which has no strength. Leave ':{strength:g}' out.")
    if len(others) > 1:
        raise InputError(f"{rest!r} names {len(others)} adapters; a GAN takes one. Compare them one by one.")
    base = _base(first, options)
    return put_on(base, *others[0]) if others else base


def _base(rest: str, options: Options) -> GanGenerator:
    path = Path(rest).expanduser()
    if not path.exists():
        raise InputError(f"the model {rest!r} does not exist. Check the path for a typing error.")
    if path.is_dir():
        path, options = _folder(path, options)
    settings = read_options(GanSettings, options, "gan")
    ending = path.suffix.lower()
    if ending in (".pt", ".ts", ".pth", ".torchscript") and not settings.unsafe_code:
        raise InputError(
            f"{str(path)!r} may be TorchScript, which can run any code. Export it to .onnx or .pt2, or if you trust its "
            "source give -O unsafe_code=true."
        )
    if ending not in (".onnx", ".pt2", ".pt", ".ts", ".pth", ".torchscript"):
        raise InputError(
            f"{str(path)!r} is no .onnx or .pt2 file. A pickle (.pkl) runs the code it holds and is never loaded: export the "
            "generator to ONNX, or make the images elsewhere and give two folders."
        )
    return GanGenerator(rest, path, settings)


def _folder(folder: Path, options: Options) -> tuple[Path, Options]:
    """The network of a folder, and its config.json under the user's own options."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        known = {k: str(v) for k, v in config.items() if k in GanSettings.model_fields and k != "unsafe_code"}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{str(folder)!r} has no config.json that can be read ({error}).") from error
    for name in ("model.onnx", "model.pt2"):
        if (folder / name).is_file():
            return folder / name, {**known, **options}
    raise InputError(f"{str(folder)!r} holds neither model.onnx nor model.pt2.")
