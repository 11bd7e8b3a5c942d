"""The HTTP client under the openai SDK: it waits for a reply no longer than was said, and goes nowhere else with pictures."""

from __future__ import annotations

import time
from typing import Any

LARGEST = 4 * 2**20
"""Bytes of a reply that are read; what follows is no answer to a question of ours."""


def http_client(openai: Any, timeout: float, is_local: bool) -> Any:
    """A client for one endpoint.

    The SDK's own waits anew for every byte, so that a server that sends one now and then is never given up, and it asks
    a server that hangs five times. Here a reply has `timeout` seconds to begin and as many to end, and one that is late is not
    asked for again: it reads as a 504.

    Args:
        openai: the package.
        is_local: do not go through a proxy, nor where the server redirects to: what should stay in this network does.
    """
    import httpx2

    class Patient(openai.DefaultHttpxClient):  # type: ignore[misc]  # the package is imported late, and untyped here
        def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            try:
                reply = super().send(request, stream=True, **options)
                try:
                    content = _read(reply, timeout)
                finally:
                    reply.close()
            except (httpx2.TimeoutException, TimeoutError):
                return httpx2.Response(504, headers={"x-should-retry": "false"}, request=request)
            return httpx2.Response(reply.status_code, headers=reply.headers, content=content, request=request)

    return Patient(
        timeout=timeout,
        trust_env=not is_local,
        follow_redirects=not is_local,
        limits=httpx2.Limits(max_keepalive_connections=0),  # a few requests a run: nobody has to close it
    )


def _read(reply: Any, timeout: float) -> bytes:
    """The body as it came.

    Raises:
        TimeoutError: it has not ended in time.
    """
    parts, size, deadline = [], 0, time.monotonic() + timeout
    for part in reply.iter_raw():
        parts.append(part)
        size += len(part)
        if time.monotonic() > deadline:
            raise TimeoutError
        if size > LARGEST:
            break
    return b"".join(parts)
