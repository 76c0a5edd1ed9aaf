"""A place: its path can be copied by keyboard, its folder opens in the file manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import UserError
from gui.context import AppContext
from gui.widgets.place_line import PlaceLine


class FileManager(QObject):
    """Takes what the desktop would be asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


@pytest.fixture
def file_manager() -> Iterator[FileManager]:
    manager = FileManager()
    QDesktopServices.setUrlHandler("file", manager, "open")  # type: ignore[arg-type]
    yield manager
    QDesktopServices.unsetUrlHandler("file")


def make_line(context: AppContext, qtbot: QtBot, path: Path, *, is_folder: bool = True) -> PlaceLine:
    line = PlaceLine(context, "A place", path, is_folder=is_folder)
    qtbot.addWidget(line)
    line.show()
    return line


def test_a_path_is_copied_by_keyboard_and_never_changed(
    context: AppContext, qtbot: QtBot, tmp_path: Path
) -> None:
    line = make_line(context, qtbot, tmp_path)
    qtbot.keyClick(line.path, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    qtbot.keyClick(line.path, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    qtbot.keyClick(line.path, Qt.Key.Key_Backspace)  # type: ignore[no-untyped-call]

    assert QApplication.clipboard().text() == str(tmp_path)
    assert line.path.text() == str(tmp_path)


def test_a_long_path_does_not_widen_the_page(context: AppContext, qtbot: QtBot, tmp_path: Path) -> None:
    short = make_line(context, qtbot, tmp_path)
    long = make_line(context, qtbot, tmp_path.joinpath(*["a folder"] * 40))

    assert long.minimumSizeHint().width() == short.minimumSizeHint().width()


def test_a_folder_that_is_not_there_yet_opens_too(
    context: AppContext, qtbot: QtBot, tmp_path: Path, file_manager: FileManager
) -> None:
    folder = tmp_path / "home" / "features"
    line = make_line(context, qtbot, folder)
    line.open.click()
    qtbot.waitUntil(lambda: file_manager.opened == [str(folder)])
    assert folder.is_dir()


def test_a_file_has_no_folder_to_open(context: AppContext, qtbot: QtBot, tmp_path: Path) -> None:
    line = make_line(context, qtbot, tmp_path / "spoonful.db", is_folder=False)
    assert not line.open.isVisible()


def test_a_desktop_without_a_file_manager_is_said(context: AppContext, qtbot: QtBot, tmp_path: Path) -> None:
    # The offscreen platform has none.
    errors: list[UserError] = []
    context.errors.error_reported.connect(errors.append)
    line = make_line(context, qtbot, tmp_path)
    line.open.click()
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].where == str(tmp_path)
    assert "file manager" in errors[0].remedy
