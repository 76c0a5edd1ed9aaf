"""Sessions as they are kept, and how far they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import UserError
from core.recording.finishing import finish_take
from core.recording.progress import BREAK_S
from core.recording.session import Break, Session, SessionPlan, Speaker
from core.recording.store import RecordingStore
from core.storage.database import open_database
from tests.core.recording.conftest import ANN, LAMP, PROMPTS, Clock, Record, spool_of, utterances


def test_a_session_is_there_as_it_was_planned_after_a_restart(store: RecordingStore) -> None:
    plan = SessionPlan(
        "mine", ANN, "validation", device="USB", rate=48_000, keep_original=True, seed=3, source="a.txt"
    )
    made = store.begin(plan, PROMPTS)
    with open_database(store.paths.database) as db:
        again = RecordingStore(db, store.paths)
        assert again.sessions() == [made]
        assert again.session(made.short) == made
        assert (made.split, made.rate, made.keep_original, made.speaker.notes) == (
            *("validation", 48_000, True),
            "sits near the window",
        )
        prompts = again.prompts(made.id)
        assert [prompt.position for prompt in prompts] == [1, 2, 3]
        assert {prompt.text for prompt in prompts} == {prompt.text for prompt in PROMPTS}
        assert next(prompt for prompt in prompts if "lamp" in prompt.text).label == LAMP


def test_a_speaker_of_the_same_code_is_the_same_person(store: RecordingStore, session: Session) -> None:
    again = store.begin(SessionPlan("mine", Speaker(" ann ", accent="Scottish")), PROMPTS)
    assert again.speaker.id == session.speaker.id
    assert store.speakers() == [replace(session.speaker, accent="Scottish")]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (SessionPlan("mine", Speaker(" ")), "needs a name or a code"),
        (SessionPlan("mine", Speaker("a\nb")), "cannot be called so"),
        (SessionPlan("../mine", ANN), "cannot be a dataset's name"),
        (SessionPlan("mine", ANN, "dev"), "no split"),  # type: ignore[arg-type]
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(
    store: RecordingStore, plan: SessionPlan, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        store.begin(plan, PROMPTS)
    assert store.sessions() == []


def test_there_is_no_session_without_prompts_and_no_unknown_one(
    store: RecordingStore, session: Session
) -> None:
    with pytest.raises(UserError, match="no prompt"):
        store.begin(SessionPlan("mine", ANN), [])
    with pytest.raises(UserError, match="no recording session") as caught:
        store.session("nothing")
    assert session.short in caught.value.remedy


def test_a_session_goes_on_at_the_first_open_prompt(
    store: RecordingStore, session: Session, record: Record
) -> None:
    first, second, third = store.prompts(session.id)
    assert store.first_open(session.id) == first
    store.decisions.accept(record(first).id)
    record(second)
    assert store.first_open(session.id) == second, "a take that nobody accepted leaves its prompt open"
    store.decisions.skip(second.id)
    assert store.first_open(session.id) == third
    store.decisions.accept(record(third).id)
    assert store.first_open(session.id) is None
    store.decisions.reopen(second.id)
    assert store.first_open(session.id, after=2) == second


def test_takes_recorded_into_the_demo_outlive_its_next_version(
    store: RecordingStore, record: Record, tmp_path: Path
) -> None:
    manifest = tmp_path / "demo.jsonl"
    manifest.write_text('{"text": "hello", "intent": "greet", "split": "train"}')
    store.library.ensure_demo(manifest)
    session = store.begin(SessionPlan("demo", ANN), PROMPTS)
    store.decisions.accept(record(store.prompts(session.id)[0]).id)
    manifest.write_text('{"text": "hello there", "intent": "greet", "split": "train"}')
    store.library.ensure_demo(manifest)
    assert f"{session.short}-1" in utterances(store, "demo")


def test_takes_are_numbered_and_keep_all_that_is_known(
    store: RecordingStore, session: Session, record: Record
) -> None:
    first, second, _ = store.prompts(session.id)
    takes = [record(first), record(first), record(second)]
    assert [take.number for take in takes] == [1, 2, 1]
    told = ({"kind": "clipped", "severity": "bad"},)
    judged = finish_take(store, spool_of(store, first), verdict=told, gaps=2)
    assert (store.take(judged.id).verdict, store.take(judged.id).gaps) == (told, 2)
    assert store.takes(first.id)[1] == takes[1]


def test_progress_counts_work_and_leaves_breaks_out(
    store: RecordingStore, session: Session, record: Record, clock: Clock
) -> None:
    start = clock.now
    assert store.progress(session.id, start + 10_000).active_s == 0
    first, second, third = store.prompts(session.id)
    store.decisions.accept(record(first, 0.6).id)
    clock.now += 90
    store.decisions.reject(record(second, 0.6).id)
    clock.now += 30 * BREAK_S
    store.decisions.accept(record(third, 0.6).id)
    clock.now += 29.4

    progress = store.progress(session.id)
    assert (progress.total, progress.done, progress.left, progress.to_record_again) == (3, 2, 1, 1)
    assert progress.minutes == pytest.approx(1.2 / 60)
    assert progress.breaks == (Break(start + 90.6, start + 90 + 30 * BREAK_S),)
    # What may come to be a break does not count before it turns out not to be one.
    assert progress.active_s == pytest.approx(91.2)
    assert progress.per_hour == pytest.approx(3600 * 2 / 91.2)
    assert progress.intents == {"greet": (0, 1), "lamp_on": (1, 1)}
    assert progress.slot_types == {"room": (1, 1)}
    store.decisions.skip(second.id)
    assert (store.progress(session.id).skipped, store.progress(session.id).left) == (1, 0)
    going_on = store.progress(session.id, clock.now + 2 * BREAK_S)
    assert going_on.breaks[-1].end == clock.now + 2 * BREAK_S
