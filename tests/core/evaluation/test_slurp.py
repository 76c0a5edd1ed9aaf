"""SLURP's scorer: the official figures on the official files, and every way a file can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.evaluation.slurp import score_slurp

OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "slurp"

GOLD = {
    "slurp_id": 7,
    "scenario": "alarm",
    "action": "set",
    "tokens": [{"surface": "Wake"}, {"surface": "me"}, {"surface": "at"}, {"surface": "Six"}],
    "entities": [{"type": "time", "span": [3]}],
    "recordings": [{"file": "a.flac"}, {"file": "b.flac"}],
}
RIGHT = {"scenario": "alarm", "action": "set", "entities": [{"type": "time", "filler": "six"}]}


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="SLURP's own predictions are not here")
@pytest.mark.parametrize(
    ("predictions", "by_sentence", "expected"),
    [
        (
            "multi_hermit_predictions.jsonl",
            False,
            (
                0.7667660778466009,
                0.6269454221619101,
                0.6777678925535678,
                0.7137806192762487,
                0.6953082583320079,
            ),
        ),
        (
            "gold_hermit_predictions.jsonl",
            True,
            (
                0.8483523873570948,
                0.7819063004846526,
                0.8108844071447321,
                0.816776628207869,
                0.8138198525966853,
            ),
        ),
    ],
)
def test_the_official_figures(predictions: str, by_sentence: bool, expected: tuple[float, ...]) -> None:
    found = score_slurp(OFFICIAL / "test.jsonl", OFFICIAL / predictions, by_sentence=by_sentence)
    figures = [found.scores[name].f1 for name in ("intent", "entities", "word", "char", "slu")]
    assert figures == pytest.approx(expected, abs=1e-9)


def test_every_recording_counts_and_what_is_missing_is_passed_over_and_told(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", GOLD)
    wrong = {**RIGHT, "action": "query", "entities": []}
    predictions = write(
        tmp_path / "p.jsonl",
        {**wrong, "file": "a.flac"},
        {**RIGHT, "file": "a.flac"},  # the last one counts
        {**RIGHT, "file": "elsewhere.flac"},
    )
    found = score_slurp(gold, predictions, by_sentence=False)
    assert (found.scored, found.missing, found.unknown, found.repeated) == (
        1,
        ("b.flac",),
        ("elsewhere.flac",),
        ("a.flac",),
    )
    assert all(counts.f1 == 1 for counts in found.scores.values())


def test_predictions_of_sentences_name_them(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", GOLD)
    predictions = write(tmp_path / "p.jsonl", {**RIGHT, "slurp_id": "7"})
    assert score_slurp(gold, predictions, by_sentence=True).scores["intent"].f1 == 1
    with pytest.raises(UserError, match='"file" is missing'):
        score_slurp(gold, predictions, by_sentence=False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({**RIGHT, "file": "c.flac"}, "No prediction is of anything"),
        ({"file": "a.flac", "scenario": "x"}, '"entities" is missing'),
        ({**RIGHT, "file": "a.flac", "entities": [{"type": "time"}]}, '"filler" is missing'),
        ({**RIGHT, "file": "a.flac", "entities": ["time"]}, '"type" is missing'),
    ],
)
def test_what_cannot_be_scored_is_named(tmp_path: Path, line: dict[str, Any], why: str) -> None:
    gold = write(tmp_path / "gold.jsonl", GOLD)
    predictions = write(tmp_path / "p.jsonl", line)
    with pytest.raises(UserError, match=why) as caught:
        score_slurp(gold, predictions, by_sentence=False)
    assert "p.jsonl" in caught.value.where


def test_a_span_that_points_nowhere_is_named_with_its_line(tmp_path: Path) -> None:
    bad = {**GOLD, "entities": [{"type": "time", "span": [9]}]}
    gold = write(tmp_path / "gold.jsonl", GOLD, bad)
    predictions = write(tmp_path / "p.jsonl", {**RIGHT, "file": "a.flac"})
    with pytest.raises(UserError, match="points at no token") as caught:
        score_slurp(gold, predictions, by_sentence=False)
    assert caught.value.where.endswith("gold.jsonl, line 2")
