"""A place on this computer: a path to select and copy, and a button that opens its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.errors import UserError
from core.storage.files import worded_disk_errors
from gui.context import AppContext
from gui.widgets.basics import button


class PlaceLine(QWidget):
    """Opens its path where it is a folder (`is_folder`), in the file manager; a file is only named."""

    def __init__(self, context: AppContext, name: str, path: Path, *, is_folder: bool = True) -> None:
        super().__init__()
        self._context = context
        self._folder = path
        # A field, not a label: a long path scrolls instead of widening the page, and Tab reaches it.
        self.path = QLineEdit(str(path), readOnly=True)
        self.path.setProperty("role", "place")
        self.path.setAccessibleName(name)
        self.path.setToolTip(str(path))
        self.path.setCursorPosition(0)
        self.open = button("Open folder", theme=context.theme, icon="folder")
        self.open.setAccessibleName(f"Open folder: {name}")
        self.open.setVisible(is_folder)
        self.open.clicked.connect(self._open)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.open)

    def _open(self) -> None:
        self._context.background.run(
            lambda _task: _make(self._folder), success=lambda _nothing: self._show_to_user(), owner=self
        )

    def _show_to_user(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self._context.errors.report(
                UserError(
                    "The folder cannot be opened from here.",
                    where=str(self._folder),
                    remedy="Open it in your file manager; its path can be selected and copied.",
                )
            )


def _make(folder: Path) -> None:
    """Some folders are made by the first run only; a file manager would open nothing, without a word."""
    with worded_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
