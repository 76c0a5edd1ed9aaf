"""The fields of one curriculum stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QSpinBox, QWidget

from core.experiment.stages import StageSpec
from gui.experiment_draft import StageDraft
from gui.theme import Theme
from gui.widgets.elided_combo import ElidedComboBox
from gui.widgets.field import Field
from gui.widgets.mixture_slider import PercentBox

SCHEDULES = (
    ("cosine", "Cosine"),
    ("cosine_with_min_lr", "Cosine to a tenth"),
    ("linear", "Linear"),
    ("inverse_sqrt", "Inverse root"),
    ("constant", "Constant"),
)


class CountBox(QSpinBox):
    """A whole number that does not change under a turning wheel."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.setRange(low, high)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class StageForm(QWidget):
    """Edits one `StageDraft`; emits `edited` with the new draft after every change by the user."""

    edited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: StageDraft | None = None
        self._showing = False
        self._name = QLineEdit()
        self._epochs = CountBox(1, 1000)
        self._text = PercentBox("Text used")
        self._pseudo_audio = PercentBox("Written as pseudo-audio")
        self._speech = QCheckBox("Use speech")
        self._speech_part = PercentBox("Part that is speech", high=99.0)
        self._speech_part.setSpecialValueText("Each once")
        self._rate = QLineEdit()
        self._warmup = PercentBox("Warm-up")
        self._schedule = ElidedComboBox()
        self._schedule.setMinimumContentsLength(6)
        for value, title in SCHEDULES:
            self._schedule.addItem(title, value)
        titles = {
            "name": ("Stage name", self._name),
            "epochs": ("Epochs", self._epochs),
            "learning_rate": ("Learning rate", self._rate),
            "warmup_ratio": ("Warm-up", self._warmup),
            "schedule": ("Rate schedule", self._schedule),
            "text": ("Text used", self._text),
            "pseudo_audio": ("Written as pseudo-audio", self._pseudo_audio),
            "speech": ("Speech", self._speech),
            "speech_part": ("Part that is speech", self._speech_part),
        }
        self._fields = {
            key: Field(theme, title, editor, StageSpec.model_fields[key].description or "")
            for key, (title, editor) in titles.items()
        }
        self._lay_out()
        self._connect()

    def set_draft(self, draft: StageDraft) -> None:
        """Show `draft` without emitting `edited`; fields that already show it keep their cursor."""
        self._draft = draft
        self._showing = True
        if self._name.text() != draft.name:
            self._name.setText(draft.name)
        if self._rate.text() != draft.learning_rate:
            self._rate.setText(draft.learning_rate)
        self._epochs.setValue(draft.epochs)
        self._text.setValue(draft.text * 100)
        self._pseudo_audio.setValue(draft.pseudo_audio * 100)
        self._speech.setChecked(draft.speech)
        self._speech_part.setValue((draft.speech_part or 0) * 100)
        self._enable(draft)
        self._warmup.setValue(draft.warmup_ratio * 100)
        self._schedule.setCurrentIndex(max(0, self._schedule.findData(draft.schedule)))
        self._showing = False

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """Show each field's problem below it; `problems` maps a StageSpec field to its words."""
        for key, field in self._fields.items():
            field.set_problem(problems.get(key, ""))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for index, field in enumerate(self._fields.values()):
            grid.addWidget(field, index // 5, index % 5)
        for column, stretch in enumerate((3, 2, 2, 2, 2)):
            grid.setColumnStretch(column, stretch)

    def _connect(self) -> None:
        self._name.textEdited.connect(lambda text: self._edit(name=text))
        self._rate.textEdited.connect(lambda text: self._edit(learning_rate=text.strip()))
        self._epochs.valueChanged.connect(lambda value: self._edit(epochs=value))
        self._text.valueChanged.connect(lambda percent: self._edit(text=round(percent / 100, 6)))
        self._speech.toggled.connect(lambda on: self._edit(speech=on))
        self._pseudo_audio.valueChanged.connect(
            lambda percent: self._edit(pseudo_audio=round(percent / 100, 6))
        )
        self._speech_part.valueChanged.connect(
            lambda percent: self._edit(speech_part=round(percent / 100, 6) or None)
        )
        self._warmup.valueChanged.connect(lambda percent: self._edit(warmup_ratio=round(percent / 100, 6)))
        self._schedule.currentIndexChanged.connect(
            lambda index: self._edit(schedule=self._schedule.itemData(index))
        )

    def _edit(self, **changes: Any) -> None:
        if self._showing or self._draft is None:
            return
        self._draft = replace(self._draft, **changes)
        self._enable(self._draft)
        self.edited.emit(self._draft)

    def _enable(self, draft: StageDraft) -> None:
        self._pseudo_audio.setEnabled(draft.text > 0)
        self._speech_part.setEnabled(draft.text > 0 and draft.speech)
