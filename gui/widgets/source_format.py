"""How the files to import are to be read: their format, where the recordings are, what columns hold."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QWidget

from core.data.importers import IMPORTERS
from core.data.importers.source import Options
from core.data.importers.table import TablePreview
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, button, icon_button, label
from gui.widgets.column_choice import ColumnChoice

_FOUND_OUT = "Found out from the files"
_WHERE_THE_FILES_SAY = "Where the files say"


class SourceFormat(QWidget):
    """changed: the user wants them read otherwise."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._audio: Path | None = None
        self._columns_chosen = False
        self.columns = ColumnChoice()
        self.columns.changed.connect(self._choose_columns)
        self.formats = QComboBox()
        self.formats.setAccessibleName("Format")
        self.formats.addItem(_FOUND_OUT, None)
        for name, importer in IMPORTERS.items():
            self.formats.addItem(f"{importer.title}: {importer.what}", name)
        self.formats.activated.connect(self.changed)
        self._folder = ElidedLabel(_WHERE_THE_FILES_SAY)
        choose = button("Choose folder...", tip="If the recordings are not where the files have them")
        choose.clicked.connect(self._choose)
        self._forget = icon_button("close", "Take the recordings from where the files say", theme)
        self._forget.clicked.connect(lambda _checked: self.set_audio(None))
        self._forget.hide()

        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(12)
        layout.addWidget(label("Format"), 0, 0)
        layout.addWidget(self.formats, 0, 1)
        layout.addWidget(label("Recordings"), 1, 0)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._folder, 1)
        row.addWidget(self._forget)
        row.addWidget(choose)
        layout.addLayout(row, 1, 1)
        layout.addWidget(self.columns, 2, 0, 1, 2)
        layout.setColumnStretch(1, 1)

    @property
    def format_name(self) -> str | None:
        """Of IMPORTERS; None to find it out."""
        name: str | None = self.formats.currentData()
        return name

    @property
    def options(self) -> Options:
        if self._columns_chosen:
            return Options(audio=self._audio, columns=self.columns.columns, guess_columns=False)
        return Options(audio=self._audio)

    def show_table(self, found: TablePreview | None) -> None:
        """Show a table's first rows, to choose what its columns hold; None when the files are no table."""
        if found is None:
            self._columns_chosen = False
            self.columns.forget()
        else:
            self.columns.show_table(found)

    def show_found(self, name: str) -> None:
        """Tell what was found out."""
        self.formats.setItemText(0, f"{_FOUND_OUT}: {IMPORTERS[name].title}")

    def forget_found(self) -> None:
        self.formats.setItemText(0, _FOUND_OUT)

    def set_audio(self, folder: Path | None) -> None:
        """Take recordings from `folder`; None for where the files have them."""
        self._audio = folder
        self._folder.setText(_WHERE_THE_FILES_SAY if folder is None else str(folder))
        self._forget.setVisible(folder is not None)
        self.changed.emit()

    def _choose_columns(self) -> None:
        self._columns_chosen = True
        self.changed.emit()

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose the folder of the recordings")
        if folder:
            self.set_audio(Path(folder))
