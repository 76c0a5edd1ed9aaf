"""Both sides of a measurement do the same work, and a side that fails says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.material import words_in, write_pairs
from core.bench.model import build_model
from core.bench.sides import Comparison, Side, Work, compare, run_side
from core.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pairs = write_pairs(tmp_path, texts=2, recordings=1)
    build_model(tmp_path / "model", words_in(pairs))
    return tmp_path


def test_both_sides_begin_with_the_same_loss(folder: Path) -> None:
    sides: list[Side] = ["plain", "spoonful"]
    losses = []
    for side in sides:
        scratch = folder / side
        scratch.mkdir()
        # One batch of all pairs, so that the order does not count.
        found = run_side("training", side, Work(str(folder), str(scratch), batch_size=8))
        assert found["utterances"] == 3
        losses.append(found["first_loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_a_side_that_fails_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        compare("training", "nothing", tmp_path, epochs=1, repeats=1, tell=lambda _: None)
    assert "pairs.jsonl" in caught.value.details or "model" in caught.value.details


def test_a_ratio_is_of_the_two_sides_of_one_repeat() -> None:
    found = Comparison("mixed", plain=[2.0, 4.0, 5.0], spoonful=[4.0, 8.0, 15.0], plain_mb=1, spoonful_mb=1)
    assert found.ratios == [2.0, 2.0, 3.0]
    assert found.ratio == 2.0
