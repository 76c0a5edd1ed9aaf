"""An empty library, and manifests made line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from core.data.library import Library
from core.paths import AppPaths
from core.storage.database import open_database


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    with open_database(app_paths.database) as db:
        yield Library(db, app_paths)


class ManifestMaker(Protocol):
    def __call__(self, *lines: dict[str, Any] | str, name: str = "data.jsonl") -> Path: ...


@pytest.fixture
def manifest(tmp_path: Path) -> ManifestMaker:
    """Writes a manifest; a line is a dictionary or the raw text."""

    def make(*lines: dict[str, Any] | str, name: str = "data.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    return make
