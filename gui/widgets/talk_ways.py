"""How one talks at Try it: by a held key or hands-free, and which key or which pause ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QKeySequenceEdit, QWidget

from core.audio.vad import PRESETS, Preset, PresetName
from gui.context import AppContext

MODES: Final[dict[str, PresetName | None]] = {
    "Hold to talk": None,
    **{f"Hands-free in a {preset} room": preset for preset in PRESETS},
}


LEAVING_KEYS: Final = ("Esc", "F11")
"""They lead off and on the stage."""


class TalkWays(QWidget):
    """What is chosen is remembered at once."""

    changed = Signal()
    key_chosen = Signal(str)
    """as Qt writes it"""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.mode = QComboBox()
        self.key = QKeySequenceEdit()
        self.pause = QDoubleSpinBox()
        self._dress()
        self._take_up_settings()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mode, 1)
        row.addWidget(self.key)
        row.addWidget(self.pause)
        self.mode.activated.connect(lambda _index: self._choose_mode())
        self.key.editingFinished.connect(self._choose_key)
        self.pause.valueChanged.connect(self._choose_pause)

    @property
    def preset(self) -> Preset | None:
        """When speech begins and ends by itself; None while a key is held for it."""
        name = MODES[self.mode.currentText()]
        return None if name is None else replace(PRESETS[name], hold_s=self.pause.value())

    def _choose_mode(self) -> None:
        name = MODES[self.mode.currentText()]
        self._context.remember(
            talk_hands_free=name is not None, **({} if name is None else {"talk_preset": name})
        )
        self._show_what_counts()
        self.changed.emit()

    @Slot()
    def _choose_key(self) -> None:
        key = self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key and key not in LEAVING_KEYS:
            self._context.remember(talk_key=key)
            self.key_chosen.emit(key)
        else:
            self.key.setKeySequence(QKeySequence(self._context.settings.current.talk_key))

    @Slot()
    def _choose_pause(self) -> None:
        self._context.remember(talk_pause_s=round(self.pause.value(), 1))
        self.changed.emit()

    def _take_up_settings(self) -> None:
        settings = self._context.settings.current
        preset = settings.talk_preset if settings.talk_hands_free else None
        self.mode.setCurrentIndex(list(MODES.values()).index(preset))
        self.key.setKeySequence(QKeySequence(settings.talk_key))
        with QSignalBlocker(self.pause):
            self.pause.setValue(settings.talk_pause_s)
        self._show_what_counts()

    def _show_what_counts(self) -> None:
        by_hand = MODES[self.mode.currentText()] is None
        self.key.setVisible(by_hand)
        self.pause.setVisible(not by_hand)

    def _dress(self) -> None:
        self.mode.addItems(list(MODES))
        self.mode.setAccessibleName("How to talk")
        self.key.setMaximumSequenceLength(1)
        self.key.setFixedWidth(84)
        self.key.setAccessibleName("The key that is held to talk")
        self.key.setToolTip("The key that is held to talk. Click here and press another one, or a pedal.")
        self.pause.setRange(0.3, 3.0)
        self.pause.setSingleStep(0.1)
        self.pause.setDecimals(1)
        self.pause.setPrefix("pause ")
        self.pause.setSuffix(" s")
        self.pause.setAccessibleName("The pause that ends what is said, in seconds")
        self.pause.setToolTip(
            "The pause that ends what is said. A short one answers sooner, and cuts hesitation off."
        )
