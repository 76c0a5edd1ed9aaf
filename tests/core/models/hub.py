"""A Hugging Face Hub in small: a real HTTP server that speaks as much of its interface as downloads need."""

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


class TinyHub(ThreadingHTTPServer):
    """Serves the files of one folder as the model `hub_id`.

    fetched: names of the files asked for, each time. gated: whether reading needs an accepted licence.
    missing: whether there is no model at all. parameters: the number of weights it tells, None for no word
    about it. breaks_at: bytes of the weights after which the connection is dropped, once. waits_at: bytes
    of the weights after which nothing more comes until `goes_on` is set.
    """

    hub_id = "some/model"

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.revision = "0123456789" * 4
        self.fetched: list[str] = []
        self.gated = False
        self.missing = False
        self.parameters: int | None = None
        self.breaks_at: int | None = None
        self.waits_at: int | None = None
        self.goes_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def size(self) -> int:
        """Bytes of all files in the folder."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    @contextmanager
    def serving(self) -> Iterator[TinyHub]:
        thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.goes_on.set()
            self.shutdown()
            self.server_close()
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A download that was stopped closes the connection while it is being answered."""

    def description(self) -> dict[str, Any]:
        files = sorted(file for file in self.folder.rglob("*") if file.is_file())
        return {
            "id": self.hub_id,
            "sha": self.revision,
            "private": False,
            "gated": "manual" if self.gated else False,
            "siblings": [
                {"rfilename": file.relative_to(self.folder).as_posix(), "size": file.stat().st_size}
                for file in files
            ],
            "safetensors": self.parameters
            and {"parameters": {"F32": self.parameters}, "total": self.parameters},
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TinyHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Tests look at `fetched`."""

    def _answer(self) -> None:
        path = unquote(urlparse(self.path).path)
        if self.server.missing:
            self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif path == f"/api/models/{self.server.hub_id}":
            self._send(200, json.dumps(self.server.description()).encode(), {})
        elif self.server.gated:
            self._send(401, b"", {"X-Error-Code": "GatedRepo"})
        else:
            self._file(path.removeprefix(f"/{self.server.hub_id}/resolve/").partition("/")[2])

    def _file(self, name: str) -> None:
        file = self.server.folder / name
        if not file.is_file():
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": self.server.revision}
        if self.command == "GET":
            self.server.fetched.append(name)
        self._send(206 if start else 200, content[start:], headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        for start in range(0, len(body), CHUNK):
            if self.path.endswith(".safetensors") and not self._holds(start):
                return
            self.wfile.write(body[start : start + CHUNK])

    def _holds(self, sent: int) -> bool:
        """Whether the connection holds at this place of the weights; may take a while to tell."""
        hub = self.server
        if hub.breaks_at is not None and sent >= hub.breaks_at:
            hub.breaks_at = None
            self.close_connection = True
            return False
        if hub.waits_at is not None and sent >= hub.waits_at:
            hub.goes_on.wait()
        return True
