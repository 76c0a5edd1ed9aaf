"""A language model divided among two processes: the run is the one that a process alone would make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.training.pair import GATHERED, LONELY, DividedScenes, Pair

TOTAL = 12


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Pair:
    return Pair(tmp_path_factory.mktemp("divided"), tiny_model, DividedScenes)


def test_two_processes_have_the_losses_of_one(both: Pair) -> None:
    one, first, _ = both.beside_one("gathered", *GATHERED, steps=8)
    scored, alone = (
        [(step, result.scores) for step, _, result in notes.evaluations] for notes in (first.notes, one)
    )
    assert scored == alone


def test_a_process_without_an_utterance_in_a_step_takes_part_in_it(both: Pair) -> None:
    both.beside_one("lonely", *LONELY, steps=4, stop_after=4)


def test_each_keeps_half_of_the_model_and_of_its_optimizer(both: Pair) -> None:
    parts = [seen["kept"] for seen in both.by_rank]
    for kind in ("weights", "means"):
        assert sum(part[kind] for part in parts) == parts[0]["all"]
        # Of odd sizes the first one has more.
        assert all(part[kind] == pytest.approx(part["all"] / 2, rel=0.05) for part in parts)


def test_what_the_pair_began_one_process_can_go_on_with(both: Pair) -> None:
    begun, _ = both.told("begun")
    assert begun.what == "stopped"
    rest = both.alone("rest", checkpoints="parts")
    whole = both.alone("whole")
    assert [*begun.notes.losses, *rest.losses] == pytest.approx(whole.losses, abs=1e-5)
    assert len(whole.losses) == TOTAL


def test_a_loss_that_is_no_number_in_one_process_ends_both_with_the_utterance_named(both: Pair) -> None:
    first, second = both.told("no_number")
    assert "no longer a number" in first.what
    assert first.where.startswith("utterances beeps/train-")
    assert "," not in first.where
    assert (second.what, second.where) == (first.what, first.where)
