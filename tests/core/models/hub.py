"""A Hugging Face Hub in small: a real HTTP server that speaks as much of its interface as a download needs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

CHUNK = 10_000


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A download that was stopped closes the connection while it is being answered."""


class TinyHub:
    """Serves the files of one folder as the model `hub_id`.

    fetched: names of the files asked for, each time. gated: whether reading needs an accepted licence. missing:
    whether there is no model at all. breaks_at: bytes of the weights after which the connection is dropped, once.
    waits_at: bytes of the weights after which nothing more comes until `goes_on` is set. weights: the size the
    model is said to have, None for the true one.
    """

    hub_id = "some/model"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.revision = "0123456789" * 4
        self.fetched: list[str] = []
        self.gated = False
        self.missing = False
        self.parameters: int | None = None
        self.weights: int | None = None
        self.breaks_at: int | None = None
        self.waits_at: int | None = None
        self.goes_on = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def size(self) -> int:
        """Bytes of all files a download needs."""
        return sum(file.stat().st_size for file in self.folder.glob("*") if file.suffix != ".bin")

    @contextmanager
    def serving(self) -> Iterator[TinyHub]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.goes_on.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def description(self) -> dict[str, Any]:
        files = [(file.name, file.stat().st_size) for file in sorted(self.folder.iterdir())]
        total = (
            {}
            if self.parameters is None
            else {"parameters": {"F32": self.parameters}, "total": self.parameters}
        )
        return {
            "id": self.hub_id,
            "sha": self.revision,
            "private": False,
            "gated": "manual" if self.gated else False,
            "safetensors": total or None,
            "siblings": [
                {"rfilename": name, "size": (self.weights or size) if name.endswith(".safetensors") else size}
                for name, size in files
            ],
        }


def _handler(hub: TinyHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:  # noqa: N802 - the base class names it
            self._answer(with_body=False)

        def do_GET(self) -> None:  # noqa: N802
            self._answer(with_body=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Tests look at `fetched`."""

        def _answer(self, *, with_body: bool) -> None:
            path = unquote(urlparse(self.path).path)
            if hub.missing:
                self._refuse(404, "RepoNotFound")
            elif path == f"/api/models/{hub.hub_id}":
                self._send(200, json.dumps(hub.description()).encode(), {"Content-Type": "application/json"})
            elif path.startswith(f"/{hub.hub_id}/resolve/"):
                self._file(path.rpartition("/")[2], with_body=with_body)
            else:
                self._refuse(404, "EntryNotFound")

        def _file(self, name: str, *, with_body: bool) -> None:
            file = hub.folder / name
            if hub.gated:
                self._refuse(401, "GatedRepo")
                return
            if not file.is_file():
                self._refuse(404, "EntryNotFound")
                return
            content = file.read_bytes()
            headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": hub.revision}
            start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
            if with_body:
                hub.fetched.append(name)
            self._send(206 if start else 200, content[start:], headers, name if with_body else "")

        def _refuse(self, status: int, code: str) -> None:
            self._send(status, b"", {"X-Error-Code": code})

        def _send(self, status: int, body: bytes, headers: dict[str, str], name: str = "") -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            for start in range(0, len(body), CHUNK):
                if name.endswith(".safetensors") and not self._goes_on(start):
                    return
                self.wfile.write(body[start : start + CHUNK])

        def _goes_on(self, sent: int) -> bool:
            """Whether the connection holds at this place of the weights."""
            if hub.breaks_at is not None and sent >= hub.breaks_at:
                hub.breaks_at = None
                self.close_connection = True
                return False
            if hub.waits_at is not None and sent >= hub.waits_at:
                self.wfile.flush()
                hub.goes_on.wait()
            return True

    return Handler
