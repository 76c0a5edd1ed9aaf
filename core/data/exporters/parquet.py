"""Parquet as Hugging Face's datasets reads it: a file for each split, recordings inside, and a card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from core.data.progress import Cancel, Progress
from core.data.utterance import SPLITS, Split, Utterance
from core.errors import Cancelled, UserError

_BATCH: Final = 64
"""Rows written at once: their recordings are in memory."""
_CARD: Final = """---
configs:
- config_name: default
  data_files:
{files}---

Utterances with intent and slots, exported by Spoonful. Read them with

    from datasets import load_dataset
    load_dataset("parquet", data_dir="data")
"""


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`data/SPLIT.parquet` for each split that has utterances, and README.md."""
    done = 0
    written: list[Split] = []
    (folder / "data").mkdir()
    synthetic = any(utterance.synthetic for utterance in utterances)
    for split in SPLITS:
        own = [utterance for utterance in utterances if utterance.split == split]
        if not own:
            continue
        written.append(split)
        with _writer(folder / "data" / f"{split}.parquet", synthetic) as write_rows:
            for start in range(0, len(own), _BATCH):
                if cancelled():
                    raise Cancelled
                rows = [_row(utterance) for utterance in own[start : start + _BATCH]]
                write_rows(rows)
                done += len(rows)
                if progress:
                    progress(done, len(utterances))
    files = "".join(f"  - split: {split}\n    path: data/{split}.parquet\n" for split in written)
    (folder / "README.md").write_text(_CARD.format(files=files), encoding="utf-8")
    return []


def _row(utterance: Utterance) -> dict[str, Any]:
    audio = None
    if utterance.audio is not None:
        try:
            audio = {"bytes": utterance.audio.read_bytes(), "path": utterance.audio.name}
        except OSError as error:
            raise UserError(
                f"The sound file cannot be read ({error.strerror or error}).",
                where=str(utterance.audio),
                remedy="Put it back, or quarantine its utterance; a check of the dataset finds all.",
            ) from error
    return {
        "id": utterance.key,
        "text": utterance.text,
        "audio": audio,
        "intent": utterance.label.intent,
        "slots": [{"type": slot.type, "filler": slot.filler} for slot in utterance.label.slots],
        "language": utterance.language,
        "speaker": utterance.speaker,
        "synthetic": utterance.synthetic,
    }


@contextmanager
def _writer(file: Path, synthetic: bool) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Writes rows into a file whose schema tells the library what the columns are. synthetic: whether one of
    them is who spoke synthetic recordings; the same for all files."""
    from datasets import Audio, Features, List, Value
    from pyarrow import Table, parquet

    text = Value("string")
    names = ("id", "text", "intent", "language", "speaker", *(["synthetic"] * synthetic))
    columns = dict.fromkeys(names, text)
    features = Features({**columns, "audio": Audio(), "slots": List({"type": text, "filler": text})})
    schema = features.arrow_schema
    with parquet.ParquetWriter(file, schema) as writer:
        yield lambda rows: writer.write_table(Table.from_pylist(rows, schema=schema))
