"""Settings: what is kept on this computer and where, as it is at the moment."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.models.cache_folder import entry_file
from gui.context import AppContext
from gui.pages.settings import SettingsPage


@pytest.fixture
def page(context: AppContext, qtbot: QtBot) -> SettingsPage:
    result = SettingsPage(context)
    qtbot.addWidget(result)
    result.show()
    return result


def test_numbers_are_fresh_each_time_the_page_is_shown(
    page: SettingsPage, context: AppContext, qtbot: QtBot
) -> None:
    page.activated()
    qtbot.waitUntil(lambda: page.cache.recordings.text() == "0")
    file = entry_file(context.paths.features, "ab12")
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(2_000_000))

    page.activated()

    qtbot.waitUntil(lambda: page.cache.recordings.text() == "1")


def test_how_sure_an_answer_must_be_is_kept(page: SettingsPage, context: AppContext) -> None:
    page.not_sure.setValue(65)
    assert context.settings.current.not_sure_below == 0.65


def test_it_says_where_things_are(page: SettingsPage, context: AppContext) -> None:
    paths = context.paths
    places = {
        each.accessibleName(): each.text() for each in page.findChildren(QLineEdit) if each.isReadOnly()
    }

    assert places == {
        "Folder of the feature cache": str(paths.features),
        "Home folder": str(paths.home),
        "Database": str(paths.database),
        "Folder of the runs": str(paths.runs),
    }


def test_every_control_has_a_name_of_its_own(page: SettingsPage) -> None:
    names = [each.accessibleName() for each in page.findChildren(QPushButton) if each.isVisible()]

    assert len(names) == 4
    assert all(names)
    assert len(set(names)) == len(names)


def test_the_page_costs_no_torch() -> None:
    code = "import sys, gui.app, gui.pages.settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
