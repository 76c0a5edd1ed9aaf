"""What was said is there as it was, is found by its words, and goes with its recording and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.data.library import Library
from core.data.utterance import Label, Utterance
from core.errors import UserError
from core.storage.database import Database, open_database
from core.tryout.kept import HistoryQuery, KeptExchange
from core.tryout.memory import MOST_SOUND_S, MemoryHistory
from core.tryout.store import TryoutStore
from tests.core.tryout.conftest import LAMP, Say, answer, tone

EVERYTHING = HistoryQuery()


def found(store: TryoutStore, search: str, session: str | None = None) -> list[str]:
    return [line.id for line in store.lines(HistoryQuery(session, search))]


def test_an_exchange_comes_back_as_it_was(store: TryoutStore, say: Say) -> None:
    said = say(
        "a",
        at=12.5,
        spoken=True,
        remark="Sound was lost once.",
        hands_free=True,
        answers=(
            answer(at=1.0, waited_s=0.4, recording_s=0.1),
            answer(None, at=2.0, model="teaspoon", datasets=("demo",), compared=True),
        ),
    )
    silent = say("b", unheard=("No speech heard", "It was too quiet."), answers=())
    assert store.exchange("a") == said
    assert store.exchange("b") == silent
    assert store.exchange("c") is None


def test_the_home_may_move(store: TryoutStore, say: Say, database: Database, tmp_path: Path) -> None:
    say("a", spoken=True)
    database.conn.close()
    moved = replace(store.paths, home=store.paths.home.rename(tmp_path / "elsewhere"))
    with open_database(moved.database) as db:
        kept = TryoutStore(db, moved).exchange("a")
    assert kept is not None
    assert kept.recording is not None
    assert kept.recording.is_file()


def test_lines_tell_what_a_list_shows_the_newest_first(store: TryoutStore, say: Say) -> None:
    say("old", at=1.0, text="good morning", answers=(answer(Label("greet"), waited_s=0.7),))
    say("new", at=2.0, spoken=True, answers=())
    store.answer("new", answer(at=5.0))
    store.answer("new", answer(Label("wrong"), at=6.0, model="other", compared=True))
    new, old = store.lines(EVERYTHING)
    assert (old.said, old.intent, old.took_s, old.recorded, old.models) == (
        "good morning",
        "greet",
        0.7,
        False,
        1,
    )
    # The chosen model's answer, however late a compared one comes; without a wait its own seconds.
    assert (new.said, new.intent, new.took_s, new.recorded, new.models) == ("", "lamp_on", 0.03, True, 2)
    assert store.lines(EVERYTHING, limit=1) == [new]
    kept = store.exchange("new")
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer.model == "run-1"


def test_a_model_that_is_asked_again_answers_once(store: TryoutStore, say: Say) -> None:
    say("a")
    store.answer("a", answer(Label("lamp_off"), at=9.0))
    (line,) = store.lines(EVERYTHING)
    assert (line.intent, line.models) == ("lamp_off", 1)
    store.answer("gone", answer())  # removed while the model was thinking
    assert len(store.lines(EVERYTHING)) == 1


def test_a_search_looks_at_words_transcript_and_labels(store: TryoutStore, say: Say) -> None:
    say("typed", text="Mach das Licht AN", answers=(answer(Label("light_on")),))
    say("spoken", at=1.0, session="yesterday")
    assert found(store, "licht an") == ["typed"]
    assert found(store, "LIGHT_ON") == ["typed"]
    assert found(store, "kuche") == ["spoken"]  # the filler Küche
    assert found(store, "room lamp") == ["spoken"]
    store.transcribe("spoken", "turn on 100 % of the lamps")
    assert found(store, "100 %") == ["spoken"]
    assert found(store, "100 % licht") == []
    assert found(store, "", "yesterday") == ["spoken"]
    assert found(store, "licht", "yesterday") == []
    assert [each.id for each in store.find(HistoryQuery(search="a"))] == ["typed", "spoken"]


def test_sessions_are_listed_the_newest_first(store: TryoutStore, say: Say) -> None:
    say("a", at=10.0, session="first")
    say("b", at=30.0, session="second")
    say("c", at=20.0, session="first")
    assert [tuple(each) for each in store.sessions()] == [("second", 30.0, 1), ("first", 10.0, 2)]


def test_what_is_removed_goes_with_its_recording(store: TryoutStore, say: Say) -> None:
    gone, stays = say("a", spoken=True), say("b", at=1.0, spoken=True)
    assert store.delete(["a", "unknown"]) == 1
    assert [line.id for line in store.lines(EVERYTHING)] == ["b"]
    assert gone.recording is not None
    assert not gone.recording.exists()
    assert stays.recording is not None
    assert stays.recording.exists()
    (left,) = store.db.conn.execute("SELECT count(*) FROM answers").fetchone()
    assert left == 1


def test_a_session_is_removed_alone(store: TryoutStore, say: Say) -> None:
    say("a", spoken=True)
    say("b", at=1.0, spoken=True, session="other")
    assert store.delete_session("today") == 1
    assert [path.name for path in store.paths.takes.iterdir()] == ["b.wav"]


@pytest.mark.parametrize("form", ["within the home", "absolute", "through a link"])
def test_a_recording_that_a_dataset_uses_stays(
    store: TryoutStore, library: Library, say: Say, tmp_path: Path, form: str
) -> None:
    (tmp_path / "link").symlink_to(store.paths.home, target_is_directory=True)
    if form == "through a link":
        store.paths = replace(store.paths, home=tmp_path / "link")
    used = say("a", spoken=True)
    assert used.recording is not None
    audio = used.recording.resolve() if form == "through a link" else used.recording
    library.add_dataset("mine", "test", [Utterance(0, "", "k", "train", LAMP, audio=audio, duration_s=0.5)])
    if form == "absolute":
        store.db.conn.execute("UPDATE utterances SET audio = ?", (str(audio),))
    store.delete(["a"])
    assert store.lines(EVERYTHING) == []
    assert audio.is_file()


def test_a_file_that_was_only_opened_stays(store: TryoutStore, say: Say, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.wav"
    theirs.write_bytes(b"sound")
    say("a", source="file", recording=theirs)
    # Even one of another exchange, opened from where the program keeps it.
    other = say("b", at=1.0, spoken=True)
    say("c", at=2.0, source="file", recording=other.recording)
    store.delete(["a", "c"])
    assert theirs.is_file()
    assert other.recording is not None
    assert other.recording.is_file()


def test_what_cannot_be_removed_is_said_and_stays_listed(
    store: TryoutStore, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = say("a", spoken=True)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(UserError, match="could not be removed") as caught:
        store.delete(["a"])
    assert caught.value.where == str(stuck.recording)
    assert [line.id for line in store.lines(EVERYTHING)] == ["a"]


def test_a_recording_that_is_gone_already_does_not_hold_a_removal(store: TryoutStore, say: Say) -> None:
    said = say("a", spoken=True)
    assert said.recording is not None
    said.recording.unlink()
    assert store.delete(["a"]) == 1


# -- in memory -----------------------------------------------------------------------------------------


def test_memory_lists_as_the_database_does(store: TryoutStore, say: Say) -> None:
    memory = MemoryHistory()
    for kept in (
        say("a", at=1.0, text="Guten Tag", answers=(answer(Label("greet"), waited_s=0.2),)),
        say("b", at=2.0, spoken=True, session="other"),
        say("c", at=3.0, unheard=("No speech heard", "Too quiet."), answers=()),
    ):
        memory.keep(kept, tone() if kept.recording else None)
    for history in (store, memory):
        history.answer("a", answer(Label("bye"), at=3.0, model="other", compared=True))
        history.transcribe("b", "the lamp")
    for query in (
        EVERYTHING,
        HistoryQuery("today"),
        HistoryQuery(search="TAG bye"),
        HistoryQuery(search="lamp"),
    ):
        assert [line._replace(kept=True) for line in memory.lines(query)] == store.lines(query)
    memory.delete(["a"])
    assert memory.exchange("a") is None
    assert memory.exchange("b") == store.exchange("b")


def test_memory_forgets_the_oldest_sound_and_never_the_words() -> None:
    memory = MemoryHistory()
    long = tone().repeat(int(MOST_SOUND_S))  # half of what is remembered
    for number in range(4):
        memory.keep(KeptExchange(str(number), "s", float(number), "microphone"), long)
    assert [line.recorded for line in memory.lines(EVERYTHING)] == [True, True, False, False]
    assert memory.samples("0") is None
    assert memory.samples("3") is long
