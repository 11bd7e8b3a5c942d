"""A small Hugging Face hub on loopback: folders served as models, and every way of saying no."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c" * 40

REFUSALS = {
    "owner/gated": (403, {"X-Error-Code": "GatedRepo"}),
    "owner/missing": (404, {"X-Error-Code": "RepoNotFound"}),
    "owner/token": (401, {"X-Error-Message": "Invalid credentials in Authorization header"}),
}


@contextmanager
def hub(models):
    """Serve `models` ({"owner/name": folder}); gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def _respond(self):
            path = self.path.split("?")[0].strip("/")
            api = path.removeprefix("api/models/") if path.startswith("api/models/") else None
            parts = (api or path).split("/")
            name = "/".join(parts[:2])
            if name in REFUSALS:
                return self._send(*REFUSALS[name])
            if name not in models:
                return self._send(404, {"X-Error-Code": "RepoNotFound"})
            files = sorted(p for p in models[name].rglob("*") if p.is_file())
            names = [str(p.relative_to(models[name])) for p in files]
            if api and len(parts) > 3 and parts[2] == "tree":
                tree = [{"type": "file", "path": n, "size": p.stat().st_size, "oid": "0"} for n, p in zip(names, files, strict=True)]  # fmt: skip
                return self._send(200, {}, json.dumps(tree).encode())
            revision = parts[3] if len(parts) > 3 else "main"
            if revision not in ("main", COMMIT):
                return self._send(404, {"X-Error-Code": "RevisionNotFound"})
            if api:
                info = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": n} for n in names]}
                return self._send(200, {}, json.dumps(info).encode())
            file = models[name] / "/".join(parts[4:])
            if not file.is_file():
                return self._send(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            body = file.read_bytes()
            tag = hashlib.sha1(body, usedforsecurity=False).hexdigest()
            return self._send(200, {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"'}, body)

        def _send(self, status, headers, body=b"{}"):
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = _respond  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
