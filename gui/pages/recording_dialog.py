"""The keys of the recording page on one screen, all of them to be changed, and what a verdict is given by."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.audio.vad import PRESETS
from core.audio.verdict import Thresholds
from gui.context import AppContext
from gui.recording_keys import ALL_KEYS, keys_of, plain
from gui.widgets.basics import button, label, primary_button
from gui.widgets.message import InlineMessage

MANUAL = (
    "Read the large text aloud. The microphone listens all the time, so that no first syllable is lost:"
    " press, then read, then press again. Every take is kept; the accepted one counts. What is wrong with a"
    " take is told with what to do about it: red should be recorded again, amber may stay. Test the room once"
    " before you begin. A skipped prompt comes back when you go back to it. You may leave at any time: the"
    " session goes on at the first prompt without an accepted take. In Review somebody listens once more and"
    " says which takes are good."
)


class RecordingDialog(QDialog):
    """Changes are kept as soon as they are made; a key that is taken twice is refused."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Recording: keys and verdicts")
        self.resize(640, 600)
        self._context = context
        self.keys: dict[str, QKeySequenceEdit] = {}
        self.thresholds: dict[str, QDoubleSpinBox] = {}
        self.message = InlineMessage(context.theme)
        self.preset = QComboBox()
        tabs = QTabWidget()
        tabs.addTab(self._make_keys(), "Keys")
        tabs.addTab(self._make_thresholds(), "Verdicts")
        self._show()
        manual = QLabel(MANUAL)
        manual.setWordWrap(True)
        usual = button("All as usual", tip="Keys, verdicts and hands-free as they were at first")
        usual.clicked.connect(self.reset)
        close = primary_button("Close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("How recording works", "section"))
        layout.addWidget(manual)
        layout.addWidget(tabs, 1)
        layout.addWidget(self.message)
        row = QHBoxLayout()
        row.addWidget(usual)
        row.addStretch(1)
        row.addWidget(close)
        layout.addLayout(row)

    def reset(self) -> None:
        """Everything as it was at first."""
        self._context.remember(
            recording_keys={}, recording_thresholds=Thresholds(), recording_preset="normal"
        )
        self._show()
        self.message.clear()

    def _show(self) -> None:
        settings = self._context.settings.current
        for name, key in keys_of(settings.recording_keys, ALL_KEYS).items():
            self.keys[name].setKeySequence(QKeySequence(key))
        for name, box in self.thresholds.items():
            with QSignalBlocker(box):
                box.setValue(getattr(settings.recording_thresholds, name))
        with QSignalBlocker(self.preset):
            self.preset.setCurrentText(settings.recording_preset)

    def _make_keys(self) -> QWidget:
        tab = QWidget()
        grid = QGridLayout(tab)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(0, 1)
        for row, (name, action) in enumerate(ALL_KEYS.items()):
            edit = QKeySequenceEdit()
            edit.setMaximumSequenceLength(1)
            edit.setAccessibleName(action.title)
            edit.editingFinished.connect(lambda name=name: self._change_key(name))
            self.keys[name] = edit
            grid.addWidget(label(action.title), row, 0)
            grid.addWidget(edit, row, 1)
        grid.setRowStretch(len(ALL_KEYS), 1)
        return tab

    def _change_key(self, name: str) -> None:
        settings = self._context.settings.current
        key = self.keys[name].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        keys = keys_of(settings.recording_keys, ALL_KEYS)
        taken = (each for each, other in keys.items() if plain(other) == plain(key) and each != name)
        other = next(taken, None)
        if not key or other is not None:
            what = (
                f"{key} is the key of \u201c{ALL_KEYS[other].title}\u201d"
                if other
                else "Every action needs a key"
            )
            self.message.say("warn", f"{what}: choose another one.")
            self.keys[name].setKeySequence(QKeySequence(keys[name]))
            return
        self.message.clear()
        self._context.remember(recording_keys={**settings.recording_keys, name: key})

    def _make_thresholds(self) -> QWidget:
        tab = QWidget()
        grid = QGridLayout(tab)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(0, 1)
        for row, (name, field) in enumerate(Thresholds.model_fields.items()):
            box = QDoubleSpinBox(decimals=0 if field.annotation is int else 1)
            low, high = (
                getattr(each, bound) for each, bound in zip(field.metadata, ("ge", "le"), strict=True)
            )
            box.setRange(low, high)
            box.setAccessibleName(f"{field.title}, {field.description}")
            box.valueChanged.connect(lambda value, name=name: self._change_threshold(name, value))
            self.thresholds[name] = box
            grid.addWidget(label(str(field.title)), row, 0)
            grid.addWidget(label(str(field.description), "hint"), row, 1)
            grid.addWidget(box, row, 2)
        row = len(self.thresholds)
        grid.addWidget(label("Hands-free in a room that is"), row, 0)
        self.preset.addItems(list(PRESETS))
        self.preset.setAccessibleName("Hands-free in a room that is")
        self.preset.currentTextChanged.connect(lambda name: self._context.remember(recording_preset=name))
        grid.addWidget(self.preset, row, 2)
        grid.setRowStretch(row + 1, 1)
        return tab

    def _change_threshold(self, name: str, value: float) -> None:
        before = self._context.settings.current.recording_thresholds
        typed = int(value) if Thresholds.model_fields[name].annotation is int else value
        self._context.remember(recording_thresholds=before.model_copy(update={name: typed}))
