from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from core.evaluation.evaluate import ModelInput, evaluate
from core.evaluation.results import EvaluationInput, EvaluationResult, Interval, ScoredPrediction
from core.inference.prediction import Prediction
from core.runs import lifecycle
from core.runs import store as store_module
from core.runs.reporter import RunReporter
from core.runs.run import RunOutcome
from core.runs.store import RunStore
from core.storage import database as database_module
from core.storage.database import open_database
from core.storage.migrations import MIGRATIONS
from core.training.reporter import StepMetrics
from tests.core.runs.conftest import SPEC


def _metrics(step: int, loss_speech: float | None = None) -> StepMetrics:
    return StepMetrics(step, 0, step / 10, 1 / step, 0.5, loss_speech, 1e-4, 40.0, 300.0, time.time())


def _result(ids: list[int], value: float = 0.5, on: EvaluationInput = "speech") -> EvaluationResult:
    gold = Label("lamp_on", (Slot("room", "kitchen"),))
    return EvaluationResult(
        dataset="home",
        split="validation",
        input=on,
        n=len(ids),
        scores={"exact_match": Interval(value, value - 0.1, value + 0.1)},
        predictions=tuple(
            ScoredPrediction(
                id_,
                f"u{id_}",
                f"text {id_}",
                gold,
                gold if id_ % 2 else None,
                "{",
                0.8,
                correct=bool(id_ % 2),
            )
            for id_ in ids
        ),
    )


@pytest.fixture
def reporter(store: RunStore) -> Iterator[RunReporter]:
    with RunReporter(store, store.create(SPEC)) as reporter:
        yield reporter


class Parrot:
    """Answers everything with one label."""

    def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> list[Prediction]:
        return [Prediction(Label("lamp_on"), "{}", 0.9, (), (), {}) for _ in items]


def _only_run(store: RunStore) -> str:
    (run,) = store.list()
    return run.id


def test_a_new_run_holds_its_experiment_in_words_that_can_be_run_again(store: RunStore) -> None:
    run = store.get(store.create(SPEC))
    assert (run.name, run.scheme, run.state, run.progress) == (SPEC.name, SPEC.scheme, "starting", None)
    assert (store.paths.run(run.id) / "experiment.toml").read_text() == run.experiment
    assert f'name = "{SPEC.name}"' in run.experiment


def test_a_run_is_found_by_a_part_of_its_id_and_an_unknown_one_names_the_nearest(store: RunStore) -> None:
    with pytest.raises(UserError, match="no run"):
        store.find("latest")
    first, second = store.create(SPEC), store.create(SPEC)
    assert store.find(first[-4:]).id == first
    assert store.find("latest").id == second
    with pytest.raises(UserError, match="Several runs"):
        store.find(first[:8])
    with pytest.raises(UserError) as caught:
        store.get(first[:-1])
    assert first in caught.value.remedy


def test_steps_are_durable_after_flush_and_read_in_parts(store: RunStore, reporter: RunReporter) -> None:
    for step in range(1, 6):
        reporter.step(_metrics(step, loss_speech=0.2 if step % 2 else None))
    reporter.flush()
    run_id = _only_run(store)
    other = RunStore(open_database(store.paths.database), store.paths)
    series = other.steps(run_id)
    assert series.global_step.tolist() == [1, 2, 3, 4, 5]
    assert series.loss_speech[0] == 0.2
    assert math.isnan(series.loss_speech[1])
    assert other.steps(run_id, after_step=3).global_step.tolist() == [4, 5]
    assert len(other.steps(run_id, after_step=5).loss) == 0
    assert other.throughput("teaspoon", "lora") == 40
    assert other.throughput("teaspoon", "full") is None
    assert other.throughput("unknown", "lora") is None
    full = store.create(SPEC.model_copy(update={"method": "full", "lora": None}))
    with RunReporter(store, full) as training:
        training.step(replace(_metrics(1), utterances_per_s=30.0))
    assert other.throughput("teaspoon", "full") == 30
    assert other.throughput("teaspoon", "lora") == 40
    other.db.close()


def test_a_rewound_run_has_forgotten_what_it_will_do_again(store: RunStore, reporter: RunReporter) -> None:
    for step in range(1, 6):
        reporter.step(_metrics(step))
        reporter.evaluation(_result([1]), stage=0, global_step=step, final=False)
    reporter.rewind(3)
    run_id = _only_run(store)
    assert store.steps(run_id).global_step.tolist() == [1, 2, 3]
    assert [evaluation.global_step for evaluation in store.evaluations(run_id)] == [1, 2, 3]
    assert store.get(run_id).global_step == 3


def test_the_same_evaluation_told_twice_is_stored_once(store: RunStore, reporter: RunReporter) -> None:
    for value in (0.3, 0.6):
        reporter.evaluation(_result([1, 2], value), stage=1, global_step=50, final=False)
    reporter.evaluation(_result([1, 2], 0.7), stage=1, global_step=50, final=True)
    run_id = _only_run(store)
    kept, final = store.evaluations(run_id)
    assert kept.scores["exact_match"].value == 0.6
    assert store.final_evaluations(run_id) == [final]
    assert final.scores["exact_match"] == Interval(0.7, 0.6, pytest.approx(0.8))


def test_an_evaluation_remembers_how_many_recordings_were_synthetic(
    store: RunStore, reporter: RunReporter
) -> None:
    reporter.evaluation(replace(_result([1, 2, 3]), synthetic=2), stage=1, global_step=50, final=True)
    reporter.evaluation(_result([1, 2, 3], on="text"), stage=1, global_step=50, final=True)
    speech, text = store.final_evaluations(_only_run(store))
    assert (speech.synthetic, text.synthetic) == (2, 0)
    # It is no score.
    assert speech.scores.keys() == text.scores.keys() == {"exact_match"}


def test_last_predictions_show_the_newest_speech_answers_beside_their_utterances(
    store: RunStore, reporter: RunReporter
) -> None:
    gold, ids = Label("lamp_on", (Slot("room", "kitchen"),)), list(range(1, 10))
    reporter.evaluation(_result(ids), stage=0, global_step=10, final=False)
    reporter.evaluation(_result(ids[:2], on="text"), stage=0, global_step=10, final=False)
    reporter.evaluation(_result(ids[:1], on="shuffled speech"), stage=0, global_step=20, final=False)
    reporter.evaluation(_result(ids[:1], on="cascade"), stage=0, global_step=20, final=False)
    run_id = _only_run(store)
    shown = store.last_predictions(run_id)
    assert len(shown) == 5
    assert {prediction.input for prediction in shown} == {"speech"}
    assert all(prediction.gold == gold for prediction in shown)
    assert all(prediction.key == f"u{prediction.utterance_id}" for prediction in shown)
    assert all(prediction.text == f"text {prediction.utterance_id}" for prediction in shown)
    assert all((prediction.predicted == gold) == prediction.correct for prediction in shown)
    assert shown == store.last_predictions(run_id)


def test_a_dataset_replaced_by_the_very_same_file_takes_no_runs_answers_along(
    store: RunStore, reporter: RunReporter
) -> None:
    said = [Utterance(0, "home", "u1", "validation", Label("lamp_on"), text="lamp on please")]
    library = Library(store.db, store.paths)
    library.add_dataset("home", "test", said)
    result = evaluate(Parrot(), list(library.utterances(["home"])), "text", free_sample=0)
    reporter.evaluation(result, stage=0, global_step=1, final=False)
    before = store.last_predictions(_only_run(store))
    library.add_dataset("home", "test", said, replace=True)
    assert store.last_predictions(_only_run(store)) == before
    assert [(shown.key, shown.text, shown.gold) for shown in before] == [
        ("u1", "lamp on please", Label("lamp_on"))
    ]


def test_a_stop_request_reaches_the_worker_and_its_last_word_stays(
    store: RunStore, reporter: RunReporter
) -> None:
    run_id = _only_run(store)
    assert not reporter.should_stop()
    assert lifecycle.request_stop(store.db, run_id)
    assert store.get(run_id).state == "stopping"
    reporter.flush()
    assert reporter.should_stop()
    reporter.finish("stopped", RunOutcome("As you asked."))
    run = store.get(run_id)
    assert (run.state, run.request) == ("stopped", None)
    assert run.outcome is not None
    assert run.outcome.what == "As you asked."
    assert not lifecycle.request_stop(store.db, run_id)
    assert not lifecycle.conclude(
        store.db,
        run_id,
        pid=run.pid,
        started=run.process_started,
        state="crashed",
        outcome=RunOutcome("too late"),
    )


def test_a_noted_kill_stands_and_the_worker_would_stop_for_it_too(
    store: RunStore, reporter: RunReporter
) -> None:
    run = store.get(_only_run(store))
    assert run.pid is not None
    assert run.process_started is not None
    assert not lifecycle.request_kill(store.db, run.id, run.pid, run.process_started + 10)
    assert lifecycle.request_kill(store.db, run.id, run.pid, run.process_started)
    assert lifecycle.request_stop(store.db, run.id)
    assert (store.get(run.id).request, store.get(run.id).state) == ("kill", "stopping")
    reporter.flush()
    assert reporter.should_stop()
    reporter.finish("stopped")
    assert not lifecycle.request_kill(store.db, run.id, run.pid, run.process_started)


def test_a_signal_asks_to_stop_too(reporter: RunReporter) -> None:
    reporter.ask_to_stop()
    assert reporter.should_stop()


def test_two_workers_never_share_a_run(
    store: RunStore, reporter: RunReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 1)
    with pytest.raises(UserError, match="Another process"):
        RunReporter(store, _only_run(store))


WRITES: dict[str, Callable[[RunReporter], None]] = {
    "flush": lambda reporter: reporter.flush(),
    "plan": lambda reporter: reporter.plan(7),
    "rewind": lambda reporter: reporter.rewind(1),
    "evaluation": lambda reporter: reporter.evaluation(_result([1]), stage=0, global_step=2, final=False),
    "finish": lambda reporter: reporter.finish("completed"),
    "stage": lambda reporter: reporter.stage(1, "text + speech"),
}


def _everything(store: RunStore) -> list[str]:
    return list(store.db.conn.iterdump())


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("successor", ["launched", "named", "gone"])
def test_a_worker_whose_run_was_taken_over_writes_nothing_more(
    store: RunStore, write: str, successor: str
) -> None:
    run_id = store.create(SPEC)
    reporter = RunReporter(store, run_id)
    for step in (1, 2):
        reporter.step(_metrics(step))
    reporter.flush()
    reporter._pending.append(_metrics(3))
    run = store.get(run_id)
    # Somebody gave the worker up although it lives, and started another in its place.
    lifecycle.conclude(
        store.db, run_id, pid=run.pid, started=run.process_started, state="lost", outcome=RunOutcome("gone")
    )
    if successor == "gone":
        store.delete(run_id)
    else:
        moment = lifecycle.begin_launch(store.db, run_id)
        assert moment is not None
        if successor == "named":
            assert run.pid is not None
            lifecycle.name_worker(store.db, run_id, moment, run.pid, 12345.0)
    before = _everything(store)
    with pytest.raises(UserError, match="Another process took over this run"):
        WRITES[write](reporter)
    assert _everything(store) == before


def test_a_worker_thought_lost_still_writes_as_long_as_nobody_took_over(
    store: RunStore, reporter: RunReporter
) -> None:
    run = store.get(_only_run(store))
    lifecycle.conclude(
        store.db, run.id, pid=run.pid, started=run.process_started, state="lost", outcome=RunOutcome("gone")
    )
    reporter.step(_metrics(1))
    reporter.finish("completed")
    assert store.get(run.id).state == "completed"
    assert store.steps(run.id).global_step.tolist() == [1]


def test_an_error_is_not_hidden_by_one_of_the_last_write(store: RunStore) -> None:
    class Trouble(Exception):
        pass

    reporter = RunReporter(store, store.create(SPEC))
    reporter._pending.append(_metrics(1))
    store.db.conn.execute("PRAGMA query_only = ON")
    with pytest.raises(Trouble), reporter:
        raise Trouble
    with pytest.raises(UserError, match="may not write"), reporter:
        pass


def test_answers_of_an_older_database_are_shown_where_their_utterance_is_still_there(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.paths.home / "old.db"
    monkeypatch.setattr(database_module, "MIGRATIONS", MIGRATIONS[:1])
    old = open_database(path)
    slots = json.dumps([["room", "attic"]])
    old.conn.executescript(
        f"""
        INSERT INTO datasets VALUES (1, 'd', 's', 'now');
        INSERT INTO utterances VALUES
            (7, 1, 'k', 'test', 'lamp on', NULL, NULL, 'lamp_on', '{slots}', '', '');
        INSERT INTO runs (id, name, scheme, base_model, speech_share, experiment, state, created_at)
            VALUES ('r', '', '', '', 0, '', 'completed', 0);
        INSERT INTO evaluations VALUES (1, 'r', 1, 0, 'd', 'test', 'text', 2, 1, 0);
        INSERT INTO predictions VALUES
            (1, 7, 'lamp_on', '[]', '{{}}', 0.5, 0),
            (1, 8, NULL, NULL, '', 0.5, 0);
        """
    )
    old.close()
    monkeypatch.undo()
    new = open_database(path)
    (shown,) = RunStore(new, store.paths).last_predictions("r")
    new.close()
    assert (shown.key, shown.text, shown.gold) == ("k", "lamp on", Label("lamp_on", (Slot("room", "attic"),)))


def test_a_worker_of_an_older_launch_leaves_the_run_to_the_newer(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = store.create(SPEC)
    old = lifecycle.begin_launch(store.db, run_id)
    lifecycle.conclude(store.db, run_id, pid=None, started=old, state="lost", outcome=RunOutcome("gone"))
    assert lifecycle.begin_launch(store.db, run_id) is not None
    monkeypatch.setenv(lifecycle.LAUNCH_VARIABLE, repr(old))
    with pytest.raises(UserError, match="Another process"):
        RunReporter(store, run_id)


def test_a_worker_thought_lost_takes_its_run_back(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = store.create(SPEC)
    moment = lifecycle.begin_launch(store.db, run_id)
    lifecycle.conclude(store.db, run_id, pid=None, started=moment, state="lost", outcome=RunOutcome("gone"))
    monkeypatch.setenv(lifecycle.LAUNCH_VARIABLE, repr(moment))
    RunReporter(store, run_id)
    run = store.get(run_id)
    assert (run.state, run.outcome, run.ended_at) == ("running", None, None)


def test_many_launchers_at_once_reserve_a_run_exactly_once(store: RunStore) -> None:
    run_id = store.create(SPEC)
    ready, reserved = threading.Barrier(6), []

    def launch() -> None:
        db = open_database(store.paths.database)
        ready.wait()
        reserved.append(lifecycle.begin_launch(db, run_id))
        db.close()

    threads = [threading.Thread(target=launch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([moment for moment in reserved if moment is not None]) == 1


def test_deleting_removes_rows_and_folder_but_never_a_live_run(store: RunStore) -> None:
    run_id = store.create(SPEC)
    reporter = RunReporter(store, run_id)
    reporter.step(_metrics(1))
    with pytest.raises(UserError, match="still going"):
        store.delete(run_id)
    reporter.finish("completed")
    store.delete(run_id)
    assert store.list() == []
    assert list(store.paths.runs.iterdir()) == []
    assert store.db.execute("SELECT count(*) FROM steps").fetchone() == (0,)
    with pytest.raises(UserError, match="no run"):
        store.delete(run_id)


def test_a_deletion_cut_off_halfway_is_undone_or_completed(store: RunStore) -> None:
    kept, gone = store.create(SPEC), store.create(SPEC)
    for run_id in (kept, gone):
        store.paths.run(run_id).rename(store.paths.runs / f"{store_module.TRASH_PREFIX}{run_id}")
    store.db.execute("DELETE FROM runs WHERE id = ?", (gone,))
    store.sweep()
    assert [folder.name for folder in store.paths.runs.iterdir()] == [kept]


def test_a_run_that_cannot_be_written_leaves_nothing_behind(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise UserError("The disk is full.", where=str(path))

    monkeypatch.setattr(store_module, "write_text_atomically", full)
    with pytest.raises(UserError, match="disk is full"):
        store.create(SPEC)
    assert store.list() == []
    assert list(store.paths.runs.iterdir()) == []
