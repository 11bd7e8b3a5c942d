"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.errors import InputError

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")]
Prompts = Annotated[
    str | None,
    typer.Option(
        help="What models are asked: general, portraits, objects, landscapes, captions (of the adapter's training), or a text "
        "file with a prompt a line. "
        "With folders: the file of the prompts in the order of the pairs, or metadata, or names (of the files)."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        "-O",
        metavar="NAME=VALUE",
        help="Setting of the models, such as steps=20, guidance=5, device=cuda, dtype=float16. Repeatable.",
    ),
]
NProbes = Annotated[
    int | None, typer.Option(min=2, help="Pairs that models draw. Default 50, or all your prompts.")
]
Trigger = Annotated[
    str, typer.Option(help="Word put before every prompt: auto (what the adapter names), none, or your own.")
]
Pair = Annotated[
    str,
    typer.Option(
        help="How images are paired: auto, name (same file name), order, or unpaired (costs sharpness)."
    ),
]
Method = Annotated[str, typer.Option(help="finexl, algorithm1 (the paper) or subspace.")]
EncoderSpec = Annotated[str, typer.Option(help="Image-text encoder: builtin, clip:REPO, siglip:REPO, ...")]
Vocabulary = Annotated[
    Path | None,
    typer.Option(
        help="Your own concepts: .txt (one a line, 'phrase : aspect') or .toml. Default: the built-in list."
    ),
]
MaxConcepts = Annotated[int, typer.Option(min=1, help="Report at most this many.")]
Confidence = Annotated[float, typer.Option(min=0.5, max=0.999, help="Of the intervals and of the tests.")]
ProposerSpec = Annotated[
    str,
    typer.Option(
        "--proposer",
        help="Who names concepts: vocabulary, a vision-language model such as openai:gpt-4o or ollama:llava, several with + "
        "between, or auto: the model that FINEXL_VLM_MODEL names, if any, always with the vocabulary.",
    ),
]
Rounds = Annotated[
    int,
    typer.Option(min=1, help="Ask a model at most so often; after the first time about what is unexplained."),
]
RequireVlm = Annotated[
    bool,
    typer.Option(
        "--require-vlm", help="Fail if no vision-language model answers, rather than go on without."
    ),
]
LocalOnly = Annotated[
    bool,
    typer.Option(
        "--local-only", help="Refuse models outside this machine and its network: no image leaves it."
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what would be sent to a vision-language model, and send nothing."),
]
Seed = Annotated[
    int, typer.Option(min=0, help="Of probes, bootstrap and permutations; same inputs and seed, same answer.")
]
Cache = Annotated[
    bool, typer.Option("--cache/--no-cache", help="Keep and reuse images and embeddings (see: finexl cache).")
]
Json = Annotated[
    Path | None,
    typer.Option(help="Also write the result as JSON to this file; '-' prints only JSON to standard output."),
]


def read_settings(settings: list[str] | None) -> dict[str, str]:
    """NAME=VALUE texts as a mapping.

    Raises:
        InputError: one has no "=", or a name comes twice.
    """
    found: dict[str, str] = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            raise InputError(
                f"--option {setting!r}: give NAME=VALUE, each name once, such as --option steps=20."
            )
        found[name.strip()] = value.strip()
    return found


def read_strengths(text: str | None) -> tuple[float, ...]:
    """ "0,0.5,1" as numbers.

    Raises:
        InputError: a part is no number.
    """
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise InputError(
            f"--strengths {text!r}: give numbers with commas between them, such as 0,0.5,1."
        ) from error
