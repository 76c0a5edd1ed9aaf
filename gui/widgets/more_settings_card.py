"""The Experiment page's line on what is not as usual, and the way to change it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal

from gui.experiment_settings import TITLES, Typed
from gui.experiment_words import settings_words
from gui.theme import Theme
from gui.widgets.basics import Card, button, label
from gui.widgets.field import ProblemLabel


class MoreSettingsCard(Card):
    """`change_asked` follows a click on the button, with the key of a mistake to go to, or ""."""

    change_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__("More settings")
        self._wrong = ""
        self._words = label("")
        self._words.setWordWrap(True)
        self._problem = ProblemLabel(theme)
        self.change = button("Change...", theme=theme, icon="settings")
        self.change.setAccessibleName("Change more settings")
        self.change.clicked.connect(lambda: self.change_asked.emit(self._wrong))
        self.header.addWidget(self.change)
        self.body.addWidget(self._words)
        self.body.addWidget(self._problem)

    def show_settings(self, settings: Mapping[str, Typed]) -> None:
        self._words.setText(settings_words(settings))

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """The first mistake stands here, too: the field it belongs to is not in sight."""
        self._wrong = next(iter(problems), "")
        self._problem.set_problem(f"{TITLES[self._wrong]}: {problems[self._wrong]}" if problems else "")
