"""A correction is a whole utterance or none, survives the history, and can be taken back whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile

from core.data.library import Library
from core.data.utterance import Label, Ontology, Slot, Utterance
from core.errors import UserError
from core.inference.ontology_file import write_ontology
from core.runs.store import RunStore
from core.tryout.correcting import (
    Saved,
    Wanted,
    learned_from,
    model_ontology,
    nearest,
    other_splits_of,
    save_correction,
    take_back,
)
from core.tryout.kept import KeptExchange
from core.tryout.store import TryoutStore
from tests.core.tryout.conftest import Say, answer, tone

RIGHT = Label("lamp_off", (Slot("room", "hall"), Slot("room", "attic")))


def wanted(**more: Any) -> Wanted:
    return replace(Wanted(RIGHT, "lamps off", "corrections", "test", "ann", "en"), **more)


def saved_in(library: Library, dataset: str = "corrections") -> list[Utterance]:
    return list(library.utterances([dataset])) if dataset in library.names() else []


def now(store: TryoutStore, id_: str) -> KeptExchange:
    kept = store.exchange(id_)
    assert kept is not None
    return kept


def files(store: TryoutStore) -> list[str]:
    folder = store.paths.corrections
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_correction_is_an_utterance_with_a_recording_of_its_own(
    store: TryoutStore, library: Library, say: Say
) -> None:
    said = say("a", spoken=True)
    saved = save_correction(store, library, said, wanted())
    (utterance,) = saved_in(library)
    assert (utterance.label, utterance.text, utterance.split) == (RIGHT, "lamps off", "test")
    assert (utterance.speaker, utterance.language, utterance.duration_s) == ("ann", "en", 0.5)
    assert (saved.with_audio, saved.trainable) == (True, False)
    assert library.dataset("corrections").counts["test"] == {"text": 1, "speech": 1}
    correction = now(store, "a").correction
    assert correction == saved.correction
    store.delete(["a"])
    assert utterance.audio is not None
    assert hashlib.sha256(utterance.audio.read_bytes()).hexdigest() == said.sha256


def test_what_only_memory_has_gets_a_file(store: TryoutStore, library: Library) -> None:
    said = KeptExchange("a", "s", 1.0, "microphone", answers=(answer(),))
    save_correction(store, library, said, wanted(text="", split="train"), tone(3))
    (utterance,) = saved_in(library)
    assert utterance.audio is not None
    samples, rate = soundfile.read(utterance.audio, dtype="float32")
    assert rate == 16_000
    assert np.abs(samples - tone(3)).max() < 1e-4
    assert store.exchange("a") is None  # still nothing else is kept


def test_corrected_once_more_it_is_changed_and_moved_never_doubled(
    store: TryoutStore, library: Library, say: Say
) -> None:
    say("a", spoken=True)
    save_correction(store, library, now(store, "a"), wanted())
    save_correction(store, library, now(store, "a"), wanted(label=Label("greet"), text="hi", split="train"))
    (utterance,) = saved_in(library)
    assert (utterance.label, utterance.text, utterance.split) == (Label("greet"), "hi", "train")
    moved = save_correction(store, library, now(store, "a"), wanted(dataset="orders"))
    assert saved_in(library) == []
    assert "corrections" not in library.names()
    assert [each.label for each in saved_in(library, "orders")] == [RIGHT]
    take_back(store, library, moved)
    assert [each.label for each in saved_in(library)] == [Label("greet")]
    assert saved_in(library, "orders") == []
    before = now(store, "a").correction
    assert before is not None
    assert before.dataset == "corrections"


def test_taken_back_it_leaves_nothing(store: TryoutStore, library: Library, say: Say) -> None:
    say("a", spoken=True)
    saved = save_correction(store, library, now(store, "a"), wanted())
    take_back(store, library, saved)
    assert "corrections" not in library.names()
    assert now(store, "a").correction is None
    assert files(store) == []


def test_taken_back_a_dataset_is_as_it_was(store: TryoutStore, library: Library, say: Say) -> None:
    first = save_correction(store, library, say("a", spoken=True), wanted(split="train"))
    before = (saved_in(library), library.dataset("corrections"), now(store, "a").correction)
    again = save_correction(store, library, now(store, "a"), wanted(text="x", label=Label("greet")))
    assert saved_in(library) != before[0]
    take_back(store, library, again)
    assert (saved_in(library), library.dataset("corrections"), now(store, "a").correction) == before
    assert first.trainable
    assert len(files(store)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dataset": "no/name"}, "cannot be a dataset's name"),
        ({"label": Label("")}, "intent is missing"),
        ({"label": Label("greet", (Slot("", "hall"),))}, "needs a type"),
        ({"text": ""}, "needs its text"),
    ],
)
def test_what_is_of_no_use_is_refused(
    store: TryoutStore, library: Library, say: Say, change: dict[str, Any], words: str
) -> None:
    said = say("a", text="typed")
    with pytest.raises(UserError, match=words):
        save_correction(store, library, said, wanted(**change))
    assert library.names() == []
    assert now(store, "a").correction is None


def test_another_recording_under_the_same_name_is_refused(
    store: TryoutStore, library: Library, say: Say
) -> None:
    said = say("a", spoken=True)
    assert said.recording is not None
    said.recording.write_bytes(b"something else")
    with pytest.raises(UserError, match="not the one that was answered"):
        save_correction(store, library, said, wanted())
    assert files(store) == []


def test_a_lost_recording_leaves_the_text(store: TryoutStore, library: Library, say: Say) -> None:
    said = say("a", spoken=True)
    assert said.recording is not None
    said.recording.unlink()
    assert not save_correction(store, library, said, wanted()).with_audio
    assert [(each.text, each.audio) for each in saved_in(library)] == [("lamps off", None)]


def test_an_error_on_the_way_leaves_neither_row_nor_file(
    store: TryoutStore, library: Library, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = say("a", spoken=True)

    def fail(*_arguments: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(store, "set_correction", fail)
    with pytest.raises(UserError, match="disk is full"):
        save_correction(store, library, said, wanted())
    assert library.names() == []
    assert files(store) == []


def test_corrections_keep_the_demo_from_being_read_again(
    store: TryoutStore, library: Library, say: Say
) -> None:
    library.ensure_demo()
    save_correction(store, library, say("a", text="lights"), wanted(dataset="demo"))
    store.db.conn.execute("UPDATE meta SET value = 'older' WHERE key = 'demo_version'")
    library.ensure_demo()
    assert [each.text for each in saved_in(library, "demo") if each.key.startswith("tried-")] == ["lamps off"]


# -- names -----------------------------------------------------------------------------------------------


def made(library: Library, name: str, intents: Sequence[str]) -> None:
    utterances = [Utterance(0, "", each, "train", Label(each), text=each) for each in intents]
    library.add_dataset(name, "test", utterances)


def test_what_a_model_can_answer_is_its_own_or_its_datasets(store: TryoutStore, library: Library) -> None:
    made(library, "lamps", ["lamp_on", "lamp_off"])
    made(library, "cafe", ["order"])
    run = store.paths.run("run-1")
    run.mkdir()
    write_ontology(run, Ontology(("learned",), ("room",)))
    assert model_ontology(answer(), library, store.paths).intents == ("learned",)
    untuned = answer(model="teaspoon", datasets=("cafe", "gone"))
    assert model_ontology(untuned, library, store.paths).intents == ("order",)
    everything = ("lamp_off", "lamp_on", "order")
    assert model_ontology(answer(model="deleted"), library, store.paths).intents == everything
    assert model_ontology(None, library, store.paths).intents == everything
    runs = RunStore(store.db, store.paths)
    assert learned_from(untuned, library, runs) == ["cafe"]
    assert learned_from(answer(model="deleted"), library, runs) == []


@pytest.mark.parametrize(
    ("typed", "meant"), [("lamp on", "lamp_on"), ("LAMP_OF", "lamp_off"), ("weather", ""), ("", "")]
)
def test_the_nearest_known_name_is_found(typed: str, meant: str) -> None:
    assert nearest(typed, ["lamp_on", "lamp_off"]) == meant


def test_a_voice_that_would_be_learned_from_and_tested_on_is_told(
    store: TryoutStore, library: Library, say: Say
) -> None:
    save_correction(store, library, say("a", spoken=True), wanted(split="train"))
    save_correction(
        store, library, say("b", at=1.0, spoken=True), wanted(dataset="other", split="validation")
    )
    both = ["corrections", "other"]
    assert other_splits_of(store, "ann", "test", both) == ["train of corrections", "validation of other"]
    assert other_splits_of(store, "ann", "test", ["other"]) == ["validation of other"]
    assert other_splits_of(store, "ann", "train", both) == []  # voices of validation may be learned from
    assert other_splits_of(store, "bob", "test", both) == []
    assert other_splits_of(store, "", "test", both) == []


def test_saving_says_whether_there_is_something_to_train_on(
    store: TryoutStore, library: Library, say: Say
) -> None:
    def save(id_: str, split: Any) -> Saved:
        return save_correction(store, library, say(id_, text=id_), wanted(split=split))

    assert [save("a", "test").trainable, save("b", "train").trainable, save("c", "test").trainable] == [
        False,
        True,
        True,
    ]
