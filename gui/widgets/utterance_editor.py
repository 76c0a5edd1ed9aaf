"""One utterance's text and label, changed in place; every change is kept and can be taken back."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from core.data.edits import Edit
from core.data.summary import DatasetSummary
from core.data.utterance import Label, Utterance
from gui.background import Task
from gui.context import AppContext
from gui.widgets.basics import button, label
from gui.widgets.completing import complete
from gui.widgets.slot_table import SlotTable


class UtteranceEditor(QWidget):
    """Ctrl+S saves, Esc brings back what is saved, Ctrl+Z takes back the last change made here. To go on to
    another utterance saves, too; what could not be saved is there again when one comes back.

    changed: an utterance was saved, or a change taken back.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._utterance: Utterance | None = None
        self._done: list[Edit] = []
        self._waiting: list[tuple[Utterance, Utterance]] = []
        """Changes to be saved one after the other, the first under way: as it was seen, as it shall be."""
        self._refused: dict[int, tuple[str, Label]] = {}
        """What was typed for an utterance, by its id, and could not be saved."""
        self.text = QLineEdit()
        self.text.setAccessibleName("Text")
        self.intent = _StillComboBox()
        complete(self.intent, "Intent")
        self.slots = SlotTable()
        self.save = button("Save", tip="Save the changes (Ctrl+S)")
        self.revert = button("Revert", tip="Back to what is saved (Esc)")
        self.undo = button("Undo")
        self.history = label("", "hint")
        self.told = label("", "hint")
        self._lay_out()
        self._connect()
        self.show_utterance(None)

    def offer(self, dataset: DatasetSummary | None) -> None:
        """Complete intents and slot types as this dataset has them."""
        typed = self.intent.currentText()
        self.intent.clear()
        self.intent.addItems(dataset.intents if dataset else ())
        self.intent.setEditText(typed)
        self.slots.offer_types(dataset.slot_types if dataset else ())

    def show_utterance(self, utterance: Utterance | None) -> None:
        """Show another utterance, or the same as it is now with what is being typed."""
        before = self._utterance
        if before is not None and utterance is not None and before.id == utterance.id:
            self._take_over(before, utterance)
            return
        self.save_changes()
        self._put(utterance)
        if utterance is not None and utterance.id in self._refused:
            text, wanted = self._refused.pop(utterance.id)
            self.text.setText(text)
            self.intent.setEditText(wanted.intent)
            self.slots.show_slots(wanted.slots)
            self._allow()

    def _take_over(self, before: Utterance, now: Utterance) -> None:
        """The same utterance was read again: fields in which nobody types follow it."""
        self._utterance = now
        if self._typed_text() == before.text:
            self.text.setText(now.text or "")
        if self._typed_label() == before.label:
            self.intent.setEditText(now.label.intent)
            self.slots.show_slots(now.label.slots)
        self._allow()
        self._load_history(now)

    def _put(self, utterance: Utterance | None) -> None:
        self._utterance = utterance
        self.setEnabled(utterance is not None)
        self.text.setText((utterance.text or "") if utterance else "")
        self.text.setCursorPosition(0)
        self.text.setPlaceholderText("(recording only)" if utterance else "")
        self.intent.setEditText(utterance.label.intent if utterance else "")
        self.slots.show_slots(utterance.label.slots if utterance else ())
        self.history.clear()
        self._allow()
        if utterance is not None:
            self._load_history(utterance)

    def hideEvent(self, event: QHideEvent) -> None:
        self.save_changes()
        super().hideEvent(event)

    def _load_history(self, utterance: Utterance) -> None:
        dataset, key = utterance.dataset, utterance.key
        self._context.background.run(
            lambda _task: self._context.open_library().edits.history(dataset, key),
            success=lambda edits: self._show_history(utterance, edits),
            owner=self,
        )

    @property
    def unsaved(self) -> bool:
        """Whether something was typed that is not saved."""
        shown = self._utterance
        return shown is not None and (self._typed_text(), self._typed_label()) != (shown.text, shown.label)

    def save_changes(self) -> None:
        """Save what was typed; what is wrong with it is shown, and nothing is lost."""
        shown = self._utterance
        if shown is None or not self.unsaved:
            return
        wanted = replace(shown, text=self._typed_text(), label=self._typed_label())
        # As if it were saved: what is typed from now on is another change, which waits for this one.
        self._utterance = wanted
        self._waiting.append((shown, wanted))
        self._allow()
        if len(self._waiting) == 1:
            self._save_next()

    def _save_next(self) -> None:
        shown, wanted = self._waiting[0]
        author = getpass.getuser()

        def work(_task: Task) -> list[Edit]:
            edits, of = self._context.open_library().edits, (shown.dataset, shown.key)
            made: list[Edit | None] = []
            # The label first: it is what may be refused.
            if wanted.label != shown.label:
                made.append(edits.set_label(*of, wanted.label, author, shown.label))
            if wanted.text != shown.text:
                made.append(edits.set_text(*of, wanted.text, author, shown.text))
            return [edit for edit in made if edit is not None]

        self._context.background.run(
            work, success=self._saved, failure=self._refuse, owner=self, must_finish=True
        )

    def _saved(self, edits: Sequence[Edit]) -> None:
        self._done += edits
        if edits:
            self.told.setText(f"Saved {edits[-1].key}")
        self._go_on()
        self._announce()

    def _refuse(self, error: Exception) -> None:
        shown, wanted = self._waiting[0]
        if self._utterance is not None and self._utterance.id == shown.id:
            self._utterance = shown
            self._allow()
        else:
            self._refused[shown.id] = (wanted.text or "", wanted.label)
        self._go_on()
        self._context.errors.report(error)
        self.changed.emit()

    def _go_on(self) -> None:
        self._waiting.pop(0)
        if self._waiting:
            self._save_next()

    def undo_last(self) -> None:
        """Take back the last change that was made here, whatever utterance is shown now."""
        if not self._done:
            return
        edit = self._done.pop()
        self._context.background.run(
            lambda _task: self._context.open_library().edits.undo(edit, getpass.getuser()),
            success=lambda _edit: self._undone(edit),
            owner=self,
        )

    def _undone(self, edit: Edit) -> None:
        # It may be of another utterance than the one that is shown.
        self.told.setText(f"{edit.field.capitalize()} of {edit.key} taken back")
        self._announce()

    # ---- inside

    def _typed_text(self) -> str | None:
        return self.text.text().strip() or None

    def _typed_label(self) -> Label:
        return Label(self.intent.currentText().strip(), self.slots.typed())

    def _announce(self) -> None:
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        for each in (self.save, self.revert):
            each.setEnabled(self.unsaved)
        self.undo.setEnabled(bool(self._done))
        last = self._done[-1] if self._done else None
        self.undo.setToolTip(
            f"Take back the change of the {last.field} of {last.key} (Ctrl+Z)" if last else "Nothing to undo"
        )

    def _show_history(self, utterance: Utterance, edits: Sequence[Edit]) -> None:
        if utterance is not self._utterance or not edits:
            return
        last = edits[0]
        more = f", {len(edits)} changes in all" if len(edits) > 1 else ""
        self.history.setText(f"{last.field.capitalize()} changed by {last.author}, {_when(last)}{more}")
        self.history.setToolTip("\n".join(map(_told, edits)))

    def _connect(self) -> None:
        self.text.textChanged.connect(self._allow)
        self.intent.editTextChanged.connect(self._allow)
        self.slots.itemChanged.connect(self._allow)
        self.slots.model().rowsRemoved.connect(self._allow)
        self.save.clicked.connect(self.save_changes)
        self.revert.clicked.connect(lambda: self._put(self._utterance))
        self.undo.clicked.connect(self.undo_last)
        for keys, slot in (
            (QKeySequence.StandardKey.Save, self.save_changes),
            (Qt.Key.Key_Escape, lambda: self._put(self._utterance)),
            (QKeySequence.StandardKey.Undo, self.undo_last),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for each in (self.told, self.undo, self.revert, self.save):
            buttons.addWidget(each)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for row, (words, field) in enumerate((("Text", self.text), ("Intent", self.intent))):
            grid.addWidget(label(words), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.slots, 0, 2, 3, 1)
        grid.addLayout(buttons, 3, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.history, 3, 0, 1, 2)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        grid.setRowStretch(2, 1)


class _StillComboBox(QComboBox):
    """The wheel belongs to what scrolls: here it would change a label unnoticed."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _when(edit: Edit) -> str:
    return f"{datetime.fromisoformat(edit.time).astimezone():%d %b %H:%M}"


def _told(edit: Edit) -> str:
    before, after = (
        value.words if isinstance(value, Label) else (value or "(none)")
        for value in (edit.before, edit.after)
    )
    return f"{_when(edit)}  {edit.author}: {before} \u2192 {after}"
