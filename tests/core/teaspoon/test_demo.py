"""The shipped demo dataset keeps its promises."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import soundfile

from core.paths import RESOURCES

_FOLDER = RESOURCES / "demo"
_MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    lines = (_FOLDER / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_pools_are_large_enough(rows: list[dict[str, Any]]) -> None:
    spoken = Counter(row["split"] for row in rows if "audio" in row)
    assert spoken["train"] >= 600
    assert spoken["validation"] >= 150
    assert spoken["test"] >= 300
    assert sum("audio" not in row and row["split"] == "train" for row in rows) >= 2000
    assert len({row["intent"] for row in rows}) >= 15
    assert len({slot for row in rows for slot in row["slots"]}) >= 8
    assert len({row["id"] for row in rows}) == len(rows)


def test_every_split_holds_every_intent(rows: list[dict[str, Any]]) -> None:
    intents = {row["intent"] for row in rows}
    for split in ("train", "validation", "test"):
        assert {row["intent"] for row in rows if row["split"] == split and "audio" in row} == intents


def test_no_voice_is_in_two_splits(rows: list[dict[str, Any]]) -> None:
    voices = {
        split: {row["speaker"].rpartition("+")[2] for row in rows if row["split"] == split and "audio" in row}
        for split in ("train", "validation", "test")
    }
    assert not voices["train"] & voices["test"]
    assert not voices["train"] & voices["validation"]
    assert not voices["validation"] & voices["test"]


def test_every_recording_is_marked_as_synthetic(rows: list[dict[str, Any]]) -> None:
    assert all(row["synthetic"].partition(": ")[2] in row["speaker"] for row in rows if "audio" in row)
    assert not any("synthetic" in row for row in rows if "audio" not in row)


def test_test_voices_include_an_engine_voice_of_their_own(rows: list[dict[str, Any]]) -> None:
    assert any(row["speaker"].startswith("festival") for row in rows if row["split"] == "test")


def test_no_sentence_of_another_split_is_trained_on(rows: list[dict[str, Any]]) -> None:
    train = {row["text"] for row in rows if row["split"] == "train"}
    assert not train & {row["text"] for row in rows if row["split"] != "train"}


def test_recordings_are_readable_and_small(rows: list[dict[str, Any]]) -> None:
    files = [_FOLDER / row["audio"] for row in rows if "audio" in row]
    assert sum(file.stat().st_size for file in files) <= 15 * _MEGABYTE
    for file in files[::40]:
        info = soundfile.info(file)
        assert info.samplerate == 16_000
        assert info.channels == 1
        assert 0.3 < info.duration < 15.0
