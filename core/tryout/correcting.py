"""A wrong answer becomes an utterance of a dataset: with its recording, and what should have been answered.

The recording is copied: it stays when the history is removed.
"""

from __future__ import annotations

import difflib
import hashlib
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.audio.files import audio_info, encode_flac
from core.audio.levels import Samples
from core.data.additions import TRIED, StoredRow
from core.data.library import Library, refuse_bad_name
from core.data.rows import slots_of
from core.data.utterance import Label, Ontology, Split, Utterance
from core.errors import UserError
from core.experiment.spec import parse_experiment
from core.inference.ontology_file import read_ontology
from core.paths import AppPaths
from core.runs.store import RunStore
from core.storage.database import write_transaction
from core.storage.files import require_space, sync_folder, worded_disk_errors, write_bytes_atomically
from core.tryout.kept import Correction, KeptAnswer, KeptExchange
from core.tryout.store import TryoutStore

DATASET: Final = "corrections"
"""Where corrections go unless somebody says otherwise."""
_KEY_DIGITS: Final = 16


@dataclass(frozen=True)
class Wanted:
    """What somebody wants saved of an exchange. text: what was said, empty when nobody wrote it down."""

    label: Label
    text: str
    dataset: str
    split: Split
    speaker: str = ""
    language: str = ""


@dataclass(frozen=True)
class Saved:
    """A correction in the library, and what `take_back` needs. with_audio: the recording is in it, too.

    trainable: whether its dataset has anything to train on. replaced: the utterance that was of this key.
    moved: the exchange's earlier correction of another dataset, which is gone from there, and its utterance.
    """

    exchange: str
    correction: Correction
    with_audio: bool
    trainable: bool
    replaced: StoredRow | None
    moved: tuple[Correction, StoredRow | None] | None
    earlier: Correction | None


def save_correction(
    store: TryoutStore,
    library: Library,
    exchange: KeptExchange,
    wanted: Wanted,
    samples: Samples | None = None,
) -> Saved:
    """Save an exchange as an utterance, wholly or not at all; correcting it once more changes that utterance,
    or moves it to the other dataset.

    samples: its sound, 16 kHz [n], where no recording is kept. A recording that is gone is left out when
    there is a text. Raises UserError when the label or the dataset's name is of no use, there is neither
    recording nor text, the recording is not as it was, or the disk is full.
    """
    refuse_bad_name(wanted.dataset)
    _refuse_empty(wanted.label)
    key = f"{TRIED}{exchange.id[:_KEY_DIGITS]}"
    sound = _sound_of(exchange, samples)
    if sound is None and not wanted.text:
        raise UserError(
            "There is no recording of this, so it needs its text.",
            remedy="Write down what was said.",
        )
    audio = None if sound is None else store.paths.corrections / f"{key}{sound[1]}"
    was_there = audio is not None and audio.exists()
    if sound is not None and audio is not None and not was_there:
        _write(audio, sound[0])
    try:
        return _store(store, library, exchange, wanted, key, audio)
    except BaseException:
        if audio is not None and not was_there:
            audio.unlink(missing_ok=True)
        raise


def take_back(store: TryoutStore, library: Library, saved: Saved) -> None:
    """Have the library, and what the exchange says of its correction, as before `save_correction`.

    Raises UserError for the disk or the database; nothing has changed then.
    """
    additions, now = library.additions, saved.correction
    with write_transaction(store.db):
        before = additions.stored(now.dataset, now.key)
        columns = tuple(before) if before else ()
        additions.restore(now.dataset, now.key, saved.replaced, columns)
        additions.settle_one(now.dataset, now.key, before)
        if saved.moved is not None and saved.moved[1] is not None:
            earlier, row = saved.moved
            additions.restore(earlier.dataset, earlier.key, row, ())
            additions.settle(earlier.dataset)
        store.set_correction(saved.exchange, saved.earlier)
    _remove_unused(store, now.key)


def model_ontology(answer: KeptAnswer | None, library: Library, paths: AppPaths) -> Ontology:
    """What the model that answered can answer with; of all datasets where that is not known any more."""
    names = library.names()
    if answer is not None and answer.datasets is None:
        try:
            return read_ontology(paths.run(answer.model))
        except UserError:
            pass  # the run was deleted; the datasets' names are the best guess
    wanted = [] if answer is None else [name for name in answer.datasets or () if name in names]
    return library.ontology(wanted or names)


def learned_from(answer: KeptAnswer, library: Library, runs: RunStore) -> list[str]:
    """The datasets behind a model, as far as they are in the library."""
    names: Iterable[str] = answer.datasets or ()
    if answer.datasets is None:
        try:
            names = parse_experiment(runs.get(answer.model).experiment, answer.model).data.train
        except UserError:
            names = ()  # deleted, or of another version
    there = set(library.names())
    return [name for name in names if name in there]


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that was probably meant by an unknown one; empty when none is near."""
    folded = {each.casefold().replace("_", " "): each for each in known}
    near = difflib.get_close_matches(name.casefold().replace("_", " "), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""


def other_splits_of(store: TryoutStore, speaker: str, split: Split, datasets: Sequence[str]) -> list[str]:
    """Where a voice would be heard in training and in testing both: ["train of orders"]. It would flatter."""
    if not speaker:
        return []
    rows = store.db.conn.execute(
        "SELECT DISTINCT u.split, d.name FROM utterances u JOIN datasets d ON d.id = u.dataset_id"
        " WHERE u.speaker = ? AND u.split <> ? AND (u.split = 'test' OR ? = 'test')"
        " AND u.audio IS NOT NULL AND u.quarantined IS NULL ORDER BY d.name, u.split",
        (speaker, split, split),
    )
    return [f"{other} of {name}" for other, name in rows.fetchall() if name in datasets]


# -- inside --------------------------------------------------------------------------------------------


def _refuse_empty(label: Label) -> None:
    if not label.intent:
        raise UserError("The intent is missing.", remedy="Say what should have been understood.")
    for slot in label.slots:
        if not (slot.type and slot.filler):
            raise UserError(
                "A slot needs a type and what was said for it.", remedy="Fill it in, or take the slot away."
            )


def _sound_of(exchange: KeptExchange, samples: Samples | None) -> tuple[bytes, str] | None:
    """The bytes of the recording and how its file's name ends."""
    path = exchange.recording
    if path is not None and path.is_file():
        with worded_disk_errors(path):
            data = path.read_bytes()
        if exchange.sha256 and hashlib.sha256(data).hexdigest() != exchange.sha256:
            raise UserError(
                "The recording is not the one that was answered: its file was changed since.",
                where=str(path),
                remedy="Say it again, and correct that.",
            )
        return data, path.suffix
    return None if samples is None else (encode_flac(samples), ".flac")


def _write(audio: Path, data: bytes) -> None:
    require_space(audio.parent, len(data))
    with worded_disk_errors(audio.parent):
        audio.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomically(audio, data)
    sync_folder(audio.parent)


def _store(
    store: TryoutStore,
    library: Library,
    exchange: KeptExchange,
    wanted: Wanted,
    key: str,
    audio: Path | None,
) -> Saved:
    utterance = Utterance(
        id=0,
        dataset=wanted.dataset,
        key=key,
        split=wanted.split,
        label=wanted.label,
        text=wanted.text or None,
        audio=audio,
        duration_s=None if audio is None else audio_info(audio).duration_s,
        language=wanted.language,
        speaker=wanted.speaker,
    )
    correction = Correction(
        label=wanted.label,
        text=wanted.text,
        dataset=wanted.dataset,
        key=key,
        split=wanted.split,
        speaker=wanted.speaker,
        language=wanted.language,
        at=time.time(),
    )
    with write_transaction(store.db):
        moved = _move_away(library, exchange.correction, wanted.dataset)
        replaced = library.additions.stored(wanted.dataset, key)
        _put(library, utterance, replaced)
        store.set_correction(exchange.id, correction)
    trainable = any(library.dataset(wanted.dataset).counts["train"].values())
    return Saved(exchange.id, correction, audio is not None, trainable, replaced, moved, exchange.correction)


def _move_away(
    library: Library, earlier: Correction | None, dataset: str
) -> tuple[Correction, StoredRow | None] | None:
    """Take the exchange's correction out of another dataset: twice it would count double, or be learned from
    and tested on."""
    if earlier is None or earlier.dataset == dataset:
        return None
    row = library.additions.stored(earlier.dataset, earlier.key)
    library.additions.restore(earlier.dataset, earlier.key, None, ())
    library.additions.settle(earlier.dataset)
    return earlier, row


def _put(library: Library, utterance: Utterance, replaced: StoredRow | None) -> None:
    additions, dataset, key = library.additions, utterance.dataset, utterance.key
    additions.put(utterance)
    if replaced is not None:
        label = utterance.label
        additions.change(
            dataset,
            key,
            text=utterance.text,
            intent=label.intent,
            slots=slots_of(label),
            split=utterance.split,
            language=utterance.language,
        )
    additions.settle_one(dataset, key, replaced)


def _remove_unused(store: TryoutStore, key: str) -> None:
    """The copy of a recording goes with the last utterance that used it."""
    for audio in store.paths.corrections.glob(f"{key}.*"):
        name = str(audio.relative_to(store.paths.home))
        (used,) = store.db.conn.execute(
            "SELECT EXISTS (SELECT 1 FROM utterances WHERE audio IN (?, ?))", (name, str(audio))
        ).fetchone()
        if not used:
            audio.unlink(missing_ok=True)
