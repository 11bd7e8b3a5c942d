"""Models on disk or on the Hugging Face hub: where they are, which version they are, and what went wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from finexl.errors import InputError, MissingExtraError
from finexl.store import sha256_file

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


@dataclass(frozen=True)
class Place:
    """Where a model lies.

    Attributes:
        spec: as it was given.
        path: the file or folder; None for a model of the hub, which is fetched when it is loaded.
        version: changes whenever its content does: a hash of the files, or the hub's commit.
    """

    spec: str
    path: Path | None
    version: str

    @property
    def source(self) -> str:
        """What `from_pretrained` takes."""
        return str(self.path) if self.path is not None else self.spec


def find(spec: str, revision: str | None = None) -> Place:
    """A folder, a file, or a model of the hub by its id ("owner/name").

    Raises:
        InputError: there is no such file or folder, or no such model, or the hub cannot be asked.
    """
    if not spec.strip():
        raise InputError("no model is named. Give a folder, a file, or a model of the hub as owner/name.")
    path = Path(spec).expanduser()
    if path.exists():
        return Place(spec, path, sha256_tree(path))
    if spec.count("/") != 1 or spec.startswith((".", "/", "~")) or path.parent.is_dir():
        raise InputError(
            f"{spec!r} does not exist. Check the path, or give a model of the hub as owner/name."
        )
    return Place(spec, None, commit(spec, revision))


def commit(repo: str, revision: str | None = None) -> str:
    """The commit that a model of the hub stands at: the hub's word, or offline that of the local copy.

    Raises:
        InputError: no such model, no access to it, or neither hub nor local copy.
    """
    try:
        from huggingface_hub import HfApi, constants, scan_cache_dir
    except ImportError as error:
        raise MissingExtraError("a model of the hub", "diffusion") from error
    if not constants.HF_HUB_OFFLINE:
        with hub_errors(repo):
            return str(HfApi().model_info(repo, revision=revision).sha)
    folder = Path(constants.HF_HUB_CACHE) / f"models--{repo.replace('/', '--')}"
    if folder.is_dir():
        kept = [r for r in scan_cache_dir().repos if r.repo_id == repo]
        wanted = revision or "main"
        for version in (v for r in kept for v in r.revisions):
            if wanted in (*version.refs, version.commit_hash):
                return str(version.commit_hash)
    raise InputError(
        f"{repo!r} is no folder here, it is not in the hub's local cache, and HF_HUB_OFFLINE forbids asking the hub. "
        "Give a folder, or unset HF_HUB_OFFLINE."
    )


@contextmanager
def hub_errors(spec: str) -> Iterator[None]:
    """Say in our words, with the mend, what the hub refused. Tokens never appear in the message."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise InputError(
            f"{spec!r} is gated: accept its licence on https://huggingface.co/{spec}, then set HF_TOKEN or run hf auth login."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise InputError(
            f"the hub has no model {spec!r} that you may see. Check the name; for a private one set HF_TOKEN."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise InputError(
            f"{spec!r} has no such revision. Leave it out, or give a branch, tag or commit."
        ) from error
    except errors.EntryNotFoundError as error:
        raise InputError(
            f"{spec!r} lacks a file that is needed, or the hub cannot be reached: {_first(error)}"
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise InputError(
            f"{spec!r} is not here, and HF_HUB_OFFLINE forbids asking the hub. Unset it."
        ) from error
    except errors.HfHubHTTPError as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status == 401:
            raise InputError(
                "the hub refused your token (401). Renew HF_TOKEN, or unset it for public models."
            ) from error
        raise InputError(f"the hub answered {status} for {spec!r}. Try again later.") from error
    except (ConnectionError, TimeoutError) as error:
        raise InputError(
            f"the hub cannot be reached for {spec!r}. Check the network, or give a folder."
        ) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] in (
            "httpx",
            "httpx2",
            "httpcore",
            "httpcore2",
            "requests",
            "urllib3",
        ):
            raise InputError(
                f"the hub cannot be reached for {spec!r}. Check the network, or give a folder."
            ) from error
        raise


def sha256_tree(path: Path) -> str:
    """Hash of a file's content, or of the names and contents of all files below a folder."""
    if path.is_file():
        return _sha256(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
        status = file.stat()
        digest.update(
            f"{file.relative_to(path)}\n{_sha256(str(file.resolve()), status.st_size, status.st_mtime_ns)}\n".encode()
        )
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def _sha256(path: str, size: int, modified: int) -> str:
    """A file of gigabytes is read once a process, however many models share it."""
    return sha256_file(path)


def refuse_pickle(path: Path, allowed: bool) -> None:
    """Raise for a file that runs code when it is loaded.

    Raises:
        InputError: it is one, and the user has not opted in.
    """
    if path.suffix.lower() in PICKLES and not allowed:
        raise InputError(
            f"{str(path)!r} is a pickle, which can run any code when it is loaded. Convert it to .safetensors, or if you "
            "trust its source give the option unsafe_pickle=true."
        )


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def fetch(spec: str) -> Path:
    """Fetch an adapter from the hub: a repository ("owner/name") or one file of it ("owner/name/file").

    Raises:
        InputError: it is not there or cannot be had.
    """
    try:
        from huggingface_hub import hf_hub_download, snapshot_download
    except ImportError as error:
        raise MissingExtraError("a model of the hub", "diffusion") from error
    owner, name, *file = spec.split("/", 2)
    with hub_errors(f"{owner}/{name}"):
        if file:
            return Path(hf_hub_download(f"{owner}/{name}", file[0]))
        return Path(
            snapshot_download(f"{owner}/{name}", allow_patterns=["*.safetensors", "*.json", "README.md"])
        )
