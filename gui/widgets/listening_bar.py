"""Hearing answers of a batch one after the other: what was said, what was expected, what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.evaluation.batch.answers import BatchAnswer
from gui.clip_player import ClipPlayer
from gui.item_models.batch_answers import answer_in_words, verdict
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, IconLabel, icon_button, label

PAUSE_MS: Final = 900
"""Between two recordings: time to read what was answered."""


class ListeningBar(QFrame):
    """Hidden until something is to be heard. Left, Right and Escape do what its buttons do."""

    at = Signal(int)
    """the item (its number in the batch) that is heard now"""
    ended = Signal()
    """it was stopped, or the last one was heard; it is about to be hidden"""

    def __init__(self, theme: Theme, player: ClipPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._answers: Sequence[tuple[int, BatchAnswer]] = ()
        self._index = 0
        self.setProperty("role", "chip")
        self.setAccessibleName("Listening: Left and Right go on and back, Escape ends it")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verdict = IconLabel(theme)
        self.count = label("", "hint")
        self.said = ElidedLabel("", "strong")
        self.expected = ElidedLabel()
        self.answered = ElidedLabel()
        self.previous = icon_button("arrow-left", "Previous recording", theme)
        self.next = icon_button("arrow-right", "Next recording", theme)
        self.stop_button = icon_button("stop", "Stop listening", theme)
        self.previous.clicked.connect(lambda: self._step(-1))
        self.next.clicked.connect(lambda: self._step(1))
        self.stop_button.clicked.connect(self.stop)
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._go_on)
        player.ended.connect(self._heard)
        player.failed.connect(self._skip)
        self._lay_out()
        self.hide()

    @property
    def active(self) -> bool:
        """Whether it goes through answers."""
        return bool(self._answers)

    def set_pause(self, milliseconds: int) -> None:
        """How long it waits between two recordings; `PAUSE_MS` at first."""
        self._pause.setInterval(milliseconds)

    def listen(self, answers: Sequence[tuple[int, BatchAnswer]]) -> None:
        """Play these items (number and answer) from the first on; those without a recording are left out."""
        self._answers = [(number, answer) for number, answer in answers if answer.item.audio is not None]
        if not self._answers:
            self.stop()
            return
        self.show()
        self._play(0)

    @Slot()
    def stop(self) -> None:
        """Be silent and go away; harmless when it is not there."""
        self._pause.stop()
        if not self._answers:
            return
        self._answers = ()
        self._player.stop()
        self.ended.emit()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps:
            self._step(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self.stop()
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        if 0 <= self._index + step < len(self._answers):
            self._play(self._index + step)

    def _play(self, index: int) -> None:
        self._pause.stop()
        self._index = index
        number, answer = self._answers[index]
        judged = verdict(answer)
        self.verdict.set(judged.icon, judged.word, judged.color)
        self.count.setText(f"{index + 1} of {len(self._answers)}")
        self.said.setText(answer.item.name if answer.item.text is None else f"“{answer.item.text}”")
        expected = answer.item.label
        self.expected.setText("" if expected is None else f"Expected: {expected.words}")
        self.expected.setVisible(expected is not None)
        self.answered.setText(f"Answered: {answer_in_words(answer)}")
        self.setAccessibleDescription(
            f"{self.count.text()}: {self.said.text()}. {self.expected.text()}. {self.answered.text()}"
        )
        self.previous.setEnabled(index > 0)
        self.next.setEnabled(index + 1 < len(self._answers))
        assert answer.item.audio is not None  # noqa: S101 - `listen` has left out the others
        self._player.play(answer.item.audio)
        self.at.emit(number)

    @Slot()
    def _heard(self) -> None:
        if self._answers:
            self._pause.start()

    @Slot(object)
    def _skip(self, _error: Exception) -> None:
        # Who owns the player tells why; without a loudspeaker the next one would fail as well.
        self.stop()

    @Slot()
    def _go_on(self) -> None:
        if self._index + 1 < len(self._answers):
            self._play(self._index + 1)
        else:
            self.stop()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for line in (self.said, self.expected, self.answered):
            words.addWidget(line)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.verdict)
        row.addLayout(words, 1)
        row.addWidget(self.count)
        for each in (self.previous, self.next, self.stop_button):
            row.addWidget(each)
