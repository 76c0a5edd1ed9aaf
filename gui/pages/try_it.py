"""The Try it page: hold the button, speak, let go, and see what the model understood."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples, holds_speech, peak_dbfs, speech_seconds
from core.audio.recorder import LONGEST_TAKE_S, TALKING, PendingTake, Take, save_take
from core.errors import UserError
from core.inference.prediction import Prediction
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted
from gui.model_choices import ModelChoice
from gui.widgets.basics import Card, button, label
from gui.widgets.label_card import LabelCard
from gui.widgets.microphone_bar import MicrophoneBar
from gui.widgets.model_bar import ModelBar
from gui.widgets.page_frame import PageFrame
from gui.widgets.take_card import TakeCard
from gui.widgets.talk_button import TalkButton

SHORTEST_HOLD_S = 0.2
LEAST_HELD_SPEECH_S = 0.06
"""The pre-roll saves a first syllable, but what was heard only before the press was not meant for the model:
the end of another sentence, or of the playback."""

UNMUTED_DBFS = -70.0
"""A live microphone hisses louder than this; below, it is muted or its cable is loose."""

AUDIO_FILES = "Sound files (*.wav *.flac *.ogg *.opus *.mp3);;All files (*)"
LEFT_WIDTH = 384
_FRAME_MS = 50
LOOK_FOR_MODELS_MS = 3_000
"""A run may complete while the page is open."""


@dataclass(frozen=True)
class Heard:
    """A recording to be understood. samples: 16 kHz. silent: why it gets no guess, if it gets none, as
    headline and reason. remark: what is wrong with its sound. released_at, ready_at: when the button was let
    go and when the sound was at hand, on `time.perf_counter`; None for what was not spoken just now."""

    path: Path
    samples: Samples
    silent: tuple[str, str] | None
    remark: str = ""
    released_at: float | None = None
    ready_at: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What the page showed. waited_s: from letting go to the label standing on the screen, and recording_s,
    the part of it until the sound was at hand; None when the recording was not spoken just now."""

    prediction: Prediction
    path: Path
    waited_s: float | None = None
    recording_s: float | None = None


class TryItPage(PageFrame):
    """Nothing here waits: microphone, model and files are all talked to in the background.

    Only the newest recording is answered: what is still on its way for an older one is dropped. Another
    model is asked about the same recording at once, so that models can be compared on one voice.
    """

    title = "Try it"
    icon_name = "try-it"
    answered = Signal(object)
    """an `Answer`, when its label stands on the screen"""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__("Try it", hint="Hold the button, say a command, let go.", parent=parent)
        self._context = context
        self._held_since = 0.0
        self._reading: Task | None = None
        self._asking: Task | None = None
        self._heard: Heard | None = None
        self._shown: tuple[Heard, Prediction] | None = None
        self.model = ModelBar(context)
        self.microphone = MicrophoneBar(context)
        self.talk = TalkButton(context.theme)
        self.open_button = button("Open audio file...", theme=context.theme, icon="folder")
        self.label_card = LabelCard(context.theme)
        self.take_card = TakeCard(context)
        self._frame = QTimer(self, interval=_FRAME_MS)
        self._look_for_models = QTimer(self, interval=LOOK_FOR_MODELS_MS)
        self._lay_out()
        self._connect()
        self.label_card.invite(())

    def activated(self) -> None:
        """The page comes to the front: the space bar talks, and new runs are in the list."""
        self.talk.setFocus()
        self.model.refresh()

    def use_run(self, run_id: str) -> None:
        """Try this run."""
        self.model.use(run_id)

    def open_file(self, path: Path) -> None:
        """Understand a sound file instead of the microphone."""

        def read(_task: Task) -> Heard:
            samples = read_audio(path)
            return Heard(path, samples, _silence(samples))

        self._start("Reading the file\N{HORIZONTAL ELLIPSIS}")
        self.take_card.empty()
        self._reading = self._context.background.run(
            read, success=self._hear, failure=self._show_error, owner=self
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.microphone.listen(True)
        self._look_for_models.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look_for_models.stop()
        self._release()
        self.microphone.listen(False)

    # -- recording -------------------------------------------------------------------------------------

    @Slot()
    def _press(self) -> None:
        problem = self.microphone.problem()
        if problem or not self.microphone.recorder.begin():
            self._start("")
            self.label_card.explain("The microphone is not ready", problem)
            return
        self._held_since = time.perf_counter()
        self._start("Listening\N{HORIZONTAL ELLIPSIS}")
        self.take_card.stop()
        self.microphone.lock(True)
        self.talk.show_recording(True)
        self._frame.start()

    def _release(self, full: str = "") -> None:
        """full: what to say of a take that ended because no more would be heard."""
        pending = self.microphone.recorder.release()
        if pending is None:
            return
        # Without a hand letting go (the page is left, the take is full) it is now.
        released_at = self.talk.let_go_at if self.talk.let_go_at > self._held_since else time.perf_counter()
        self._frame.stop()
        self.microphone.lock(False)
        self.talk.show_recording(False)
        self.label_card.wait("Thinking\N{HORIZONTAL ELLIPSIS}")
        self._reading = self._context.background.run(
            self._collector(pending, released_at, released_at - self._held_since, full),
            success=self._hear,
            failure=self._show_error,
            owner=self,
        )

    def _collector(
        self, pending: PendingTake, released_at: float, held_s: float, full: str
    ) -> Callable[[Task], Heard]:
        def collect(_task: Task) -> Heard:
            take = self.microphone.recorder.collect(pending)
            path = save_take(take, self._context.paths.audio / "takes")
            return Heard(
                path,
                take.samples,
                _why_silent(take, held_s),
                " ".join(part for part in (full, _remark(take)) if part),
                released_at,
                time.perf_counter(),
            )

        return collect

    @Slot()
    def _follow_recording(self) -> None:
        recorder = self.microphone.recorder
        self.take_card.show_recording(*recorder.so_far())
        longest_s = self._longest_s()
        if recorder.elapsed_s >= longest_s:
            self._release(f"The recording ended after {longest_s:.0f} s: the model hears no more at once.")

    def _longest_s(self) -> float:
        """How long the button may be held: the model hears no more than its window."""
        window_s = None if self.model.model is None else self.model.model.window_s
        return min(LONGEST_TAKE_S, window_s or LONGEST_TAKE_S) - TALKING.pre_s - TALKING.post_s

    # -- understanding ---------------------------------------------------------------------------------

    def _start(self, what: str) -> None:
        """Something new is to be understood: forget what is under way."""
        for task in (self._reading, self._asking):
            if task is not None:
                task.cancel()
        self._heard, self._shown = None, None
        self.label_card.wait(what)

    def _hear(self, heard: Heard) -> None:
        self._heard = heard
        self.take_card.show_take(heard.samples, heard.remark)
        if heard.silent:
            self.label_card.explain(*heard.silent)
        else:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        """Ask the chosen model about the newest recording, now or when it is loaded."""
        heard = self._heard
        if heard is None or heard.silent:
            return
        if not self.model.is_ready:
            self.label_card.wait("Waiting for the model\N{HORIZONTAL ELLIPSIS}")
            # What includes loading a model says nothing about how fast it answers.
            self._heard = replace(heard, released_at=None)
            self.model.refresh()
            return
        self._asking = self._context.background.run(
            lambda _task: self._context.inference.predict(heard.path),
            success=lambda prediction: self._show_answer(heard, prediction),
            failure=self._show_error,
            owner=self,
        )

    def _show_answer(self, heard: Heard, prediction: Prediction) -> None:
        self._shown = heard, prediction
        self.label_card.show_answer(prediction)

    @Slot()
    def _is_painted(self) -> None:
        if self._shown is None:
            return
        heard, prediction = self._shown
        model_s = sum(prediction.timings_ms.values()) / 1000
        if heard.released_at is None:
            self.label_card.show_latency(f"The model took {model_s:.2f} s.")
            self.answered.emit(Answer(prediction, heard.path))
            return
        waited_s = time.perf_counter() - heard.released_at
        recording_s = heard.ready_at - heard.released_at
        rest_s = max(0.0, waited_s - recording_s - model_s)
        self.label_card.show_latency(
            f"{waited_s:.2f} s after you let go: recording {recording_s:.2f}, model {model_s:.2f}, "
            f"rest {rest_s:.2f}"
        )
        self.answered.emit(Answer(prediction, heard.path, waited_s, recording_s))

    @Slot(object)
    def _change_model(self, choice: ModelChoice) -> None:
        """Another model is being loaded; the newest recording, if there is one, is asked of it next."""
        if self._asking is not None:
            self._asking.cancel()
        if self._heard is None or self._heard.silent:
            self.label_card.invite(choice.examples)
        else:
            self._heard = replace(self._heard, released_at=None)
            self.label_card.wait("Waiting for the model\N{HORIZONTAL ELLIPSIS}")

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        self._shown = None
        self.label_card.show_error(worded(error))

    @Slot(object)
    def _give_up_waiting(self, error: UserError) -> None:
        """There will be no model to ask."""
        if self._heard is not None and self._heard.silent is None:
            self._show_error(error)

    # -- building --------------------------------------------------------------------------------------

    @Slot()
    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Open an audio file", "", AUDIO_FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.open_file(Path(chosen)))
        dialog.open()

    def _connect(self) -> None:
        self.talk.pressed.connect(self._press)
        self.talk.released.connect(self._release)
        self._frame.timeout.connect(self._follow_recording)
        self._look_for_models.timeout.connect(self.model.look_for_new)
        self.open_button.clicked.connect(self._choose_file)
        self.microphone.lost.connect(self._release)
        self.microphone.ready_changed.connect(self.talk.show_ready)
        self.model.ready.connect(self._ask)
        self.model.chosen.connect(self._change_model)
        self.model.failed.connect(self._give_up_waiting)
        self.label_card.painted.connect(self._is_painted)
        # The space bar stays with the talk button unless somebody walks elsewhere with the Tab key.
        for widget in (self.open_button, self.take_card.play_button, self.label_card.raw_button):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for box in (self.model.choice, self.microphone.choice):
            box.activated.connect(lambda _index: self.talk.setFocus())
        self.microphone.look_again.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        controls = Card()
        controls.setFixedWidth(LEFT_WIDTH)
        controls.body.addWidget(label("Model", "hint"))
        controls.body.addWidget(self.model)
        controls.body.addSpacing(8)
        controls.body.addWidget(label("Microphone", "hint"))
        controls.body.addWidget(self.microphone)
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(controls)
        left.addWidget(self.talk)
        left.addWidget(self.open_button)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(self.label_card, 3)
        right.addWidget(self.take_card, 2)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)


def _why_silent(take: Take, held_s: float) -> tuple[str, str] | None:
    """Headline and reason why a take gets no guess; None when it deserves one."""
    if take.interrupted:
        return (
            "The microphone went away",
            "What it heard until then is kept and can be played, but the sentence may be cut off.",
        )
    if held_s < SHORTEST_HOLD_S:
        return "No speech heard", "Hold the button as long as you speak, then let go."
    held = take.samples[round(take.pressed_s * SAMPLE_RATE) :]
    if speech_seconds(held, SAMPLE_RATE) < LEAST_HELD_SPEECH_S and holds_speech(take.samples, SAMPLE_RATE):
        return "No speech heard", "Nothing was said while the button was held."
    return _silence(take.samples)


def _silence(samples: Samples) -> tuple[str, str] | None:
    return None if holds_speech(samples, SAMPLE_RATE) else _nothing_said(samples)


def _nothing_said(samples: Samples) -> tuple[str, str]:
    if peak_dbfs(samples) < UNMUTED_DBFS:
        return "No speech heard", "The recording is silent. Is the microphone muted, or the wrong one chosen?"
    return "No speech heard", "It was too quiet or too short. Speak closer to the microphone, or louder."


def _remark(take: Take) -> str:
    if not take.gaps:
        return ""
    return (
        f"Sound was lost {counted(take.gaps, 'time')} while recording, because the computer was busy. "
        "The answer may be worse for it."
    )
