"""Several processes that train one run: the run is the one that a process alone would make of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import UserError
from core.experiment.schedule import Example
from core.training import companions
from core.training.parallel import ALONE, Ranks, process_count
from tests.core.training.pair import EXACT, GATHERED, LONELY, AdapterScenes, Pair

TOTAL = 12


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Pair:
    return Pair(tmp_path_factory.mktemp("pair"), tiny_model, AdapterScenes)


def test_two_processes_have_the_losses_of_one(both: Pair) -> None:
    one, first, second = both.beside_one("gathered", *GATHERED, steps=8)
    for number, step in one.steps.items():
        assert first.notes.steps[number].loss_speech == pytest.approx(step.loss_speech, abs=1e-5)
        assert first.notes.steps[number].learning_rate == step.learning_rate
    assert all(map(torch.equal, first.weights, second.weights))


def test_a_process_without_an_utterance_in_a_step_takes_part_in_it(both: Pair) -> None:
    both.beside_one("lonely", *LONELY, steps=4, stop_after=4)


def test_only_the_first_process_scores(both: Pair) -> None:
    first, second = both.told("whole")
    assert [step for step, _, _ in first.notes.evaluations] == [5, 6, 10, 12]
    assert second.notes.evaluations == []


def test_stopped_and_resumed_they_are_the_pair_that_never_stopped(both: Pair) -> None:
    # With dropout, of which only the first process's state is in the checkpoint.
    whole = both.told("whole")[0].notes.losses
    for parts in (seen["resumed"] for seen in both.by_rank):
        before, after = parts
        assert before.what == "stopped"
        assert [*before.notes.losses, *after.notes.losses] == pytest.approx(whole, abs=1e-6)
    assert len(whole) == TOTAL


def test_a_stage_that_ends_early_ends_so_in_both(both: Pair) -> None:
    # Only the first process knows the scores.
    first, second = both.told("early")
    assert 2 <= len(first.notes.losses) < TOTAL
    assert second.notes.losses == first.notes.losses
    assert second.notes.stages == first.notes.stages == [(0, "text"), (1, "text + speech")]


def test_a_loss_that_is_no_number_in_one_process_ends_both_with_the_utterance_named(both: Pair) -> None:
    first, second = both.told("no_number")
    assert "no longer a number" in first.what
    assert first.where.startswith("utterances beeps/train-")
    assert "," not in first.where
    assert (second.what, second.where) == (first.what, first.where)


def test_where_one_runs_out_of_memory_all_cut_their_batches_alike(both: Pair) -> None:
    first, second = both.told("tight")
    for told in (first, second):
        assert "training, at most 2 at once for lack of memory" in told.notes.activities
    roomy = both.alone("tight", *EXACT, stop_after=3)
    assert first.notes.losses == pytest.approx(roomy.losses, abs=1e-5)


def test_an_error_that_nobody_foresaw_is_told_everywhere(both: Pair) -> None:
    first, second = (seen["unforeseen"] for seen in both.by_rank)
    assert first[0] == "in process 1"
    assert "ValueError: nobody thought of this" in first[1]
    assert second == ["nobody thought of this"]


def test_weights_that_drifted_apart_end_the_run(both: Pair) -> None:
    assert all("no longer have the same weights" in seen["drifted"] for seen in both.by_rank)


def test_a_step_is_shared_out_evenly_whatever_batches_it_comes_in() -> None:
    batches = [[Example(id_, "text")] for id_ in range(5)]
    assert ALONE.share(batches) is batches
    shares = [Ranks(rank, 2).share(batches) for rank in range(2)]
    assert [[example.utterance_id for batch in share for example in batch] for share in shares] == [
        [0, 2, 4],
        [1, 3],
    ]
    assert all(len(batch) == 1 for share in shares for batch in share)


@pytest.mark.parametrize(("wanted", "cards", "count"), [("auto", 0, 1), ("auto", 3, 3), (2, 0, 2), (2, 3, 2)])
def test_there_is_a_process_for_every_card(
    monkeypatch: pytest.MonkeyPatch, wanted: Any, cards: int, count: int
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: cards)
    assert process_count(wanted) == count


def test_more_processes_than_cards_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(UserError, match="1 graphics card,") as caught:
        process_count(2)
    assert "auto" in caught.value.remedy


def test_a_companion_that_dies_unnoticed_ends_the_run_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where the worker waits for a graphics card that waits for the dead one.
    monkeypatch.setattr(companions, "_NOTICE_S", 0.0)
    with (tmp_path / "log-1.txt").open("wb") as log:
        dying = subprocess.Popen([sys.executable, "-c", "print('no card'); raise SystemExit(3)"], stdout=log)
    said: list[UserError] = []
    started = [companions._Companion(dying, tmp_path / "log-1.txt")]
    companions._watch(started, threading.Event(), said.append)
    (error,) = said
    assert "One of the 2 processes that train this run ended unexpectedly (exit code 3)" in error.what
    assert error.details == "no card"
