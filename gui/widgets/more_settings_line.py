"""The Experiment page's line on what is not as usual, and the way to change it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.experiment_settings import TITLES, Typed
from gui.experiment_words import settings_words
from gui.theme import Theme
from gui.widgets.basics import button, label
from gui.widgets.field import ProblemLabel


class MoreSettingsLine(QWidget):
    """`change_asked` follows a click on the button, with the key of a mistake to go to, or ""."""

    change_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._wrong = ""
        self._words = label("", "hint")
        self._words.setWordWrap(True)
        self._problem = ProblemLabel(theme)
        self._change = button("More settings...", theme=theme, icon="settings")
        self._change.clicked.connect(lambda: self.change_asked.emit(self._wrong))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._change, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._problem)

    def show_settings(self, settings: Mapping[str, Typed]) -> None:
        self._words.setText(settings_words(settings))
        self._change.setAccessibleDescription(self._words.text())

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """The first mistake stands here, too: the field it belongs to is not in sight."""
        self._wrong = next(iter(problems), "")
        self._problem.set_problem(f"{TITLES[self._wrong]}: {problems[self._wrong]}" if problems else "")
