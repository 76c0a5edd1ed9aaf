"""Exchanges as files: a folder or a zip with `exchanges.jsonl`, the recordings, and of those that were
corrected a `manifest.jsonl` that any Spoonful imports."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from core.data.exporters import whole_folder
from core.data.exporters.gathering import Copies
from core.data.exporters.jsonl import MANIFEST, manifest_line
from core.data.library import Library
from core.data.progress import Cancel, Progress, never
from core.data.search import UtteranceQuery
from core.data.utterance import Label, Utterance
from core.errors import UserError
from core.storage.files import require_space, worded_disk_errors
from core.tryout.kept import Correction, KeptAnswer, KeptExchange

EXCHANGES: Final = "exchanges.jsonl"


def export_exchanges(
    exchanges: Sequence[KeptExchange],
    library: Library,
    target: Path,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> int:
    """Write exchanges to `target`, a new or empty folder, or a file whose name ends in .zip, which is written
    over; returns how many of them are in the manifest.

    Wholly or not at all. A corrected utterance is written as it stands in the library now, where it is still
    there. A recording that is gone is left out, and its line of `exchanges.jsonl` says so. Raises UserError
    when there is nothing to export, the folder is in use or the disk is full; Cancelled.
    """
    if not exchanges:
        raise UserError("There is nothing to export.", remedy="Choose another session, or clear the search.")
    recordings = [each.recording for each in exchanges if each.recording is not None]
    sizes = [path.stat().st_size for path in recordings if _is_there(path)]
    if target.suffix.lower() != ".zip":
        require_space(target.parent, sum(sizes))
        with whole_folder(target) as folder:
            return _write(exchanges, library, folder, progress, cancelled)
    require_space(target.parent, 2 * sum(sizes))
    with worded_disk_errors(target), TemporaryDirectory(dir=target.parent, prefix=".export-") as unfinished:
        content = Path(unfinished) / "content"
        content.mkdir()
        corrected = _write(exchanges, library, content, progress, cancelled)
        made = Path(shutil.make_archive(str(Path(unfinished) / "export"), "zip", content))
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(target)
    return corrected


def _write(
    exchanges: Sequence[KeptExchange],
    library: Library,
    folder: Path,
    progress: Progress | None,
    cancelled: Cancel,
) -> int:
    copies = Copies(folder, progress, cancelled, sum(_is_there(each.recording) for each in exchanges))
    corrected = 0
    with (
        (folder / EXCHANGES).open("w", encoding="utf-8") as lines,
        (folder / MANIFEST).open("w", encoding="utf-8") as manifest,
    ):
        for exchange in exchanges:
            recording = exchange.recording
            audio = copies.add(recording) if recording is not None and _is_there(recording) else None
            lines.write(json.dumps(_as_dict(exchange, audio), ensure_ascii=False) + "\n")
            if exchange.correction is not None:
                utterance = _utterance(exchange.correction, library)
                if audio is None and utterance.audio is not None and utterance.audio.is_file():
                    audio = copies.add(utterance.audio)
                if audio is not None or utterance.text is not None:
                    manifest.write(manifest_line(utterance, audio))
                    corrected += 1
    if not corrected:
        (folder / MANIFEST).unlink()
    return corrected


def _utterance(correction: Correction, library: Library) -> Utterance:
    """The corrected utterance: somebody may have changed it in the library since."""
    if correction.dataset in library.names():
        query = UtteranceQuery(correction.dataset, key=correction.key)
        for utterance in library.by_ids(library.find(query)).values():
            return utterance
    return Utterance(
        id=0,
        dataset=correction.dataset,
        key=correction.key,
        split=correction.split,
        label=correction.label,
        text=correction.text or None,
        language=correction.language,
        speaker=correction.speaker,
    )


def _is_there(path: Path | None) -> bool:
    return path is not None and path.is_file()


def _as_dict(exchange: KeptExchange, audio: str | None) -> dict[str, Any]:
    correction = exchange.correction
    return {
        "id": exchange.id,
        "session": exchange.session,
        "at": exchange.at,
        "source": exchange.source,
        "hands_free": exchange.hands_free,
        "text": exchange.text or None,
        "transcript": exchange.transcript or None,
        "audio": audio,
        "recording_missing": exchange.recording is not None and audio is None,
        "sha256": exchange.sha256 or None,
        "duration_s": exchange.duration_s,
        "remark": exchange.remark or None,
        "unheard": exchange.unheard,
        "answers": [_answer(each) for each in exchange.answers],
        "correction": None
        if correction is None
        else {
            **_label(correction.label),
            "text": correction.text or None,
            "dataset": correction.dataset,
            "id": correction.key,
            "split": correction.split,
            "speaker": correction.speaker or None,
            "language": correction.language or None,
            "at": correction.at,
        },
    }


def _answer(answer: KeptAnswer) -> dict[str, Any]:
    return {
        "at": answer.at,
        "model": answer.model,
        "model_key": answer.model_key,
        "model_title": answer.model_title,
        "datasets": answer.datasets,
        "compared": answer.compared,
        "waited_s": answer.waited_s,
        "recording_s": answer.recording_s,
        "model_s": answer.model_s,
        "prediction": answer.prediction.as_dict(),
    }


def _label(label: Label) -> dict[str, Any]:
    return {"intent": label.intent, "slots": [{slot.type: slot.filler} for slot in label.slots]}
