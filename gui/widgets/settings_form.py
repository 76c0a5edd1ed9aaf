"""A table of settings as a form: its fields, and its parts below them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.experiment_settings import SettingTable, Typed
from gui.theme import Theme
from gui.widgets.basics import button, label
from gui.widgets.field import ProblemLabel
from gui.widgets.setting_row import TITLE_X, SettingRow

INDENT = 27
"""Where the words of a check box begin."""


class SettingsForm(QWidget):
    """Emits `edited` with the changed values by key; showing emits nothing.

    A table that may be off has a check box for a heading; while it is off, its fields are not to be seen.
    """

    edited = Signal(dict)

    def __init__(self, theme: Theme, table: SettingTable, *, is_part: bool = False) -> None:
        super().__init__()
        self._table = table
        self._is_part = is_part
        self._switch = self._make_switch() if table.optional else None
        self._back = button("All back to usual", "link")
        self._back.setAutoDefault(False)
        self._back.setAccessibleName(f"{table.title}: all back to usual")
        self._back.clicked.connect(lambda: self.edited.emit(table.usual()))
        self._problem = ProblemLabel(theme)
        self._problem.setContentsMargins(INDENT, 4, 0, 4)
        self._inside = QWidget()
        self._rows = [SettingRow(theme, setting) for setting in table.settings]
        self._parts = [SettingsForm(theme, part, is_part=True) for part in table.parts]
        for row in self._rows:
            row.edited.connect(lambda key, typed: self.edited.emit({key: typed}))
        for part in self._parts:
            part.edited.connect(self.edited)
        self._lay_out()

    def show_settings(self, settings: Mapping[str, Typed]) -> None:
        is_on = self._table.is_on(settings)
        if self._switch is not None:
            self._switch.setChecked(is_on)
        else:
            self.setVisible(is_on or not self._is_part)
        self._inside.setVisible(is_on)
        self._back.setVisible(not self._is_part and bool(self._table.changed(settings)))
        for row in self._rows:
            row.show_typed(settings[row.setting.key])
        for part in self._parts:
            part.show_settings(settings)

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """Mistakes in words, by the key of a field or a table."""
        self._problem.set_problem(problems.get(self._table.key, "") if self._table.optional else "")
        above = ""
        for row in self._rows:
            words = problems.get(row.setting.key, "")
            # What is about two neighbours is said once, between them.
            row.set_problem(words, is_said=bool(words) and words == above)
            above = words
        for part in self._parts:
            part.set_problems(problems)

    def rows(self) -> Iterator[SettingRow]:
        yield from self._rows
        for part in self._parts:
            yield from part.rows()

    def _make_switch(self) -> QCheckBox:
        switch = QCheckBox(self._table.title)
        switch.setProperty("role", "strong" if self._is_part else "section")
        switch.setAccessibleDescription(self._table.help)
        switch.setToolTip(f"In the experiment file: [{self._table.key}]")
        switch.clicked.connect(lambda on: self.edited.emit({self._table.key: on}))
        return switch

    def _lay_out(self) -> None:
        title = self._switch or label(self._table.title, "strong" if self._is_part else "section")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._back)
        inside = QVBoxLayout(self._inside)
        # What can be switched off stands under the words of its check box, not under the box.
        inside.setContentsMargins(INDENT - TITLE_X if self._switch else 0, 4, 0, 0)
        inside.setSpacing(4)
        for row in self._rows:
            inside.addWidget(row)
        for part in self._parts:
            inside.addSpacing(8)
            inside.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        if self._table.help:
            column.addWidget(self._make_help())
        column.addWidget(self._problem)
        column.addWidget(self._inside)

    def _make_help(self) -> QLabel:
        words = label(self._table.help, "hint")
        words.setWordWrap(True)
        if self._switch is not None:
            words.setIndent(INDENT)
        return words
