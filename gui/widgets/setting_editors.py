"""The controls of settings, one for each kind of value; each shows and gives it as typed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from gui.experiment_settings import Setting, Typed, choice_words
from gui.widgets.basics import button


class ChoiceEditor(QComboBox):
    """One of a few words; a turning wheel scrolls the form and changes nothing."""

    edited = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        for choice in setting.choices:
            self.addItem(choice_words(choice), choice)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index)))

    def show_typed(self, typed: Typed) -> None:
        self.setCurrentIndex(self.findData(typed))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SwitchEditor(QCheckBox):
    edited = Signal(bool)

    def __init__(self) -> None:
        super().__init__("On")
        self.clicked.connect(self.edited)

    def show_typed(self, typed: Typed) -> None:
        self.setChecked(bool(typed))


class LineEditor(QLineEdit):
    """Numbers, too, so that half-typed and wrong ones stay as they are until they are mended."""

    edited = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setPlaceholderText("Not set" if setting.optional else "")
        self.textEdited.connect(self.edited)

    def show_typed(self, typed: Typed) -> None:
        # Setting the same text again would move the cursor.
        if self.text() != typed:
            self.setText(str(typed))


class FolderEditor(QWidget):
    """A folder's path, typed or chosen."""

    edited = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._title = setting.full_title
        self.line = LineEditor(setting)
        self.line.edited.connect(self.edited)
        self._choose = button("Choose...")
        self._choose.setAccessibleName(f"{setting.full_title}: choose a folder")
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self._choose)

    def show_typed(self, typed: Typed) -> None:
        self.line.show_typed(typed)
        self.line.setToolTip(str(typed))

    def sizeHint(self) -> QSize:
        return QSize(0, super().sizeHint().height())

    def _ask(self) -> None:
        dialog = QFileDialog(self, self._title, self.line.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.edited)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


Editor = ChoiceEditor | SwitchEditor | LineEditor | FolderEditor


def make_editor(setting: Setting) -> Editor:
    """The control for a setting's kind of value."""
    if setting.kind == "switch":
        return SwitchEditor()
    if setting.kind == "choice":
        return ChoiceEditor(setting)
    return FolderEditor(setting) if setting.kind == "folder" else LineEditor(setting)
