"""The pairs of a speed measurement: chosen the same way each time, and enough of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.audio.files import audio_info
from core.bench.material import read_pairs, words_in, write_pairs
from core.errors import UserError


def test_generated_pairs_are_as_many_and_as_long_as_asked(tmp_path: Path) -> None:
    pairs = read_pairs(write_pairs(tmp_path, texts=5, recordings=3))
    assert [pair.has("text") for pair in pairs].count(True) == 5
    lengths = [audio_info(pair.audio).duration_s for pair in pairs if pair.audio is not None]
    assert len(lengths) == 3
    assert all(4.6 <= length <= 14.9 for length in lengths)


def test_the_same_pairs_are_written_each_time(tmp_path: Path) -> None:
    first = words_in(write_pairs(tmp_path / "a", texts=8, recordings=2))
    assert first == words_in(write_pairs(tmp_path / "b", texts=8, recordings=2))


def test_a_manifest_gives_its_own_texts_and_must_hold_enough(tmp_path: Path) -> None:
    manifest = tmp_path / "orders.jsonl"
    rows = [{"text": f"order {number}", "intent": "order", "slots": {}} for number in range(4)]
    manifest.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    pairs = read_pairs(write_pairs(tmp_path / "work", texts=4, recordings=0, manifests=[manifest]))
    assert sorted(pair.text or "" for pair in pairs) == [row["text"] for row in rows]
    with pytest.raises(UserError, match="0 recordings; the measurement needs 1"):
        write_pairs(tmp_path / "work", texts=0, recordings=1, manifests=[manifest])
