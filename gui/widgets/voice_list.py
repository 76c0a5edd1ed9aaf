"""The voices of a speech engine, of which several may be ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.data.synthesis.voice import Voice

_ROW_HEIGHT = 28
_FEW = 12
"""As many voices are looked through without a search."""


class VoiceList(QWidget):
    """changed: other voices are ticked, or another one is current. What is ticked stays ticked while a search
    hides it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices: Sequence[Voice] = ()
        self.search = QLineEdit(placeholderText="Find a voice or language", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a voice or language")
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName("Voices")
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        self.list.currentRowChanged.connect(lambda _row: self.changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)

    def show_voices(self, voices: Sequence[Voice], ticked: Sequence[Voice]) -> None:
        """Offer these voices, some of them ticked."""
        self._voices = voices
        self.list.blockSignals(True)
        self.list.clear()
        for voice in voices:
            item = QListWidgetItem(f"{voice.title}   {voice.name}", self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if voice in ticked else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
        first = voices.index(ticked[0]) if ticked else 0
        self.list.setCurrentRow(first if voices else -1)
        self.list.blockSignals(False)
        self.search.setVisible(len(voices) > _FEW)
        self.search.clear()
        self.changed.emit()

    def ticked(self) -> list[Voice]:
        """The voices that are ticked, in their order."""
        return [
            voice
            for row, voice in enumerate(self._voices)
            if self.list.item(row).checkState() == Qt.CheckState.Checked
        ]

    def current(self) -> Voice | None:
        """The voice that the keyboard or a click is on."""
        row = self.list.currentRow()
        return self._voices[row] if 0 <= row < len(self._voices) else None

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for row, voice in enumerate(self._voices):
            told = f"{voice.title} {voice.name} {' '.join(voice.languages)}".casefold()
            self.list.item(row).setHidden(not all(word in told for word in words))
