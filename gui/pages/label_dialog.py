"""Saying what a prompt means, which came as mere text: its takes become utterances of the dataset by it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.data.utterance import Label
from core.recording.session import Prompt, Session
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.widgets.basics import button, label, primary_button
from gui.widgets.completing import complete
from gui.widgets.message import InlineMessage
from gui.widgets.slot_table import SlotTable


class LabelDialog(QDialog):
    """labelled: the prompt has the label now."""

    labelled = Signal()

    def __init__(
        self, context: AppContext, session: Session, prompt: Prompt, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Label the prompt")
        self.resize(480, 320)
        self._context, self._session, self._prompt = context, session, prompt
        self.intent = QComboBox()
        complete(self.intent, "Intent").textChanged.connect(lambda _text: self._allow())
        self.slots = SlotTable()
        self.slots.show_slots(prompt.label.slots if prompt.label else ())
        self.message = InlineMessage(context.theme)
        text = label(prompt.text, "section")
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        self.save = primary_button("Save")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(text)
        for name, widget in (("Intent: what is wanted", self.intent), ("Slots: the details", self.slots)):
            column.addWidget(label(name, "hint"))
            column.addWidget(widget)
        column.addWidget(self.message)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.save)
        column.addLayout(row)
        context.background.run(self._known, success=self._offer, owner=self)
        self._allow()

    def _known(self, _task: Task) -> tuple[list[str], list[str]]:
        store = self._context.recordings()
        labels = [each.label for each in store.prompts(self._session.id) if each.label]
        intents = {each.intent for each in labels}
        types = {slot.type for each in labels for slot in each.slots}
        for dataset in store.library.datasets():
            intents.update(dataset.intents)
            types.update(dataset.slot_types)
        return sorted(intents), sorted(types)

    def _offer(self, known: tuple[list[str], list[str]]) -> None:
        intents, types = known
        self.slots.offer_types(types)
        typed = self.intent.currentText()
        self.intent.addItems(intents)
        self.intent.setEditText(typed or (self._prompt.label.intent if self._prompt.label else ""))
        self._allow()

    def _allow(self) -> None:
        self.save.setEnabled(bool(self.intent.currentText().strip()))

    def _save(self) -> None:
        slots = self.slots.typed()
        if not all(slot.type and slot.filler for slot in slots):
            self.message.say("warn", "A slot needs a type and what was said for it.")
            return
        meant = Label(self.intent.currentText().strip(), slots)
        self.save.setEnabled(False)
        self._context.background.run(
            lambda _task: self._context.recordings().decisions.label(self._prompt.id, meant),
            success=lambda _nothing: self._saved(),
            failure=self._refuse,
            owner=self,
            must_finish=True,
        )

    def _saved(self) -> None:
        self.labelled.emit()
        self.accept()

    def _refuse(self, error: Exception) -> None:
        self.message.say_error(worded(error))
        self._allow()
