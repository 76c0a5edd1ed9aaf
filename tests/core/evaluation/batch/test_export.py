from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from core.data.utterance import Label, Slot
from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.export import write_table
from tests.core.evaluation.batch.conftest import Said, item

LIGHT = Label("light_on", (Slot("room", "küche"), Slot("room", "bad")))
ROWS = [
    BatchAnswer(item("Licht, an", None, label=LIGHT), Said(LIGHT, confidence=0.91234)),
    BatchAnswer(item("wrong", "light_off"), Said(None), silent=("No speech heard", "It is silent.")),
    BatchAnswer(item("broken", None, audio=Path("/x/broken.wav"), text=None), error=UserError("Broken.")),
]


def test_a_script_gets_one_object_a_line(tmp_path: Path) -> None:
    write_table(tmp_path / "table.jsonl", ROWS)
    first, wrong, broken = map(json.loads, (tmp_path / "table.jsonl").read_text("utf-8").splitlines())
    assert first == {
        "name": "Licht, an",
        "audio": None,
        "text": "Licht, an",
        "label_intent": "light_on",
        "label_slots": [{"room": "küche"}, {"room": "bad"}],
        "answer_intent": "light_on",
        "answer_slots": [{"room": "küche"}, {"room": "bad"}],
        "confidence": 0.9123,
        "correct": True,
        "problem": None,
    }
    assert (wrong["answer_intent"], wrong["correct"]) == (None, False)
    assert wrong["problem"] == "No speech heard: It is silent."
    assert (broken["audio"], broken["confidence"], broken["problem"]) == ("/x/broken.wav", None, "Broken.")


def test_a_spreadsheet_gets_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_table(path, ROWS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["Licht, an", "wrong", "broken"]
    assert json.loads(rows[0]["answer_slots"]) == [{"room": "küche"}, {"room": "bad"}]
    assert [row["correct"] for row in rows] == ["true", "false", ""]


def test_another_ending_is_refused_and_a_failed_write_leaves_the_old_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="CSV or JSONL"):
        write_table(tmp_path / "table.xlsx", ROWS)
    with pytest.raises(UserError):
        write_table(tmp_path / "gone" / "table.csv", ROWS)
    assert list(tmp_path.iterdir()) == [] or all(not each.is_file() for each in tmp_path.iterdir())
