"""The training scheme as radio buttons with a sentence on the chosen one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from core.experiment.stages import Scheme
from gui.widgets.basics import label

TITLES: dict[Scheme, str] = {
    "text-only": "Text-only",
    "direct mixing": "Direct mixing",
    "curriculum": "Curriculum",
    "cross-lingual": "Cross-lingual",
    "text-only + pseudo-audio": "Text-only + pseudo-audio",
    "speech-only": "Speech-only",
    "custom": "Custom",
}
WORDS: dict[Scheme, str] = {
    "text-only": "Learns from text alone and is tested on speech: what costs no recording at all.",
    "direct mixing": "Learns from text and speech together from the beginning.",
    "curriculum": "Learns the task from text first, then adds the speech: best when there is little of it.",
    "cross-lingual": "Learns from the speech of one language and the text of another, with a little of its"
    " speech.",
    "text-only + pseudo-audio": "Learns from text alone, part of it written the way audio looks to the model."
    " Not in the paper; for base models that know it.",
    "speech-only": "Learns from recordings alone.",
    "custom": "Stages of your own. Change them below.",
}


class SchemePicker(QWidget):
    """Emits `chosen` when the user picks another scheme; `show_scheme` emits nothing."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scheme")
        self._group = QButtonGroup(self)
        self._radios: dict[str, QRadioButton] = {}
        row = QHBoxLayout()
        row.setSpacing(16)
        for scheme, title in TITLES.items():
            radio = QRadioButton(title)
            radio.setAccessibleDescription(WORDS[scheme])
            radio.setToolTip(WORDS[scheme])
            radio.clicked.connect(lambda _checked=False, scheme=scheme: self.chosen.emit(scheme))
            self._group.addButton(radio)
            self._radios[scheme] = radio
            row.addWidget(radio)
        row.addStretch(1)
        self._words = label("", "hint")
        self._words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._words)

    def show_scheme(self, scheme: Scheme) -> None:
        # No preset has this scheme, so it is offered only to an experiment file that came with it.
        self._radios["speech-only"].setVisible(scheme == "speech-only")
        self._radios[scheme].setChecked(True)
        self._words.setText(WORDS[scheme])

    def scheme(self) -> str:
        """The scheme whose radio button is on."""
        return next(scheme for scheme, radio in self._radios.items() if radio.isChecked())
