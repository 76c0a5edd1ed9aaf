from __future__ import annotations

import json
from dataclasses import replace

from core.evaluation.results import EvaluationInput, EvaluationResult, Interval
from core.runs import lifecycle
from core.runs.reporter import RunReporter
from core.runs.run import RunOutcome
from core.runs.store import RunStore
from tests.core.commands.conftest import Spoonful
from tests.core.runs.conftest import SPEC


def _result(given: EvaluationInput, scores: dict[str, float]) -> EvaluationResult:
    intervals = {metric: Interval(value, value - 0.1, value + 0.1) for metric, value in scores.items()}
    return EvaluationResult("home", "test", given, 60, intervals, ())


def test_how_much_the_model_hears_while_training_is_shown(spoonful: Spoonful, store: RunStore) -> None:
    run_id = store.create(SPEC)
    gain = {"hearing_loss_gain": Interval(0.31, 0.12, 0.5)}
    checked = EvaluationResult("home", "validation", "shuffled speech", 16, gain, ())
    RunReporter(store, run_id).evaluation(checked, stage=0, global_step=5, final=False)
    assert "+0.31 [+0.12, +0.50]" in spoonful("runs", "show", run_id).out


def _completed(store: RunStore, gain: float) -> str:
    run_id = store.create(SPEC)
    reporter = RunReporter(store, run_id)
    reporter.evaluation(_result("speech", {"exact_match": 0.4}), stage=0, global_step=5, final=False)
    for given in ("shuffled speech", "speech", "text"):
        scores = {"exact_match": 0.5, "intent_accuracy": 0.75}
        if given == "shuffled speech":
            scores |= {"hearing_gain_exact_match": gain, "hearing_gain_intent_accuracy": gain}
        reporter.evaluation(_result(given, scores), stage=0, global_step=10, final=True)
    reporter.finish("completed")
    return run_id


def test_list_and_show_give_the_final_scores_with_intervals(spoonful: Spoonful, store: RunStore) -> None:
    assert "no run yet" in spoonful("runs", "list").out
    run_id = _completed(store, gain=0.3)
    listed = spoonful("runs", "list").out
    assert run_id in listed
    assert "50.0 % [40.0, 60.0]" in listed
    shown = spoonful("runs", "show", run_id).out
    assert "75.0 % [65.0, 85.0]" in shown
    assert "+30.0 points [+20.0, +40.0]" in shown
    assert "may not hear" not in shown
    assert "40.0 % [30.0, 50.0]" in shown
    tested = [
        line.split()[3] for line in shown.splitlines() if line.startswith("home / test") and "%" in line
    ]
    assert tested[:3] == ["speech", "text", "shuffled"]

    report = spoonful("runs", "show", run_id, "--json").json
    (speech,) = [each for each in report["scores"] if each["input"] == "speech"]
    assert speech["metrics"]["exact_match"]["value"] == 0.5
    assert len(report["evaluations"]) == 4
    assert json.loads(json.dumps(report)) == report


def test_scores_on_synthetic_recordings_say_so(spoonful: Spoonful, store: RunStore) -> None:
    people, machine = _completed(store, gain=0.3), store.create(SPEC)
    reporter = RunReporter(store, machine)
    result = replace(_result("speech", {"exact_match": 0.5}), synthetic=60)
    reporter.evaluation(result, stage=0, global_step=10, final=True)
    reporter.finish("completed")

    said = (
        "All 60 recordings are synthetic: spoken by a machine. Such scores say nothing about people's voices."
    )
    assert f"{said}  (home / test)" in spoonful("runs", "show", machine).out
    assert "are synthetic" not in spoonful("runs", "show", people).out
    (scores,) = spoonful("runs", "show", machine, "--json").json["scores"]
    assert (scores["n"], scores["synthetic"]) == (60, 60)
    assert scores["metrics"].keys() == {"exact_match"}
    rows = {line.split()[0]: line for line in spoonful("runs", "list").out.splitlines()}
    assert "50.0 % [40.0, 60.0], synthetic" in rows[machine]
    assert "synthetic" not in rows[people]


def test_a_cascade_has_a_row_and_its_word_error_rate_a_column(spoonful: Spoonful, store: RunStore) -> None:
    run_id = _completed(store, gain=0.3)
    assert "Word error rate" not in spoonful("runs", "show", run_id).out
    scores = {"exact_match": 0.45, "word_error_rate": 0.35}
    RunReporter(store, run_id).evaluation(_result("cascade", scores), stage=0, global_step=10, final=True)
    shown = spoonful("runs", "show", run_id).out
    assert "Word error rate" in shown
    rows = [line for line in shown.splitlines() if line.startswith("home / test")]
    assert [row.split()[3] for row in rows[:4]] == ["speech", "text", "cascade", "shuffled"]
    assert [row.endswith("35.0 % [25.0, 45.0]") for row in rows[:4]] == [False, False, True, False]
    # The list and the headline stay those of true speech.
    assert "50.0 % [40.0, 60.0]" in spoonful("runs", "list").out


def test_a_model_that_gains_nothing_by_hearing_is_called_out(spoonful: Spoonful, store: RunStore) -> None:
    assert "may not hear" in spoonful("runs", "show", _completed(store, gain=0.02)).out


def test_a_lost_run_says_what_to_do(spoonful: Spoonful, store: RunStore) -> None:
    run_id = store.create(SPEC)
    moment = lifecycle.begin_launch(store.db, run_id)
    lost = RunOutcome("The training process is gone.", remedy="Resume the run: it begins again.")
    lifecycle.conclude(store.db, run_id, pid=None, started=moment, state="lost", outcome=lost)
    shown = spoonful("runs", "show", run_id).out
    assert "The training process is gone." in shown
    assert f"spoonful runs resume {run_id}" in shown


def test_an_unknown_run_names_the_nearest(spoonful: Spoonful, store: RunStore) -> None:
    run_id = store.create(SPEC)
    done = spoonful("runs", "show", run_id[:-2] + "zz", "--json")
    assert done.code == 2
    assert run_id in done.json["error"]["remedy"]


def test_what_is_doubtful_about_a_run_is_shown_until_it_is_taken_back(
    spoonful: Spoonful, store: RunStore
) -> None:
    run_id = store.create(SPEC)
    reporter = RunReporter(store, run_id)
    reporter.warning("hearing", "It hears little.")
    reporter.warning("hearing", "It hears nothing.")
    reporter.warning("memory", "There is not much memory.")
    reporter.finish("completed")
    shown = spoonful("runs", "show", run_id).out
    assert "Warning: It hears nothing." in shown
    assert "It hears little." not in shown
    both = ["It hears nothing.", "There is not much memory."]
    assert spoonful("runs", "show", run_id, "--json").json["warnings"] == both
    reporter.warning("hearing", "")
    assert store.get(run_id).warnings == ("There is not much memory.",)
