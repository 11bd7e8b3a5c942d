"""A real HTTP server on loopback that answers as it is told to."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Reply:
    """What to send: a status, headers, a body (JSON unless bytes), and what goes wrong on the way.

    Args:
        delay: seconds before it; drip: seconds before each of its bytes; cut: how many bytes at its end are kept back.
    """

    def __init__(self, body=b"", status=200, headers=None, delay=0.0, cut=0, drip=0.0):
        self.status, self.headers, self.delay, self.cut, self.drip = status, headers or {}, delay, cut, drip
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


def png(image):
    """An image as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def b64(image):
    """An image as text."""
    return base64.b64encode(png(image)).decode()


@contextmanager
def serving(answer):
    """Serve `answer(method, path, body, headers) -> Reply`; gives the address. Requests are noted in `.seen`."""

    class Handler(BaseHTTPRequestHandler):
        def _respond(self):
            size = int(self.headers.get("content-length") or 0)
            raw = self.rfile.read(size)
            body = json.loads(raw) if raw else None
            server.seen.append((self.command, self.path, body, dict(self.headers)))
            reply = answer(self.command, self.path, body, self.headers)
            time.sleep(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            sent = reply.body[: len(reply.body) - reply.cut]
            for i in range(len(sent) if reply.drip else 0):
                time.sleep(reply.drip)
                self.wfile.write(sent[i : i + 1])
            self.wfile.write(b"" if reply.drip else sent)

        do_GET = do_POST = _respond  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.daemon_threads, server.block_on_close = [], True, False
    server.handle_error = lambda *_: None
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
