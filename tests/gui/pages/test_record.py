"""Record: keys for one hand, takes that are never lost, a verdict with a remedy, and review by ear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.audio.devices import AudioSystem
from core.audio.files import read_audio
from core.audio.player import Player
from core.audio.recorder import Recorder
from core.data.utterance import Label, Slot
from core.recording.session import Prompt, Session, SessionPlan, Speaker, TakeRow
from core.recording.spool import Spool, new_facts
from gui.context import AppContext
from gui.pages.label_dialog import LabelDialog
from gui.pages.record import RecordPage
from gui.pages.recording_dialog import RecordingDialog
from gui.pages.session_dialog import SessionDialog
from gui.widgets import microphone_bar
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device
from tests.core.audio.test_vad import SPOKEN
from tests.gui.window import utterance

RATE = 16_000
ROOM = (10 ** (-65 / 20) * np.random.default_rng(17).standard_normal(RATE)).astype(np.float32)
PROMPTS = (
    Prompt(0, 0, "turn on the kitchen lamp", Label("lamp_on")),
    Prompt(0, 0, "good morning", Label("greet")),
    Prompt(0, 0, "play some jazz", Label("play")),
)


@pytest.fixture
def sound() -> FakePortAudio:
    return FakePortAudio([device("USB")])


@pytest.fixture
def page(
    qtbot: QtBot, context: AppContext, sound: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RecordPage]:
    # The device delivers sound only when a test says so, so no silence is too long.
    monkeypatch.setattr(microphone_bar, "Recorder", lambda audio, rolls: Recorder(audio, rolls, lambda: 0.0))
    context.audio = AudioSystem(lambda: sound)
    context.player = Player(context.audio)
    page = RecordPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitExposed(page):
        page.show()
    page.activated()
    qtbot.waitUntil(lambda: not context.background.busy())
    yield page
    page.hide()
    settle(context, qtbot)


@pytest.fixture
def session(context: AppContext) -> Session:
    return context.recordings().begin(SessionPlan("mine", Speaker("ann")), PROMPTS)


@pytest.fixture
def studio(page: RecordPage, session: Session, sound: FakePortAudio, qtbot: QtBot) -> RecordPage:
    """The studio in front, the microphone open."""
    page.open_session(session)
    qtbot.waitUntil(lambda: any(each.active for each in sound.streams))
    stream(sound).deliver(ROOM)
    qtbot.waitUntil(lambda: page.studio.microphone.recorder.listening and page.studio.text.text() != "")
    return page


def stream(sound: FakePortAudio) -> FakeStream:
    return next(each for each in reversed(sound.streams) if each.active and "device" in each.options)


def key(page: RecordPage, which: Qt.Key) -> None:
    QTest.keyClick(page.studio, which)


def sentence() -> np.ndarray:
    samples = read_audio(SPOKEN[0])
    return np.clip(samples * 0.06 / np.sqrt(np.mean(samples**2)), -0.9, 0.9).astype(np.float32)


def speak(page: RecordPage, sound: FakePortAudio, qtbot: QtBot, samples: np.ndarray | None = None) -> None:
    """Record one take with the space bar, and wait until it is kept."""
    studio = page.studio
    key(page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.takes.recording)
    stream(sound).deliver(sentence() if samples is None else samples)
    stream(sound).deliver(ROOM[: RATE // 4])
    key(page, Qt.Key.Key_Space)
    stream(sound).deliver(ROOM)
    qtbot.waitUntil(lambda: bool(studio.verdict.text()) and not studio.takes.keeping, timeout=10_000)


def settle(context: AppContext, qtbot: QtBot) -> None:
    """Until nothing is kept, decided or read any more."""
    qtbot.waitUntil(lambda: not (context.recording.busy() or context.background.busy()), timeout=10_000)


def takes(context: AppContext, session: Session) -> list[TakeRow]:
    return context.recordings().takes_of_session(session.id)


def test_a_take_is_read_judged_kept_and_accepted_by_keys_alone(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    assert studio.studio.text.text() == "turn on the kitchen lamp"
    speak(studio, sound, qtbot)
    assert "A good take" in studio.studio.verdict.text()
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["kept"]
    key(studio, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")
    (take,) = takes(context, session)
    assert (take.state, take.device) == ("accepted", "USB")
    (recorded,) = context.open_library().utterances(["mine"])
    assert (recorded.text, recorded.label.intent, recorded.split) == (PROMPTS[0].text, "lamp_on", "test")
    # The room before the press, the sentence, the quarter second, and the room behind the release.
    heard = read_audio(recorded.audio or Path())
    said = sentence()
    start = RATE // 2
    assert np.max(np.abs(heard[start : start + said.size] - said)) < 1e-4
    assert heard.size == start + said.size + RATE // 4 + round(0.3 * RATE)


def test_a_bad_take_says_what_to_do_and_a_retake_keeps_the_old_one(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    speak(studio, sound, qtbot, np.clip(sentence() * 30, -1, 1))
    assert "cut off at its loudest" in studio.studio.verdict.text()
    assert studio.studio.accept_button.text() == "Accept all the same"
    settle(context, qtbot)
    key(studio, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    key(studio, Qt.Key.Key_Escape)
    settle(context, qtbot)
    assert "forgotten" in studio.studio.message.text()
    assert [take.number for take in takes(context, session)] == [1]
    speak(studio, sound, qtbot)
    key(studio, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")
    first, second = takes(context, session)
    assert (first.state, second.state) == ("kept", "accepted")
    assert [finding["kind"] for finding in first.verdict] == ["clipped"]
    assert first.path.is_file()


def test_back_skip_and_undo(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    key(studio, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")
    speak(studio, sound, qtbot)
    settle(context, qtbot)
    key(studio, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "play some jazz")
    assert "1 of 3 done, 1 skipped" in studio.studio.progress.text()
    QTest.keyClick(studio.studio, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")
    assert "0 of 3 done" in studio.studio.progress.text()
    assert "mine" not in context.open_library().names()
    key(studio, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "turn on the kitchen lamp")


def test_who_comes_back_goes_on_at_the_first_open_prompt_and_is_told_when_all_are_done(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    speak(studio, sound, qtbot)
    key(studio, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")
    studio.studio.leave_button.click()
    settle(context, qtbot)
    assert studio.sessions.table.item(0, 3).text() == "1 of 3"
    studio.sessions.resume.click()
    settle(context, qtbot)
    assert studio.studio.text.text() == "good morning"
    for _ in range(2):
        key(studio, Qt.Key.Key_S)
        settle(context, qtbot)
    assert "2 prompts were skipped" in studio.studio.meaning.text()
    assert not studio.studio.record_button.isEnabled()
    studio.studio.skip_button.click()
    settle(context, qtbot)
    assert studio.studio.text.text() == "good morning"


def test_a_held_key_records_while_it_is_down(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    QTest.keyPress(studio.studio, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    stream(sound).deliver(sentence())
    QTest.keyRelease(studio.studio, Qt.Key.Key_Space)
    stream(sound).deliver(ROOM)
    assert not studio.studio.takes.recording
    settle(context, qtbot)
    assert len(takes(context, session)) == 1


def test_hands_free_begins_before_the_first_word_and_ends_behind_the_last(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    studio.studio.mode.setCurrentIndex(1)
    said = sentence()
    feed = np.concatenate([ROOM, said, np.tile(ROOM, 2)])
    for block in np.array_split(feed, 40):
        stream(sound).deliver(block)
        qtbot.wait(20)
    qtbot.waitUntil(lambda: bool(studio.studio.verdict.text()), timeout=10_000)
    qtbot.waitUntil(lambda: len(takes(context, session)) == 1, timeout=10_000)
    studio.studio.mode.setCurrentIndex(0)
    (take,) = takes(context, session)
    heard = read_audio(take.path)
    at = int(np.argmax(np.correlate(heard, said[:4000], "valid")))
    assert at >= 0.2 * RATE
    assert heard.size - at - said.size >= 0.1 * RATE
    assert np.corrcoef(heard[at : at + said.size], said)[0, 1] > 0.99


def test_losing_the_microphone_keeps_what_it_heard_and_says_so(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    key(studio, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    stream(sound).deliver(sentence())
    sound.plugged.clear()
    stream(sound).end()
    qtbot.waitUntil(lambda: "disconnected" in studio.studio.microphone.message.text())
    qtbot.waitUntil(lambda: "went away" in studio.studio.verdict.text())
    settle(context, qtbot)
    assert len(takes(context, session)) == 1
    key(studio, Qt.Key.Key_Space)
    assert "disconnected" in studio.studio.message.text()


def test_a_session_is_set_up_with_consent_and_texts_that_speech_covers_least(
    page: RecordPage, context: AppContext, qtbot: QtBot
) -> None:
    texts = [utterance(n, intent=f"intent_{n % 3}") for n in range(9)]
    context.open_library().add_dataset("orders", "made", texts)
    page.new_button.click()
    settle(context, qtbot)
    dialog = page.findChild(SessionDialog)
    assert dialog is not None
    assert "name or a code" in dialog.status.text()
    dialog.speaker.setEditText("ben")
    assert "agree" in dialog.status.text()
    dialog.consent.setChecked(True)
    dialog.number.setValue(3)
    with qtbot.waitSignal(dialog.begun) as begun:
        dialog.start.click()
    store = context.recordings()
    session = begun.args[0]
    assert {prompt.label.intent for prompt in store.prompts(session.id) if prompt.label} == {
        *(f"intent_{n}" for n in range(3))
    }
    assert (session.split, session.speaker.code) == ("test", "ben")
    assert session.speaker.consent_on is not None
    settle(context, qtbot)
    assert page.stack.currentWidget() is page.studio


def test_a_file_that_holds_no_texts_is_said_beside_the_choice(
    page: RecordPage, context: AppContext, qtbot: QtBot, tmp_path: Path
) -> None:
    page.begin()
    settle(context, qtbot)
    dialog = page.findChild(SessionDialog)
    assert dialog is not None
    dialog.source.setCurrentIndex(2)
    empty = tmp_path / "texts.txt"
    empty.write_text("\n\n")
    dialog.use_file(empty)
    qtbot.waitUntil(lambda: "holds no text" in dialog.outcome.text())
    assert not dialog.start.isEnabled()
    dialog.reject()


def test_a_take_that_was_in_progress_is_offered_and_kept(
    context: AppContext, session: Session, qtbot: QtBot
) -> None:
    store = context.recordings()
    prompt = store.prompts(session.id)[1]
    facts = new_facts(session.id, prompt.id, "USB", RATE, store.clock())
    spool = Spool.begin(store.folder(session.id), facts)
    spool.append(sentence())
    spool.finish()
    # As if another process had recorded it, and ended.
    spool.path.write_bytes(spool.path.read_bytes().replace(b'"pid": ', b'"pid": 9', 1))
    page = RecordPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "good morning" in page.sessions.found.text())
    page.sessions.keep.click()
    settle(context, qtbot)
    (take,) = takes(context, session)
    assert (take.prompt_id, take.state) == (prompt.id, "kept")
    assert not page.sessions.keep.isVisible()


def test_keys_are_changed_and_none_is_given_twice(
    studio: RecordPage, context: AppContext, qtbot: QtBot
) -> None:
    QTest.keyClicks(studio.studio, "?")
    dialog = studio.findChild(RecordingDialog)
    assert dialog is not None
    dialog.keys["skip"].setKeySequence(QKeySequence("R"))
    dialog.keys["skip"].editingFinished.emit()
    assert "choose another" in dialog.message.text()
    dialog.keys["skip"].setKeySequence(QKeySequence("N"))
    dialog.keys["skip"].editingFinished.emit()
    dialog.thresholds["silence_s"].setValue(5.0)
    dialog.accept()
    assert context.settings.current.recording_thresholds.silence_s == 5.0
    key(studio, Qt.Key.Key_S)
    key(studio, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: studio.studio.text.text() == "good morning")


def test_a_review_listens_decides_and_two_listeners_are_compared(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    for _ in range(2):
        text = studio.studio.text.text()
        speak(studio, sound, qtbot)
        key(studio, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda text=text: studio.studio.text.text() != text)
    review = studio.review
    studio.open_review(session)
    settle(context, qtbot)
    assert review.text.text() == "turn on the kitchen lamp"
    # What is shown can be heard, also the first.
    qtbot.waitUntil(review.take_card.play_button.isEnabled)
    review.accept()
    assert "Type your name" in review.message.text()
    review.reviewer.setText("bea")
    review.reason.setEditText("noise")
    review.accept()
    assert "take it away" in review.message.text()
    assert context.recordings().reviews(session.id) == []
    for name, decisions in (("bea", "accept reject"), ("cy", "accept accept")):
        review.reviewer.setText(name)
        review.decides.setCurrentIndex(int(name == "cy"))
        review.open_session(session)
        settle(context, qtbot)
        for decision in decisions.split():
            review.reason.setEditText("noise" if decision == "reject" else "")
            getattr(review, decision)()
            settle(context, qtbot)
    assert "bea and cy both judged 2 takes: 50 % alike" in review.agreed.text()
    states = [take.state for take in takes(context, session)]
    assert states == ["accepted", "rejected"]
    # A rejected take is used no more, and its prompt is open again.
    assert len(list(context.open_library().utterances(["mine"]))) == 1
    assert context.recordings().progress(session.id).to_record_again == 1
    context.player.stop()


def test_the_sound_at_the_devices_own_rate_is_kept_beside_the_other(
    page: RecordPage, context: AppContext, sound: FakePortAudio, qtbot: QtBot
) -> None:
    plan = SessionPlan("mine", Speaker("ann"), keep_original=True)
    session = context.recordings().begin(plan, PROMPTS)
    page.open_session(session)
    qtbot.waitUntil(lambda: any(each.active for each in sound.streams))
    assert stream(sound).options["samplerate"] == 48_000
    fast = np.repeat(ROOM, 3)
    stream(sound).deliver(fast)
    qtbot.waitUntil(lambda: page.studio.microphone.recorder.listening and page.studio.text.text() != "")
    speak(page, sound, qtbot, np.repeat(sentence(), 3))
    stream(sound).deliver(fast)
    settle(context, qtbot)
    (take,) = takes(context, session)
    assert take.original is not None
    assert (take.rate, soundfile.info(take.original).samplerate) == (48_000, 48_000)
    assert soundfile.info(take.path).samplerate == 16_000


def test_what_is_pressed_ahead_waits_and_is_about_what_was_in_sight(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    # Space, Enter, Space as fast as one can: the first take is accepted, the second is of the next prompt.
    key(studio, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    stream(sound).deliver(sentence())
    stream(sound).deliver(ROOM[: RATE // 4])
    for each in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Space):
        key(studio, each)
    stream(sound).deliver(ROOM)
    qtbot.waitUntil(lambda: studio.studio.takes.recording and studio.studio.text.text() == "good morning")
    stream(sound).deliver(sentence())
    key(studio, Qt.Key.Key_Space)
    stream(sound).deliver(ROOM)
    settle(context, qtbot)
    first, second = takes(context, session)
    assert (first.state, second.state) == ("accepted", "kept")
    assert [first.prompt_id, second.prompt_id] == [
        each.id for each in context.recordings().prompts(session.id)[:2]
    ]


def test_a_bad_take_is_not_accepted_before_its_verdict_could_be_read(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    key(studio, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    stream(sound).deliver(np.zeros(RATE, np.float32))
    key(studio, Qt.Key.Key_Return)
    stream(sound).deliver(np.zeros(RATE, np.float32))
    settle(context, qtbot)
    assert "Not accepted yet" in studio.studio.message.text()
    assert [take.state for take in takes(context, session)] == ["kept"]
    key(studio, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["accepted"]


def test_a_key_pressed_twice_accepts_no_take_of_the_next_prompt(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    key(studio, Qt.Key.Key_S)
    settle(context, qtbot)
    speak(studio, sound, qtbot)  # of the second prompt, kept
    settle(context, qtbot)
    key(studio, Qt.Key.Key_Backspace)
    settle(context, qtbot)
    speak(studio, sound, qtbot)
    settle(context, qtbot)
    for _ in range(2):
        key(studio, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert studio.studio.text.text() == "good morning"
    assert [take.state for take in takes(context, session)] == ["accepted", "kept"]


def test_an_undo_pressed_at_once_takes_back_what_was_just_decided(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    for _ in range(2):
        speak(studio, sound, qtbot)
        settle(context, qtbot)
        key(studio, Qt.Key.Key_Return)
    QTest.keyClick(studio.studio, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["accepted", "kept"]


def test_enter_goes_on_from_the_take_that_was_chosen_and_never_takes_a_rejected_one(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    speak(studio, sound, qtbot)
    settle(context, qtbot)
    speak(studio, sound, qtbot)
    settle(context, qtbot)
    studio.studio.list.wanted.emit(takes(context, session)[0])
    settle(context, qtbot)
    key(studio, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["accepted", "kept"]
    store = context.recordings()
    for take in takes(context, session):
        store.decisions.reject(take.id)
    studio.open_session(session)
    settle(context, qtbot)
    key(studio, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["rejected", "rejected"]


def test_leaving_the_page_amid_a_take_keeps_it_with_its_end(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    key(studio, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    stream(sound).deliver(sentence())
    studio.hide()
    stream(sound).deliver(ROOM)
    settle(context, qtbot)
    (take,) = takes(context, session)
    assert "interrupted" not in {finding["kind"] for finding in take.verdict}
    assert take.duration_s == pytest.approx(0.5 + len(sentence()) / RATE + 0.3, abs=0.01)
    qtbot.waitUntil(lambda: not any(each.active for each in sound.streams))


def test_what_is_typed_into_a_field_of_the_review_decides_nothing(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    speak(studio, sound, qtbot)
    settle(context, qtbot)
    studio.open_review(session)
    settle(context, qtbot)
    for field in (studio.review.reviewer, studio.review.note):
        field.setFocus()
        QTest.keyClicks(field, "bea")
        QTest.keyClick(field, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert context.recordings().reviews(session.id) == []


def test_nothing_of_a_known_speaker_is_said_of_a_new_one(
    page: RecordPage, context: AppContext, session: Session, qtbot: QtBot
) -> None:
    known = Speaker("ann", age_band="45-59", notes="hoarse", consent_on="2026-01-01")
    context.recordings().begin(SessionPlan("mine", known), PROMPTS)
    page.begin()
    settle(context, qtbot)
    dialog = page.findChild(SessionDialog)
    assert dialog is not None
    line = dialog.speaker.lineEdit()
    assert line is not None
    for name, age in (("ann", "45-59"), ("anna", "")):
        line.setText(name)
        line.editingFinished.emit()
        assert (dialog.age.currentText(), dialog.consent.isChecked()) == (age, bool(age))
    dialog.reject()


def test_a_prompt_that_came_as_mere_text_is_labelled_and_its_take_is_an_utterance(
    page: RecordPage, context: AppContext, sound: FakePortAudio, qtbot: QtBot
) -> None:
    session = context.recordings().begin(SessionPlan("mine", Speaker("ann")), [Prompt(0, 0, "dim the lamp")])
    page.open_session(session)
    qtbot.waitUntil(lambda: any(each.active for each in sound.streams))
    stream(sound).deliver(ROOM)
    settle(context, qtbot)
    speak(page, sound, qtbot)
    settle(context, qtbot)
    key(page, Qt.Key.Key_Return)
    settle(context, qtbot)
    assert "mine" not in context.open_library().names()
    key(page, Qt.Key.Key_Backspace)
    settle(context, qtbot)
    page.studio.label_button.click()
    dialog = page.findChild(LabelDialog)
    assert dialog is not None
    assert not dialog.save.isEnabled()
    dialog.intent.setEditText("light_dim")
    dialog.slots.show_slots((Slot("device", "lamp"),))
    with qtbot.waitSignal(dialog.labelled):
        dialog.save.click()
    settle(context, qtbot)
    (recorded,) = context.open_library().utterances(["mine"])
    assert recorded.label == Label("light_dim", (Slot("device", "lamp"),))
    assert not page.studio.label_button.isVisible()


def test_escape_forgets_a_take_in_the_window_too_and_a_retake_keeps_the_one_before(
    studio: RecordPage, context: AppContext, session: Session, sound: FakePortAudio, qtbot: QtBot
) -> None:
    # As the window has it: Esc dismisses an error.
    dismissed: list[int] = []
    QShortcut(QKeySequence("Esc"), studio, lambda: dismissed.append(1))
    for which, kept in ((Qt.Key.Key_Escape, 0), (Qt.Key.Key_R, 1)):
        key(studio, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: studio.studio.takes.recording)
        stream(sound).deliver(sentence())
        key(studio, which)
        stream(sound).deliver(ROOM)
        if which == Qt.Key.Key_Escape:
            settle(context, qtbot)
        qtbot.waitUntil(lambda kept=kept: len(takes(context, session)) == kept)
    qtbot.waitUntil(lambda: studio.studio.takes.recording)
    assert dismissed == []
    key(studio, Qt.Key.Key_Escape)
    settle(context, qtbot)
    assert [take.state for take in takes(context, session)] == ["kept"]


def test_everything_has_a_name_and_is_reached_by_tab(studio: RecordPage) -> None:
    for kind in (QPushButton, QLineEdit):
        for each in studio.studio.findChildren(kind):
            if each.isVisibleTo(studio.studio):
                assert each.accessibleName(), each
                assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, each
    assert studio.studio.text.accessibleName() == "Prompt"
    assert studio.studio.list.accessibleName() == "Takes of this prompt"
