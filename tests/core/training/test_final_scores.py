"""What a run is scored on at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.data.library import Library
from core.data.targets import target_text
from core.data.utterance import Label, Ontology, Utterance
from core.evaluation.evaluate import ModelInput
from core.inference.prediction import Prediction
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.final_scores import calibrate_run, report_final_scores
from tests.core.training.world import LABELS, Notes, add_dataset


class Knowing:
    """Answers everything alike; as a cascade with a transcript."""

    def __init__(self, transcript: str | None = None) -> None:
        self._transcript = transcript

    def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> list[Prediction]:
        (label, raw) = LABELS[2], target_text(LABELS[2])
        return [Prediction(label, raw, 1.0, (), (), {}, self._transcript) for _ in items]


@pytest.fixture
def tested(app_paths: AppPaths) -> list[Utterance]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    try:
        return list(Library(db, app_paths).utterances(["beeps"], ["test"]))
    finally:
        db.close()


def inputs(notes: Notes) -> list[str]:
    return [result.input for _, final, result in notes.evaluations if final]


def test_every_input_is_scored_once_and_the_cascade_only_when_asked(tested: list[Utterance]) -> None:
    plain, whole = Notes(), Notes()
    report_final_scores(Knowing(), tested, plain, stage=0, global_step=9, hearing=False, cascade=None, seed=1)
    assert inputs(plain) == ["speech", "text"]
    report_final_scores(
        Knowing(), tested, whole, stage=0, global_step=9, hearing=True, cascade=Knowing("play"), seed=1
    )
    assert inputs(whole) == ["speech", "shuffled speech", "cascade", "text"]
    scores = {result.input: result.scores for _, _, result in whole.evaluations}
    assert scores["cascade"]["exact_match"].value == pytest.approx(1 / 3)
    assert "word_error_rate" in scores["cascade"]
    assert "word_error_rate" not in scores["speech"]
    assert "scoring test speech through a transcript: 6 of 12" in whole.activities


def test_without_recordings_there_is_nothing_to_transcribe(tested: list[Utterance]) -> None:
    notes = Notes()
    written = [Utterance(each.id, "d", each.key, "test", each.label, each.text) for each in tested]
    report_final_scores(
        Knowing(), written, notes, stage=0, global_step=9, hearing=True, cascade=Knowing("play"), seed=1
    )
    assert inputs(notes) == ["text"]


def test_a_recording_that_cannot_be_heard_keeps_no_trained_run_from_its_scores(tmp_path: Path) -> None:
    gone = Utterance(0, "d", "1", "validation", Label("x"), audio=tmp_path / "gone.wav")
    notes = Notes()
    predictor = SimpleNamespace(
        grammar=SimpleNamespace(ontology=Ontology(("x",), ())), intent_probabilities=lambda _items: None
    )
    calibrate_run(tmp_path, predictor, [gone], notes)  # type: ignore[arg-type]
    assert "gone.wav" in notes.warnings["calibration"]
    assert not list(tmp_path.iterdir())
