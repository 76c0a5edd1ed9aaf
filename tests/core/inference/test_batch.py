"""Many recordings at once: labels from where they lie, the scores of an evaluation, no guess for silence."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.files import SAMPLE_RATE, read_audio
from core.data.library import Library
from core.data.utterance import Label, Ontology, Slot, Utterance
from core.errors import Cancelled, UserError
from core.evaluation.evaluate import evaluate
from core.inference.batch import (
    NO_LABEL,
    Batch,
    BatchItem,
    BatchRow,
    confusion,
    folder_batch,
    run_batch,
    scores_of,
    split_batch,
    write_rows,
)
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor
from core.paths import RESOURCES, AppPaths
from core.storage.database import open_database

SPEECH = RESOURCES / "demo" / "audio" / "test-espeak-en-US-f4-000.ogg"


def answer(intent: str) -> Prediction:
    return Prediction(Label(intent), "{}", 0.8, (), (), {})


def asked(questions: Sequence[Path | str]) -> list[Prediction | UserError]:
    return [UserError("Too long.") if "long" in str(each) else answer("light_on") for each in questions]


def rows(batch: Batch) -> list[BatchRow]:
    return [row for some in run_batch(batch, asked, lambda: False) for row in some]


def put(folder: Path, name: str, samples: np.ndarray | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, read_audio(SPEECH) if samples is None else samples, SAMPLE_RATE)
    return path


def test_a_folder_without_labels_is_answered_and_silence_gets_no_guess(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    put(tmp_path, "deep/b.flac")
    put(tmp_path, "silence.wav", np.zeros(SAMPLE_RATE, np.float32))
    (tmp_path / "broken.wav").write_text("no sound")
    (tmp_path / "notes.txt").write_text("no sound either")
    found = {row.item.name: row for row in rows(folder_batch(tmp_path))}
    assert sorted(found) == ["a.wav", "broken.wav", "deep/b.flac", "silence.wav"]
    assert found["a.wav"].answered == found["deep/b.flac"].answered == "light_on"
    assert found["silence.wav"].problem == "No speech heard"
    assert "broken.wav" in found["broken.wav"].problem
    assert all(row.right is None for row in found.values())
    assert scores_of(list(found.values())) == ({}, 0)


def test_labels_come_from_a_manifest_or_from_the_folders_names(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest"
    put(manifest, "clips/1.wav")
    put(manifest, "clips/2.wav")
    put(manifest, "clips/unnamed.wav")
    lines = [{"audio": f"clips/{n}.wav", "intent": intent} for n, intent in ((1, "light_on"), (2, "music"))]
    (manifest / "labels.jsonl").write_text("\n".join(map(json.dumps, lines)))
    batch = folder_batch(manifest)
    assert [item.gold and item.gold.intent for item in batch.items] == ["light_on", "music", None]
    assert "1 of 3 recordings have no label" in batch.notes[-1]
    named = tmp_path / "named"
    put(named, "light_on/1.wav")
    put(named, "music/2.wav")
    assert [item.gold.intent for item in folder_batch(named).items if item.gold] == ["light_on", "music"]


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no recordings"):
        folder_batch(tmp_path)


def test_what_is_right_is_counted_and_errors_stand_beside_their_item() -> None:
    items = [
        BatchItem("1", text="on", gold=Label("light_on")),
        BatchItem("2", text="music", gold=Label("music")),
        BatchItem("3", text="on in the kitchen", gold=Label("light_on", (Slot("room", "kitchen"),))),
        BatchItem("4", text="long", gold=Label("music")),
    ]
    found = rows(Batch(tuple(items)))
    assert [row.right for row in found] == [True, False, False, False]
    assert found[3].problem.startswith("Too long")
    scores, n = scores_of(found)
    assert n == 4
    assert scores["exact_match"].value == 0.25
    assert scores["intent_accuracy"].value == 0.5
    assert confusion(found) == {
        ("light_on", "light_on"): 2,
        ("music", "light_on"): 1,
        ("music", NO_LABEL): 1,
    }


def test_stopping_is_obeyed() -> None:
    with pytest.raises(Cancelled):
        next(run_batch(Batch((BatchItem("1", text="on"),)), asked, lambda: True))


def test_the_scores_are_those_of_an_evaluation(app_paths: AppPaths, tiny_model: Path) -> None:
    db = open_database(app_paths.database)
    library = Library(db, app_paths)
    demo = [
        json.loads(line) for line in (RESOURCES / "demo" / "manifest.jsonl").read_text("utf-8").splitlines()
    ]
    spoken = [each for each in demo if each["split"] == "test" and "audio" in each][:12]
    library.add_dataset(
        "some",
        "test",
        [
            Utterance(
                0, "", str(n), "test", Label(each["intent"]), each["text"], RESOURCES / "demo" / each["audio"]
            )
            for n, each in enumerate(spoken)
        ],
    )
    intents = sorted({each["intent"] for each in spoken})
    predictor = Predictor.load(str(tiny_model), Ontology(tuple(intents), ("room",)))

    def ask(questions: Sequence[Path | str]) -> list[Prediction | UserError]:
        return list(predictor.predict([read_audio(Path(each)) for each in questions]))

    batch = split_batch(library, "some", "test", "speech")
    found = [row for some in run_batch(batch, ask, lambda: False) for row in some]
    whole = evaluate(predictor, list(library.utterances(["some"], ["test"])), "speech", free_sample=0)
    scores, n = scores_of(found)
    assert n == whole.n == 12
    assert scores == {metric: whole.scores[metric] for metric in scores}
    with pytest.raises(UserError, match="No utterance"):
        split_batch(library, "some", "train", "speech")
    db.close()


def test_the_table_can_be_taken_along(tmp_path: Path) -> None:
    items = (BatchItem("1", text='say "on"; now', gold=Label("light_on")), BatchItem("2", text="long"))
    found = rows(Batch(items))
    write_rows(found, tmp_path / "answers.csv")
    written = list(csv.DictReader((tmp_path / "answers.csv").read_text("utf-8").splitlines()))
    assert [row["right"] for row in written] == ["yes", ""]
    assert written[0]["text"] == 'say "on"; now'
    assert written[1]["problem"].startswith("Too long")
    write_rows(found, tmp_path / "answers.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["answer"]["intent"] == "light_on"
    assert lines[0]["gold"] == {"intent": "light_on", "slots": []}
