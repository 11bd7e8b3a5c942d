"""Requests that wait, retry and give up like a polite guest, and trust nothing that comes back."""

from __future__ import annotations

import base64
import binascii
import io
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from finexl.errors import InputError, MissingExtraError
from finexl.generators.images import read_image

LARGEST = 64 * 2**20
TRIES = 5
LONGEST_WAIT = 60.0
BUSY = (408, 425, 429, 500, 502, 503, 504)


class Server:
    """One server.

    Args:
        url: such as "http://127.0.0.1:7860".
        timeout: seconds to wait for a reply to begin, or between two parts of it.
        key: sent as a bearer token; it appears in no message.
    Raises:
        InputError: the address is none.
        MissingExtraError: httpx2 is not installed.
    """

    def __init__(self, url: str, timeout: float, key: str | None = None) -> None:
        try:
            import httpx2
        except ImportError as error:
            raise MissingExtraError("drawing with a server", "services") from error
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"{url!r} is no address of a server. Give one such as http://127.0.0.1:7860.")
        self.address = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx2.Client(timeout=httpx2.Timeout(timeout, connect=10.0), headers=headers)
        self._library: Any = httpx2

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """A JSON reply.

        Raises:
            InputError: no reply, a refusal, or one that is no JSON; says what would help.
        """
        return self._json(self._ask("POST", path, json=dict(body)))

    def get(self, path: str, **query: str) -> Any:
        """A JSON reply, as `post`."""
        return self._json(self._ask("GET", path, params=query))

    def download(self, path: str, **query: str) -> bytes:
        """A reply as it is, as `post`."""
        return self._ask("GET", path, params=query)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _ask(self, method: str, path: str, **content: Any) -> bytes:
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                with self._http.stream(method, f"{self.address}{path}", **content) as reply:
                    if reply.status_code in BUSY and not last:
                        wait = _wait(reply.headers.get("retry-after"), attempt)
                    else:
                        return self._whole(reply, path)
            except self._library.TimeoutException as error:
                raise InputError(
                    f"{self.address}{path} did not answer in time. Raise the option timeout, or look at the server."
                ) from error
            except self._library.ConnectError as error:
                raise InputError(
                    f"{self.address} cannot be reached. Start the server, or check the address."
                ) from error
            except self._library.HTTPError as error:
                if last:
                    raise InputError(
                        f"{self.address}{path} broke off while it answered ({type(error).__name__})."
                    ) from error
                wait = _wait(None, attempt)
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _whole(self, reply: Any, path: str) -> bytes:
        parts, size = [], 0
        for part in reply.iter_bytes():
            size += len(part)
            if size > LARGEST:
                raise InputError(f"{self.address}{path} sent more than {LARGEST >> 20} MB; that is no image.")
            parts.append(part)
        content = b"".join(parts)
        if reply.status_code < 400:
            return content
        said = " ".join(content[:300].decode("utf-8", "replace").split())
        if reply.status_code in (401, 403):
            raise InputError(
                f"{self.address} refused the key ({reply.status_code}). Set the right one, see the docs."
            )
        if reply.status_code == 404:
            raise InputError(
                f"{self.address} has no {path}. Start it with its API enabled, or check the address."
            )
        if reply.status_code == 429:
            raise InputError(f"{self.address} takes no more requests now (429). Wait, or check your quota.")
        raise InputError(f"{self.address}{path} answered {reply.status_code}: {said!r}.")

    def _json(self, content: bytes) -> Any:
        import json

        try:
            return json.loads(content)
        except ValueError as error:
            raise InputError(
                f"{self.address} sent something that is no JSON ({content[:60]!r}). Is it the right server?"
            ) from error


def _wait(said: str | None, attempt: int) -> float:
    """Seconds until the next try: what the server asks for, or twice as long each time."""
    try:
        return min(LONGEST_WAIT, max(0.0, float(said or "")))
    except ValueError:
        return 0.25 * 2.0**attempt


def decode(text: Any, whose: str) -> Image.Image:
    """An image from base64, with or without "data:image/...;base64,".

    Raises:
        InputError: it is none.
    """
    try:
        raw = base64.b64decode(str(text).rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{whose} sent an image that is no base64. Is it the right server?") from error
    return open_image(raw, whose)


def open_image(raw: bytes, whose: str) -> Image.Image:
    """An image from a file's bytes.

    Raises:
        InputError: it is none, or damaged.
    """
    try:
        image = Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP"))
        return read_image(image).image
    except (InputError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{whose} sent something that is no whole PNG, JPEG or WebP image.") from error
