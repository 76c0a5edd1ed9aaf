"""One setting: what it does, its control, what is usual and the way back to it, and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.experiment_settings import Setting, Typed
from gui.theme import Theme
from gui.widgets.basics import button, label, set_look, set_role
from gui.widgets.field import ProblemLabel
from gui.widgets.setting_editors import FolderEditor, make_editor

EDITOR_WIDTH = 216
UNBROKEN = "\N{NO-BREAK SPACE}"
MARK_WIDTH = 3
"""Of the line at the left of what is not as usual, as the style sheet draws it."""
TITLE_X = MARK_WIDTH + 12
"""Where a row's words begin."""


class SettingRow(QFrame):
    """Emits `edited` (key, value as typed) after every change by the user; showing emits nothing."""

    edited = Signal(str, object)

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.setProperty("role", "setting")
        self._title = label(setting.title)
        self.editor = make_editor(setting)
        self._control = self.editor.line if isinstance(self.editor, FolderEditor) else self.editor
        self._back = button("Back to usual", "link")
        self._back.setAutoDefault(False)
        self._back.setAccessibleName(f"{setting.full_title}: back to usual")
        self._problem = ProblemLabel(theme)
        allowed = f"Allowed: {setting.limits}.".replace(" ", UNBROKEN) if setting.limits else ""
        self._help = f"{setting.help} {allowed}".rstrip()
        self._title.setBuddy(self._control)
        self._title.setToolTip(f"In the experiment file: {setting.key}")
        self._control.setAccessibleName(setting.full_title)
        self.editor.edited.connect(lambda typed: self.edited.emit(setting.key, typed))
        self._back.clicked.connect(self._go_back)
        self._describe("")
        self._lay_out()

    def show_typed(self, typed: Typed) -> None:
        self.editor.show_typed(typed)
        changed = self.setting.differs(typed)
        self._back.setVisible(changed)
        set_look(self, "changed", "true" if changed else "")
        set_role(self._title, "strong" if changed else "")

    def set_problem(self, words: str, *, is_said: bool = False) -> None:
        """What is wrong; is_said: the row above says it already, so this one is only marked."""
        set_look(self._control, "invalid", "true" if words else "")
        self._problem.set_problem("" if is_said else words)
        self._describe(words)

    def problem(self) -> str:
        return self._problem.problem()

    def take_focus(self) -> None:
        self._control.setFocus()

    def _usual(self) -> str:
        return f"Usual: {self.setting.words(self.setting.usual)}"

    def _describe(self, problem: str) -> None:
        """What a screen reader adds to the name."""
        parts = (problem, self._help, self._usual())
        self._control.setAccessibleDescription(" ".join(part for part in parts if part))

    def _go_back(self) -> None:
        # The button goes away, and the focus would land anywhere.
        self._control.setFocus()
        self.edited.emit(self.setting.key, self.setting.usual)

    def _lay_out(self) -> None:
        words = label(self._help, "hint")
        words.setWordWrap(True)
        about = QVBoxLayout()
        about.setSpacing(2)
        about.addWidget(self._title)
        about.addWidget(words)
        about.addStretch(1)
        room = self._back.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(room)
        usual = QHBoxLayout()
        usual.setSpacing(4)
        usual.addWidget(label(self._usual(), "hint"), 1)
        usual.addWidget(self._back)
        self.editor.setFixedWidth(EDITOR_WIDTH)
        control = QVBoxLayout()
        control.setSpacing(2)
        control.addWidget(self.editor)
        control.addLayout(usual)
        control.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(TITLE_X - MARK_WIDTH, 6, 0, 6)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.addLayout(about, 0, 0)
        grid.addLayout(control, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._problem, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
