"""Requests that wait, retry and give up like a polite guest, and trust nothing that comes back."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from functools import cached_property
from itertools import count
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from finexl.errors import InputError, MissingExtraError

LARGEST = 64 * 2**20
TRIES = 5
LONGEST_WAIT = 120.0
QUOTED = 200
"""Characters of a server's own words that a message repeats."""
BUSY = (408, 425, 429, 500, 502, 503, 504)

T = TypeVar("T")


class Server:
    """One server; nothing is sent before it is asked for something.

    Args:
        url: such as "http://127.0.0.1:7860"; "http://user:password@..." logs in with every request.
        timeout: seconds to wait for a reply to begin, and then for it to end.
        key: sent as a bearer token. Neither key nor password appears in `address` or in a message.
    Raises:
        InputError: the address is none.
        MissingExtraError: httpx2 is not installed.
    """

    def __init__(self, url: str, timeout: float, key: str | None = None) -> None:
        try:
            import httpx2
        except ImportError as error:
            raise MissingExtraError("drawing with a server", "services") from error
        parts = _split(url)
        self.host, self.timeout = parts.hostname or "", timeout
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        self._key = key
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._library: Any = httpx2

    def post(self, path: str, body: Mapping[str, Any], kind: type[T]) -> T:
        """The JSON reply to a JSON request, checked.

        Args:
            kind: what the reply has to be: a pydantic model, or a type built of such.
        Raises:
            InputError: no reply, a refusal, or one that is not of that kind; says what would help.
        """
        return self._checked(self._ask("POST", path, json=dict(body)), kind, path)

    def get(self, path: str, kind: type[T]) -> T:
        """A JSON reply, as `post`."""
        return self._checked(self._ask("GET", path), kind, path)

    def download(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """A reply as it is, as `post`."""
        return self._ask("GET", path, params=query)

    def close(self) -> None:
        """Let go of the connection; the next request makes it again."""
        opened = self.__dict__.pop("_client", None)
        if opened is not None:
            opened.close()

    @cached_property
    def _client(self) -> Any:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        patience = self._library.Timeout(self.timeout, connect=min(10.0, self.timeout))
        return self._library.Client(timeout=patience, headers=headers, auth=self._login)

    def _ask(self, method: str, path: str, **content: Any) -> bytes:
        """A whole reply; busy servers and broken replies are asked again, TRIES times in all."""
        for attempt in count(1):
            last = attempt == TRIES
            try:
                with self._client.stream(method, f"{self.address}{path}", **content) as reply:
                    if reply.status_code not in BUSY or last:
                        return self._whole(reply, path)
                    wait = pause(reply.headers.get("retry-after"), attempt)
            except self._library.TimeoutException as error:
                raise InputError(self._late(path)) from error
            except self._library.ConnectError as error:
                raise InputError(
                    f"{self.address} cannot be reached. Start the server, or check the address."
                ) from error
            except self._library.HTTPError as error:
                if last:
                    raise InputError(
                        f"{self.address}{path} broke off while it answered ({type(error).__name__})."
                    ) from error
                wait = pause(None, attempt)
            if wait > LONGEST_WAIT:
                raise InputError(
                    f"{self.address} asks to wait {wait:.0f} s before the next request. Run the same again then."
                )
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _whole(self, reply: Any, path: str) -> bytes:
        parts, size, deadline = [], 0, time.monotonic() + self.timeout
        for part in reply.iter_bytes():
            size += len(part)
            if size > LARGEST:
                raise InputError(f"{self.address}{path} sent more than {LARGEST >> 20} MB; that is no image.")
            if time.monotonic() > deadline:
                raise InputError(self._late(path))
            parts.append(part)
        content = b"".join(parts)
        if reply.status_code >= 300:
            raise InputError(self._refusal(reply, path, content))
        return content

    def _late(self, path: str) -> str:
        return (
            f"{self.address}{path} did not answer in time ({self.timeout:g} s). Raise the option timeout, or look at "
            "the server."
        )

    def _refusal(self, reply: Any, path: str, content: bytes) -> str:
        """What a status other than success means, in the server's own words but for the key."""
        status = reply.status_code
        said = quoted(content.replace(self._key.encode(), b"***") if self._key else content)
        if status < 400:
            there = urlsplit(reply.headers.get("location", ""))
            place = quoted(f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}".encode())
            return f"{self.address}{path} sends its guests on to {place}. Give that address if you trust it."
        if status in (401, 403):
            return (
                f"{self.address} refused the key or password ({status}). OPENAI_API_KEY holds the key of an OpenAI-like "
                "service; http://USER:PASSWORD@HOST logs in elsewhere."
            )
        if status == 404:
            return f"{self.address} has no {path}. Start it with its API enabled, or check the address."
        if status == 429:
            return f"{self.address} takes no more requests now (429: {said}). Wait, or check your quota."
        return f"{self.address}{path} answered {status}: {said}. Its log may tell more."

    def _checked(self, content: bytes, kind: type[T], path: str) -> T:
        try:
            return TypeAdapter(kind).validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            if first["type"] == "json_invalid":
                said = f"something that is no JSON ({quoted(content[:60])})"
            else:
                where = ".".join(str(part) for part in first["loc"]) or "all of it"
                said = f"a reply that cannot be used ({where}: {first['msg']})"
            raise InputError(f"{self.address}{path} sent {said}. Is it the right server?") from error


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # a port or an IPv6 address that is none
        pass
    shown = url.rpartition("@")[2]  # a password may stand before it
    raise InputError(f"{shown!r} is no address of a server. Give one such as http://127.0.0.1:7860.")


def pause(said: str | None, attempt: int) -> float:
    """Seconds until the next try: what the server asks for, as seconds or a date, or twice as long each time.

    Example:
        >>> pause("3", 1), pause(None, 1), pause(None, 3)
        (3.0, 0.25, 1.0)
    """
    try:
        return max(0.0, float(said or ""))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said or "").timestamp() - time.time())
    except ValueError:
        return 0.25 * 2.0 ** (attempt - 1)


def quoted(content: bytes) -> str:
    """The beginning of somebody else's words, on one line, in quotes."""
    text = " ".join(content[: 4 * QUOTED].decode("utf-8", "replace").split())
    return json.dumps(text[:QUOTED], ensure_ascii=False)
