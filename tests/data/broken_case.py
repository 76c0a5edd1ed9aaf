"""A broken input, and what it is made of."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

Content = str | bytes | Callable[[Path], None]
"""A file's text, written as UTF-8; its bytes; or what makes something at the path that is no plain file."""

ORDER: Final[dict[str, object]] = {"text": "two teas", "intent": "order"}
"""A line of a manifest with which nothing is wrong."""


@dataclass(frozen=True)
class BrokenInput:
    """Files that no importer may take.

    name: also of its folder. format: of IMPORTERS; None to have it found out. chosen: what the user chose,
    relative to that folder. files: path in the folder -> content. says: a regular expression that the whole
    refusal matches somewhere, with "." for line breaks too. closed: what the user may not read.
    """

    name: str
    format: str | None
    chosen: str
    files: Mapping[str, Content]
    says: str
    closed: str = ""

    def write(self, folder: Path) -> Path:
        """Make the files below `folder`; the path that the user chose."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        if self.closed:
            (folder / self.closed).chmod(0)
        return folder / self.chosen


def lines(*values: object) -> str:
    """JSON lines; what is text already stays as it is."""
    return "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values)


def sound(form: str = "WAV", samples: int = 1600, *, whole: float = 1.0) -> bytes:
    """A sound file of 16 kHz noise; whole: the part of its bytes that is there."""
    buffer = io.BytesIO()
    noise = 0.1 * np.random.default_rng(17).standard_normal(samples)
    soundfile.write(buffer, noise, 16_000, format=form)
    data = buffer.getvalue()
    return data[: round(whole * len(data))]


def a_folder(path: Path) -> None:
    """Make an empty folder."""
    path.mkdir()


def link_to(target: str) -> Callable[[Path], None]:
    """What makes a symbolic link to `target`."""

    def make(path: Path) -> None:
        path.symlink_to(target)

    return make
