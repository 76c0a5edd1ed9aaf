"""The rehearsal check: what is ready for the stage, and what to do about the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.rehearsal import Finding, Rehearsal, summary
from gui.widgets.basics import IconLabel, button, horizontal_line, label, primary_button
from gui.widgets.message import InlineMessage

_NAME_WIDTH = 168


class RehearsalDialog(QDialog):
    """Looks at one thing after the other; closing it ends that."""

    stage_wanted = Signal()

    _found = Signal(object)
    _told = Signal(str)

    def __init__(self, context: AppContext, rehearsal: Rehearsal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Ready for the stage?")
        self.resize(640, 520)
        self._context = context
        self._rehearsal = rehearsal
        self._task: Task | None = None
        self.findings: list[Finding] = []
        self.now = InlineMessage(context.theme)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.again = button("Check again", theme=context.theme, icon="refresh")
        self.go = primary_button("Audience mode", theme=context.theme, icon="audience")
        self._lay_out()
        self.again.clicked.connect(self.begin)
        self.go.clicked.connect(self._go)
        self._found.connect(self._show)
        self._told.connect(lambda words: self.now.say("info", words))
        self.begin()

    def begin(self) -> None:
        """Look at everything."""
        self._end()
        self.findings = []
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.again.setEnabled(False)

        def look(task: Task) -> None:
            for finding in self._rehearsal.findings(self._told.emit, task.is_cancelled):
                if task.is_cancelled():
                    return
                self._found.emit(finding)

        self._task = self._context.background.run(
            look, success=lambda _nothing: self._sum_up(), failure=self._fail, owner=self
        )

    def done(self, result: int) -> None:
        self._end()
        super().done(result)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _go(self) -> None:
        self.accept()
        self.stage_wanted.emit()

    def _show(self, finding: Finding) -> None:
        self.findings.append(finding)
        name = IconLabel(self._context.theme, finding.state, finding.what, finding.state)
        name.setFixedWidth(_NAME_WIDTH)
        words = label(finding.words)
        words.setWordWrap(True)
        row = QWidget()
        row.setAccessibleName(f"{finding.what}: {finding.words}")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(words, 1)
        self._rows.addWidget(row)

    def _sum_up(self) -> None:
        self.again.setEnabled(True)
        self.now.say(*summary(self.findings))

    def _fail(self, error: Exception) -> None:
        self.again.setEnabled(True)
        self.now.say_error(worded(error))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Ready for the stage?", "section"))
        column.addWidget(self.now)
        column.addWidget(horizontal_line())
        column.addLayout(self._rows)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.again)
        foot.addStretch(1)
        close = button("Close")
        close.clicked.connect(self.reject)
        foot.addWidget(close)
        foot.addWidget(self.go)
        column.addLayout(foot)
