"""The takes of a prompt, newest first: which is accepted, and a click to make it another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from core.recording.session import TakeRow
from gui.icons import icon
from gui.theme import Theme

_ICONS = {"accepted": ("good", "good"), "rejected": ("bad", "bad"), "kept": ("record", "muted")}


class TakeList(QListWidget):
    """chosen: the `TakeRow` that somebody wants to hear; wanted: that somebody wants to have accepted."""

    chosen = Signal(object)
    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._takes: list[TakeRow] = []
        self._icons: dict[tuple[str, str], QIcon] = {}
        """By name and colour, as they are painted in the theme that is on."""
        theme.changed.connect(self._forget_icons)
        self.setAccessibleName("Takes of this prompt")
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setToolTip("Click to hear a take, double-click to accept it")
        self.itemClicked.connect(lambda item: self.chosen.emit(self._takes[self.row(item)]))
        self.itemActivated.connect(lambda item: self.wanted.emit(self._takes[self.row(item)]))

    def _forget_icons(self) -> None:
        self._icons.clear()

    def show_takes(self, takes: Sequence[TakeRow]) -> None:
        """Show these, of one prompt."""
        self._takes = sorted(takes, key=lambda take: -take.number)
        self.clear()
        for take in self._takes:
            name, color = _ICONS[take.state]
            if take.state == "kept" and any(finding["severity"] == "bad" for finding in take.verdict):
                color = "bad"
            if (name, color) not in self._icons:
                self._icons[name, color] = icon(name, self._theme, color, 16)
            item = QListWidgetItem(self._icons[name, color], _words(take))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, _words(take))
            said = "\n".join(str(finding["words"]) for finding in take.verdict)
            item.setToolTip(f"{said}\n{self.toolTip()}".strip())
            self.addItem(item)


def _words(take: TakeRow) -> str:
    moment = datetime.fromtimestamp(take.recorded_at, UTC).astimezone()
    state = {"accepted": ", accepted", "rejected": ", rejected", "kept": ""}[take.state]
    wrong = ", ".join(str(finding["kind"]) for finding in take.verdict)
    said = f" \N{EN DASH} {wrong}" if wrong else ""
    return f"Take {take.number}{state}, {moment:%H:%M}, {take.duration_s:.1f} s{said}"
