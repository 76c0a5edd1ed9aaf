"""How the studio looks: the prompt in large type, the microphone at its side, the take below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.audio.recorder import READING
from core.recording.session import Progress, Prompt
from gui.context import AppContext
from gui.widgets.basics import Card, IconLabel, button, label, primary_button
from gui.widgets.message import InlineMessage
from gui.widgets.microphone_bar import MicrophoneBar
from gui.widgets.prompt_label import PromptLabel
from gui.widgets.room_test import RoomTest
from gui.widgets.studio_words import coverage_words, finished_words, label_words, progress_words
from gui.widgets.take_card import TakeCard
from gui.widgets.take_list import TakeList
from gui.widgets.verdict_lines import VerdictLines

LEFT_WIDTH = 300


class StudioView(QWidget):
    """The studio's widgets and where they stand; what they do is the studio's."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self.microphone = MicrophoneBar(context, READING)
        self.room_test = RoomTest(context, self.microphone.recorder)
        self.text = PromptLabel()
        self.meaning = label("", "hint")
        self.place = label("", "strong")
        self.progress = label("", "hint")
        self.state = IconLabel(theme)
        self.take_card = TakeCard(context, "This take")
        self.verdict = VerdictLines(theme)
        self.list = TakeList(theme)
        self.message = InlineMessage(theme)
        self.mode = QComboBox()
        self.mode.setAccessibleName("How takes begin")
        self.mode.addItems(["Press to record", "Hands-free"])
        self.mode.setCurrentIndex(int(context.settings.current.recording_mode == "hands-free"))
        self.auto = QCheckBox("Accept good takes by themselves")
        self.auto.setChecked(context.settings.current.recording_auto_advance)
        self.record_button = button("Record", theme=theme, icon="record")
        self.accept_button = primary_button("Accept and next", theme=theme, icon="check")
        self.again_button = button("Again", theme=theme, icon="refresh", tip="The old take is kept")
        self.previous_button = button("Back", theme=theme, icon="arrow-left")
        self.skip_button = button("Skip", theme=theme, icon="arrow-right")
        self.undo_button = button("Undo", tip="Take the last decision back")
        self.keys_button = button("Keys...", "quiet", tip="The keys, and what a verdict is given by")
        self.label_button = button("Label it...", "link", tip="Say what the text means")
        self.label_button.hide()
        self.leave_button = button("Sessions", "quiet", theme=theme, icon="arrow-left")
        self.buttons = {
            "record": self.record_button,
            "accept": self.accept_button,
            "again": self.again_button,
            "previous": self.previous_button,
            "skip": self.skip_button,
            "undo": self.undo_button,
            "help": self.keys_button,
        }
        """By the action that each stands for."""
        self.some_are_skipped = False
        self._lay_out()
        # The keys stay with the studio unless somebody walks elsewhere with the Tab key.
        for widget in self.findChildren(QWidget):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_prompt(self, prompt: Prompt | None, progress: Progress) -> None:
        """Show what is to be read; None when nothing is."""
        self.progress.setText(progress_words(progress))
        self.progress.setToolTip(coverage_words(progress))
        self.label_button.setVisible(prompt is not None and prompt.label is None)
        self.some_are_skipped = progress.skipped > 0
        self.skip_button.setText("To the skipped" if prompt is None and self.some_are_skipped else "Skip")
        self.skip_button.setAccessibleName(self.skip_button.text())
        if prompt is None:
            headline, more = finished_words(progress)
            self.text.setText(headline)
            self.meaning.setText(more)
            self.place.setText("Finished")
        else:
            self.text.setText(prompt.text)
            self.meaning.setText(label_words(prompt))
            skipped = ", skipped before" if prompt.skipped else ""
            self.place.setText(f"Prompt {prompt.position} of {progress.total}{skipped}")

    def show_buttons(self, *, recording: bool, open_prompt: bool, acceptable: bool, bad: bool) -> None:
        """Say what can be done now. bad: the verdict on the take advises against accepting it."""
        for each, words in (
            (self.record_button, "Stop" if recording else "Record"),
            (self.accept_button, "Accept all the same" if bad else "Accept and next"),
        ):
            each.setText(words)
            each.setAccessibleName(words)
        self.record_button.setEnabled(open_prompt)
        self.accept_button.setEnabled(open_prompt and acceptable)
        self.again_button.setEnabled(open_prompt and acceptable)
        self.skip_button.setEnabled((open_prompt or self.some_are_skipped) and not recording)
        self.previous_button.setEnabled(not recording)
        self.undo_button.setEnabled(not recording)

    def show_rest(self, *, open_prompt: bool, ready: bool, key: str) -> None:
        """Say what the studio waits for while no take is recorded or kept."""
        if not open_prompt and self.some_are_skipped:
            self.state.set("warn", "Only skipped prompts are left", "warn")
        elif not open_prompt:
            self.state.set("good", "Nothing is left to record", "good")
        elif not ready:
            self.state.set("clock", "Waiting for the microphone", "muted")
        elif self.mode.currentIndex():
            self.state.set("speech", "Listening: it records when you speak", "accent")
        else:
            self.state.set("speech", f"Ready: press {key}, then read", "accent")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        top = _row(self.leave_button)
        top.addWidget(self.progress, 1)
        top.addWidget(self.keys_button)
        column.addLayout(top)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self._side())
        middle.addLayout(self._centre(), 1)
        column.addLayout(middle, 1)
        foot = _row(self.previous_button, self.skip_button, self.undo_button)
        foot.addStretch(1)
        for each in (self.record_button, self.again_button, self.accept_button):
            foot.addWidget(each)
        column.addLayout(foot)

    def _side(self) -> Card:
        side = Card()
        side.setFixedWidth(LEFT_WIDTH)
        side.body.addWidget(label("Microphone", "hint"))
        side.body.addWidget(self.microphone)
        side.body.addWidget(self.room_test)
        side.body.addSpacing(8)
        side.body.addWidget(self.mode)
        side.body.addWidget(self.auto)
        side.body.addSpacing(8)
        side.body.addWidget(label("Takes of this prompt", "hint"))
        side.body.addWidget(self.list, 1)
        return side

    def _centre(self) -> QVBoxLayout:
        for each in (self.text, self.meaning):
            each.setWordWrap(True)
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            each.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAccessibleName("Prompt")
        prompt = Card()
        heading = QHBoxLayout()
        heading.addWidget(self.place)
        heading.addStretch(1)
        heading.addWidget(self.state)
        prompt.body.addLayout(heading)
        prompt.body.addWidget(self.text, 1)
        prompt.body.addWidget(self.meaning)
        prompt.body.addWidget(self.label_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(prompt, 3)
        column.addWidget(self.take_card, 2)
        column.addWidget(self.verdict)
        column.addWidget(self.message)
        return column


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for each in buttons:
        row.addWidget(each)
    return row
