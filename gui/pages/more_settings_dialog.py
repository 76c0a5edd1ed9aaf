"""More settings: everything else an experiment file can say, in groups, each field with what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.experiment_assessment import Assessment
from gui.experiment_settings import GROUPS, ROOT, SettingTable, Typed
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, IconLabel, button, label
from gui.widgets.experiment_outlook import cost_words
from gui.widgets.settings_form import SettingsForm
from gui.widgets.two_lines import ROW_HEIGHT, SECOND_COLOR, SECOND_LINE, TwoLineDelegate

GROUPS_WIDTH = 176


class MoreSettingsDialog(QDialog):
    """Every change holds at once: `edited` carries it, by key, and the owner shows what comes of it."""

    edited = Signal(dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("More settings")
        self.resize(880, 640)
        self._theme = theme
        self._settings: Mapping[str, Typed] = ROOT.usual()
        self._problems: Mapping[str, str] = {}
        self._groups = QListWidget()
        self._groups.setAccessibleName("Groups of settings")
        self._groups.setItemDelegate(TwoLineDelegate(theme, self._groups))
        self._pages = QStackedWidget()
        self._forms: dict[int, SettingsForm] = {}
        self._places: dict[int, int] = {}
        for group in GROUPS:
            QListWidgetItem(group.title, self._groups).setSizeHint(QSize(0, ROW_HEIGHT))
        self._cost = ElidedLabel("", "hint")
        self._reason = IconLabel(theme, elided=True)
        self._reason.hide()
        self._close = button("Close")
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.accept)
        self._lay_out()
        self._groups.currentRowChanged.connect(self._show_group)
        self._groups.setCurrentRow(0)

    def show_settings(self, settings: Mapping[str, Typed]) -> None:
        self._settings = settings
        for form in self._forms.values():
            form.show_settings(settings)
        self._sum_up()

    def show_assessment(self, found: Assessment) -> None:
        """Mistakes beside their fields, and what the experiment would cost."""
        self._problems = found.problems.settings
        for form in self._forms.values():
            form.set_problems(self._problems)
        reason = found.problems.first()
        self._reason.set("bad", f"Cannot start yet. {reason}", "bad")
        self._reason.setVisible(bool(reason))
        self._cost.setVisible(not reason)
        self._cost.setText(cost_words(found.estimate, found.live_runs) if found.estimate else "")
        self._sum_up()

    def go_to(self, key: str) -> None:
        """Bring this field or table into sight, once the dialog is open."""
        for index, group in enumerate(GROUPS):
            if key in group.usual():
                self._groups.setCurrentRow(index)
                for row in self._forms[index].rows():
                    if row.setting.key == key:
                        row.take_focus()
                        cast("QScrollArea", self._pages.currentWidget()).ensureWidgetVisible(row)

    def _show_group(self, index: int) -> None:
        # Each form is made when it is first looked at; all at once would hold up the window noticeably.
        if index not in self._forms:
            form = self._forms[index] = SettingsForm(self._theme, GROUPS[index])
            form.edited.connect(self.edited)
            form.show_settings(self._settings)
            form.set_problems(self._problems)
            self._places[index] = self._pages.addWidget(_scrolling(form))
            self._reach_close_last()
        self._pages.setCurrentIndex(self._places[index])

    def _reach_close_last(self) -> None:
        """Tab goes through widgets as they were made, so a new form would come after the button."""
        last = self.previousInFocusChain()
        while last is not None and last.focusPolicy() == Qt.FocusPolicy.NoFocus:
            last = last.previousInFocusChain()
        if last is not None:
            self.setTabOrder(last, self._close)

    def _sum_up(self) -> None:
        for index, group in enumerate(GROUPS):
            words, color = self._words_of(group)
            item = self._groups.item(index)
            item.setData(SECOND_LINE, words)
            item.setData(SECOND_COLOR, color)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{group.title}: {words}")

    def _words_of(self, group: SettingTable) -> tuple[str, str]:
        """What the list says of a group, and in which colour."""
        if group.usual().keys() & self._problems.keys():
            return "Has a mistake", "bad"
        if group.optional:
            return ("On", "accent") if group.is_on(self._settings) else ("Off", "muted")
        changed = len(group.changed(self._settings))
        return (f"{changed} changed", "accent") if changed else ("As usual", "muted")

    def _lay_out(self) -> None:
        self._groups.setFixedWidth(GROUPS_WIDTH)
        self._groups.setFrameShape(QFrame.Shape.NoFrame)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QHBoxLayout(card)
        inside.setContentsMargins(8, 8, 4, 8)
        inside.setSpacing(8)
        inside.addWidget(self._groups)
        inside.addWidget(self._pages, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._cost, 1)
        foot.addWidget(self._reason, 1)
        foot.addWidget(self._close)
        hint = label(
            "Changes apply at once. “Usual” is the value that is used when you do not set one.", "hint"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("More settings", "section"))
        column.addWidget(hint)
        column.addWidget(card, 1)
        column.addLayout(foot)


def _scrolling(form: SettingsForm) -> QScrollArea:
    holder = QWidget()
    holder.setProperty("role", "scrolled")
    inner = QVBoxLayout(holder)
    inner.setContentsMargins(8, 4, 16, 8)
    inner.addWidget(form)
    inner.addStretch(1)
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(holder)
    return area
