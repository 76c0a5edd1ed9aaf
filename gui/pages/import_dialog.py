"""Importing: choose files or folders, see what they hold and what is wrong with them, then bring them in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.data.importers import ImportSummary, folder, read_utterances, table
from core.data.importers.gathering import BrokenLines
from core.data.importers.table import TablePreview
from core.data.utterance import Utterance
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted, grouped
from gui.widgets.basics import button, label, primary_button
from gui.widgets.message import InlineMessage
from gui.widgets.source_format import SourceFormat
from gui.widgets.source_list import SourceList

_FileState = tuple[int, int] | None
_ON_THE_COMMAND_LINE = re.compile(r" \(--[^)]* on the command line\)|; on the command line, with [^.]*")


class ImportDialog(QDialog):
    """Reads the files as soon as they are chosen; Import then stores exactly what was previewed."""

    imported = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import a dataset")
        self.resize(760, 800)
        self._context = context
        self.files = SourceList(context.theme)
        self.files.changed.connect(self._files_changed)
        self.format = SourceFormat(context.theme)
        self.format.changed.connect(self._read_all)
        self._preview: list[Utterance] = []
        self._read_state: list[_FileState] = []
        self._suggested = ""
        self._leave_out = False
        self._working = False
        self._task: Task | None = None
        self.name = QLineEdit(placeholderText="For example: kitchen orders")
        self.name.setAccessibleName("Name of the dataset")
        self.name.textChanged.connect(self._allow)
        self.replace = QCheckBox("Replace the dataset of this name")
        self.replace.hide()
        self.replace.toggled.connect(self._allow)
        self.outcome = InlineMessage(context.theme)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress")
        self.bar.hide()
        self.status = label("", "hint")
        self._lay_out()
        self._taken: Mapping[str, int] = {}
        """The datasets there are, and how many changes by hand each has seen."""
        context.background.run(lambda _task: _changes(context), success=self._know_names, owner=self)
        self._allow()

    def check_again(self) -> None:
        """Read the same files once more: they may have been corrected meanwhile."""
        self._read_all()

    def read_without_broken(self) -> None:
        """Read the same files once more, leaving out what is wrong."""
        self._leave_out = True
        self._read()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        back = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        # Back from the editor, most likely. What is being stored right now stays as it was previewed.
        if back and not self._working and self._file_states() != self._read_state:
            self._read_all()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    # ---- reading

    def _files_changed(self) -> None:
        self._suggest_name()
        self._look_at_table()
        self._read_all()

    def _look_at_table(self) -> None:
        """Show the first rows, should the first file be a table, or a folder with one: what its columns hold
        may have to be said."""
        first = next((source.path for source in self.files.sources), None)
        if first is None:
            self.format.show_table(None)
            return
        self._context.background.run(
            lambda _task: _preview(first),
            success=self.format.show_table,
            # What is wrong with the file is told by reading it.
            failure=lambda _error: self.format.show_table(None),
            owner=self,
        )

    def _read_all(self) -> None:
        self._leave_out = False
        self._read()

    def _read(self) -> None:
        self.without_button.hide()
        self.format.forget_found()
        self._preview = []
        self.outcome.clear()
        if self._task is not None:
            self._task.cancel()
        self._read_state = self._file_states()
        if not self.files.sources:
            self._end_work("")
            return
        files, format_name = self.files.sources, self.format.format_name
        options = dataclasses.replace(self.format.options, leave_out=self._leave_out)
        self._begin_work("Reading...")
        self._start(
            self._context.background.run(
                lambda task: read_utterances(
                    format_name, files, "preview", options, task.report, task.is_cancelled
                ),
                success=self._show_preview,
                failure=self._show_problem,
                owner=self,
            )
        )

    def _show_preview(self, found: tuple[list[Utterance], ImportSummary]) -> None:
        self._preview, summary = found
        self.format.show_found(summary.format)
        parts = [
            f"{split}: {counted(counts['text'], 'text')}, {counted(counts['speech'], 'recording')}"
            for split, counts in summary.counts.items()
        ]
        words = f"{counted(summary.utterances, 'utterance')}, {summary.minutes:.1f} minutes of speech."
        notes = list(summary.notes)
        if not any(counts["text"] for counts in summary.counts.values()):
            notes.insert(0, "There is no text: nothing can be learned from words.")
        # First what somebody should know before it is imported.
        self.outcome.say("warn" if notes else "good", "\n".join([words, *notes, *parts]))
        self._end_work("")

    def _file_states(self) -> list[_FileState]:
        return [_state_of(file.path) for file in self.files.sources]

    def _suggest_name(self) -> None:
        """A name after the first file, also when that is another one now; what the user typed stays."""
        if self.files.sources and self.name.text() in ("", self._suggested):
            self._suggested = _suggested_name(self.files.sources[0].path)
            self.name.setText(self._suggested)

    def _show_problem(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            self._context.errors.report(error)
        if isinstance(error, BrokenLines):
            self.without_button.setText(f"Leave out {counted(error.lines, 'line')}")
            self.without_button.show()
        self.outcome.say_error(_for_the_window(worded(error)))
        self._end_work("")

    # ---- bringing in

    def _import(self) -> None:
        name, utterances, replace = self.name.text().strip(), self._preview, self.replace.isChecked()
        source = ", ".join(str(file.path) for file in self.files.sources)
        self._begin_work("Importing...")
        self._start(
            self._context.background.run(
                lambda task: self._context.open_library().add_dataset(
                    name,
                    source,
                    utterances,
                    replace=replace,
                    progress=task.report,
                    cancelled=task.is_cancelled,
                ),
                success=lambda _nothing: self._imported(name),
                failure=self._show_problem,
                owner=self,
            )
        )

    def _imported(self, name: str) -> None:
        self.imported.emit(name)
        self.accept()

    # ---- state

    def _know_names(self, names: Mapping[str, int]) -> None:
        self._taken = names
        self._allow()

    def _start(self, task: Task) -> None:
        self._task = task
        task.progress.connect(self._show_progress)

    def _begin_work(self, words: str) -> None:
        self.status.setText(words)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._working = True
        self._allow()

    def _end_work(self, words: str) -> None:
        self.status.setText(words)
        self.bar.hide()
        self._working = False
        self._allow()

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.status.setText(f"{grouped(done)} of {grouped(total)}" if total else counted(done, "line"))

    def _allow(self) -> None:
        name = self.name.text().strip()
        taken = name in self._taken
        self.replace.setVisible(taken)
        changes = self._taken.get(name, 0)
        lost = f", and with it {counted(changes, 'change')} made by hand" if changes else ""
        self.replace.setText(f"Replace the dataset of this name{lost}")
        ready = bool(self._preview) and bool(name) and (not taken or self.replace.isChecked())
        self.accept_button.setEnabled(ready and not self._working)
        for each in (self.again_button, self.without_button):
            each.setEnabled(bool(self.files.sources) and not self._working)
        if self._working:
            return
        if not self.files.sources:
            self.status.setText("Choose the files or the folder of your dataset.")
        elif self._preview and not name:
            self.status.setText("Give the dataset a name.")
        elif self._preview and taken and not self.replace.isChecked():
            self.status.setText("This name is taken: choose another one, or replace.")
        else:
            self.status.clear()

    # ---- layout

    def _lay_out(self) -> None:
        theme = self._context.theme
        add = button("Add files...", theme=theme, icon="plus")
        add.clicked.connect(self._choose_files)
        add_folder = button("Add folder...", theme=theme, icon="plus")
        add_folder.clicked.connect(self._choose_folder)
        self.again_button = button("Check again", tip="Read the files once more, after you corrected them")
        self.again_button.clicked.connect(self.check_again)
        self.without_button = button("", tip="Import the others, and tell in the summary which were left out")
        self.without_button.clicked.connect(self.read_without_broken)
        self.without_button.hide()
        self.accept_button = primary_button("Import")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self._import)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("Import a dataset", "section"))
        hint = label(
            "The format is found out from the files. Nothing is imported while anything is wrong with them,"
            " unless you leave it out. Recordings stay where they are.",
            "hint",
        )
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self.files)
        files = QHBoxLayout()
        files.setSpacing(8)
        files.addWidget(add)
        files.addWidget(add_folder)
        files.addWidget(self.again_button)
        files.addWidget(self.without_button)
        files.addStretch(1)
        layout.addLayout(files)
        layout.addWidget(self.format)
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.addWidget(label("Name"), 0, 0)
        form.addWidget(self.name, 0, 1)
        form.addWidget(self.replace, 1, 1)
        layout.addLayout(form)
        layout.addWidget(self._scrolling(self.outcome), 1)
        layout.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.status, 1)
        row.addWidget(cancel)
        row.addWidget(self.accept_button)
        layout.addLayout(row)

    @staticmethod
    def _scrolling(content: QWidget) -> QScrollArea:
        """Twenty problems with their places need more room than a dialog has."""
        holder = QWidget()
        holder.setProperty("role", "scrolled")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(content)
        inner.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(holder)
        return area

    def _choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Choose files", self._last_folder())
        self._add_chosen([Path(name) for name in names])

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a folder", self._last_folder())
        self._add_chosen([Path(name)] if name else [])

    def _last_folder(self) -> str:
        return self._context.settings.current.import_folder

    def _add_chosen(self, paths: Sequence[Path]) -> None:
        if paths:
            self._context.remember(import_folder=str(paths[0].parent))
            self.files.add(paths)


def _for_the_window(error: UserError) -> UserError:
    """Without what is for the command line alone."""
    remedy = _ON_THE_COMMAND_LINE.sub("", error.remedy)
    return UserError(error.what, where=error.where, remedy=remedy, details=error.details)


def _changes(context: AppContext) -> dict[str, int]:
    library = context.open_library()
    return {name: library.edits.since_import(name) for name in library.names()}


def _preview(path: Path) -> TablePreview | None:
    found = folder.table_in(path) if path.is_dir() else path
    return table.preview(found) if found is not None and table.recognises(found) else None


def _state_of(path: Path) -> _FileState:
    """What changes when a file is saved; None while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _suggested_name(path: Path) -> str:
    """The folder's name when the file's own says nothing."""
    return path.parent.name if path.stem.lower() in _COMMON_NAMES and path.parent.name else path.stem


_COMMON_NAMES = frozenset("manifest data train dev devel test valid validation text speech label".split())
