from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import UserError
from core.evaluation.calibration import Fit
from core.inference.calibration_file import (
    CALIBRATION_FILE,
    Calibration,
    read_calibration,
    write_calibration,
)
from core.inference.predictor import Predictor

FIT = Fit(1.7, 200, 0.9, 0.8, 0.12, 0.05)


def test_it_comes_back_and_says_why_there_is_none(tmp_path: Path) -> None:
    write_calibration(tmp_path, {"speech": (FIT, 200), "text": (None, 3)})
    assert read_calibration(tmp_path) == Calibration(speech=1.7, text=1.0)
    written = json.loads((tmp_path / CALIBRATION_FILE).read_text())
    assert written["speech"]["ece_after"] == 0.05
    assert written["text"]["reason"].startswith("3 validation utterances")


def test_a_run_without_one_is_as_it_is(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) == Calibration(1.0, 1.0)


@pytest.mark.parametrize(
    "content",
    ["{", '{"schema_version": 9}', '{"schema_version": 1, "speech": {"temperature": 0}, "text": {}}'],
)
def test_a_damaged_one_is_never_taken_for_none(tmp_path: Path, content: str) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(content)
    with pytest.raises(UserError, match="how sure") as caught:
        read_calibration(tmp_path)
    assert "spoonful calibrate" in caught.value.remedy


def test_a_calibrated_run_is_less_sure_and_answers_the_same(run: Path) -> None:
    before = Predictor.load(run).predict(["lights on"])[0]
    write_calibration(run, {"speech": (None, 0), "text": (FIT, 200)})
    after = Predictor.load(run).predict(["lights on"])[0]
    assert after.label == before.label
    assert after.raw_confidence == before.raw_confidence == before.confidence
    assert after.confidence < before.confidence
    rivals = [intent for intent, _ in before.runner_up]
    assert [intent for intent, _ in after.runner_up] == rivals
