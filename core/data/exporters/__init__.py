"""Exporters: from utterances to files that other programs read, wholly or not at all.

Each is a module of this package with `write`, a `Writer`.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.data.progress import Cancel, Progress, never
from core.data.utterance import Utterance
from core.errors import UserError
from core.storage.files import worded_disk_errors

Writer = Callable[[Sequence[Utterance], Path, Progress | None, Cancel], list[str]]
"""Writes the utterances into an empty folder; returns notes for the user. Raises UserError for what the
format cannot hold, Cancelled."""


@dataclass(frozen=True)
class Exporter:
    """A format that can be written. title: its name for people. what: what comes out. module: of this
    package."""

    title: str
    what: str
    module: str


EXPORTERS: Final[Mapping[str, Exporter]] = MappingProxyType(
    {
        "jsonl": Exporter("Manifest", "manifest.jsonl and the recordings", "jsonl"),
        "llama-factory": Exporter("LLaMA-Factory", "chats as JSON with dataset_info.json", "llama_factory"),
        "ms-swift": Exporter("ms-swift", "chats as JSONL", "ms_swift"),
        "parquet": Exporter("Hugging Face", "Parquet files with the recordings inside", "parquet"),
        "audiofolder": Exporter(
            "Hugging Face, audiofolder",
            "recordings and metadata.jsonl by split",
            "audiofolder",
        ),
        "slurp": Exporter("SLURP", "train, devel and test.jsonl, without recordings", "slurp"),
    }
)


def export_utterances(
    utterances: Sequence[Utterance],
    format_name: str,
    folder: Path,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> list[str]:
    """Write the utterances into `folder`, which is made, or is empty. Returns notes for the user.

    After an error or a cancel the folder is as it was. Raises UserError (an unknown format, a folder in
    use, a full disk, what the format cannot hold), Cancelled.
    """
    if format_name not in EXPORTERS:
        raise UserError(
            f'There is no exporter for the format "{format_name}".',
            remedy=f"Known formats: {', '.join(EXPORTERS)}.",
        )
    write: Writer = importlib.import_module(f"{__name__}.{EXPORTERS[format_name].module}").write
    with whole_folder(folder) as unfinished:
        return write(utterances, unfinished, progress, cancelled)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its name once the block is done; after an error it goes.

    Raises UserError when `folder` is in use, or for the disk.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            "The folder to export to is not empty.",
            where=str(folder),
            remedy="Choose a new or empty folder; nothing is overwritten.",
        )
    unfinished = folder.parent / f".{folder.name}.unfinished"
    with worded_disk_errors(folder):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
            if folder.exists():
                folder.rmdir()
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
