"""Speech from text: recordings that an engine speaks, as a new dataset that says so of each for ever."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import uuid4

import psutil

from core.audio.files import SAMPLE_RATE, encode_flac
from core.data.library import Library, refuse_bad_name
from core.data.progress import Cancel, Progress, never
from core.data.search import UtteranceQuery
from core.data.synthesis.choosing import SpeechPlan, ToSpeak, choose
from core.data.synthesis.engines import speak
from core.data.utterance import Utterance
from core.errors import Cancelled, UserError
from core.paths import AppPaths
from core.storage.files import (
    require_space,
    worded_disk_errors,
    write_bytes_atomically,
    write_text_atomically,
)

_UNFINISHED: Final = ".unfinished"
_BYTES_EACH: Final = 100_000
"""Room that a recording takes at most, as a rule: some seconds of speech as FLAC."""
_SHOWN: Final = 5


@dataclass(frozen=True)
class MadeSpeech:
    """What was made. voices: speaker -> recordings. unsaid: keys of the texts that have none, since the
    engine has no sound for them. notes: sentences the user should read."""

    dataset: str
    recordings: int
    minutes: float
    voices: dict[str, int]
    unsaid: tuple[str, ...]
    notes: tuple[str, ...]


def default_name(dataset: str) -> str:
    """What the dataset of a dataset's recordings is called unless the user says otherwise."""
    return f"{dataset} spoken"


def make_speech(
    library: Library,
    paths: AppPaths,
    plan: SpeechPlan,
    name: str,
    *,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> MadeSpeech:
    """Speak texts that have no recording, and store them with it as the new dataset `name`: wholly or, after
    an error or a cancel, not at all.

    Its utterances are copies, each with a recording (16 kHz mono FLAC in the home's audio folder), the voice
    as speaker and as `synthetic`. `cancelled` is asked on other threads, too. Raises UserError when the plan
    cannot be followed, the name is taken, an engine fails or the disk is full; Cancelled.
    """
    refuse_bad_name(name)
    if name in library.names():
        raise UserError(
            f'There is already a dataset named "{name}".',
            where=name,
            remedy="Choose another name, or delete the old dataset.",
        )
    source = library.dataset(plan.dataset).name
    chosen = choose(list(library.utterances([source], plan.splits)), plan)
    sweep(library, paths)
    require_space(paths.audio, _BYTES_EACH * len(chosen))
    with _folder(paths, name) as folder:
        spoken = _speak_all(chosen, folder, progress, cancelled)
        made = [utterance for utterance in spoken if utterance is not None]
        unsaid = [each.utterance for each, got in zip(chosen, spoken, strict=True) if got is None]
        if not made:
            raise UserError(
                "The engine has no sound for any of these texts.",
                where=f"{source}/{unsaid[0].key}",
                remedy="Choose a voice that can read their script.",
            )
        voices = sorted({utterance.synthetic for utterance in made})
        library.add_dataset(name, f"spoken from {source} by {', '.join(voices)}", made, cancelled=cancelled)
    return MadeSpeech(
        dataset=name,
        recordings=len(made),
        minutes=sum(utterance.duration_s or 0 for utterance in made) / 60,
        voices=dict(Counter(utterance.synthetic for utterance in made)),
        unsaid=tuple(utterance.key for utterance in unsaid),
        notes=tuple(_notes(made, unsaid)),
    )


def sweep(library: Library, paths: AppPaths) -> None:
    """Remove what a making that crashed has left in the audio folder."""
    for marker in paths.audio.glob(f"*{_UNFINISHED}"):
        with worded_disk_errors(marker):
            pid, _, name = marker.read_text(encoding="utf-8").partition("\n")
        if pid.isdigit() and psutil.pid_exists(int(pid)):
            continue
        folder = marker.with_name(marker.name.removesuffix(_UNFINISHED))
        if not _is_used(library, name, folder):
            shutil.rmtree(folder, ignore_errors=True)
        marker.unlink(missing_ok=True)


def _is_used(library: Library, name: str, folder: Path) -> bool:
    """Whether the dataset was stored before the crash: then all of its recordings are in the folder."""
    if name not in library.names():
        return False
    first = library.by_ids(library.find(UtteranceQuery(name), limit=1)).values()
    return any(each.audio is not None and each.audio.is_relative_to(folder) for each in first)


@contextmanager
def _folder(paths: AppPaths, name: str) -> Iterator[Path]:
    """A new folder for recordings, which stays if no error leaves the block. A marker beside it tells `sweep`
    meanwhile whose it is."""
    folder = paths.audio / f"{name}-{uuid4().hex[:8]}"
    marker = folder.with_name(f"{folder.name}{_UNFINISHED}")
    try:
        write_text_atomically(marker, f"{os.getpid()}\n{name}")
        with worded_disk_errors(folder):
            folder.mkdir()
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        marker.unlink(missing_ok=True)


def _speak_all(
    chosen: Sequence[ToSpeak], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[Utterance | None]:
    """The utterances with their recordings; None for one that the engine has no sound for."""

    def speak_one(number: int, each: ToSpeak) -> Utterance | None:
        if cancelled():
            raise Cancelled
        return _record(each, folder / f"{number:06d}.flac")

    spoken: list[Utterance | None] = []
    # Threads that wait for the engine's processes: one for each processor keeps all of them busy.
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="speech") as pool:
        for utterance in pool.map(speak_one, range(1, len(chosen) + 1), chosen):
            spoken.append(utterance)
            if progress:
                progress(len(spoken), len(chosen))
    return spoken


def _record(each: ToSpeak, file: Path) -> Utterance | None:
    utterance, voice, pace = each
    try:
        samples = speak(voice, utterance.text or "", pace)
    except UserError as error:
        raise UserError(
            error.what,
            where=f"{utterance.dataset}/{utterance.key}",
            remedy=error.remedy,
            details=f"{error.where}\n{error.details}",
        ) from error
    if not len(samples):
        return None
    write_bytes_atomically(file, encode_flac(samples))
    return replace(
        utterance,
        audio=file,
        duration_s=len(samples) / SAMPLE_RATE,
        speaker=voice.speaker,
        synthetic=voice.speaker,
    )


def _notes(made: Sequence[Utterance], unsaid: Sequence[Utterance]) -> Iterator[str]:
    if unsaid:
        shown = ", ".join(f'{utterance.key} "{utterance.text}"' for utterance in unsaid[:_SHOWN])
        more = f" and {len(unsaid) - _SHOWN} more" if len(unsaid) > _SHOWN else ""
        texts = "1 text was" if len(unsaid) == 1 else f"{len(unsaid)} texts were"
        yield f"{texts} left out (the engine makes no sound of it): {shown}{more}."
    unknown = sum(not utterance.language for utterance in made)
    if unknown:
        voices = {utterance.speaker for utterance in made if not utterance.language}
        texts = "1 text does" if unknown == 1 else f"{unknown} texts do"
        yield f"{texts} not say a language; it was taken to be that of {', '.join(sorted(voices))}."
    splits = {split: {u.speaker for u in made if u.split == split} for split in {u.split for u in made}}
    several = sorted(set.intersection(*splits.values())) if len(splits) > 1 else []
    if several:
        yield f"In all of {', '.join(sorted(splits))} the same voices speak: {', '.join(several)}."
