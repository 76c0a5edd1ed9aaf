"""The feature cache's card: counts what is there, clears only when told twice, says what went wrong."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.models.cache_folder import cache_size, entry_file
from gui.context import AppContext
from gui.widgets.feature_cache_card import FeatureCacheCard


@pytest.fixture
def folder(context: AppContext) -> Path:
    """A cache of three recordings."""
    folder = context.paths.features
    for key in ("ab12", "ab34", "cd56"):
        file = entry_file(folder, key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(700_000))
    return folder


@pytest.fixture
def card(context: AppContext, qtbot: QtBot) -> FeatureCacheCard:
    result = FeatureCacheCard(context)
    qtbot.addWidget(result)
    result.show()
    return result


@pytest.fixture
def errors(context: AppContext) -> list[UserError]:
    reported: list[UserError] = []
    context.errors.error_reported.connect(reported.append)
    return reported


def count(card: FeatureCacheCard, qtbot: QtBot, recordings: str) -> None:
    card.refresh()
    qtbot.waitUntil(lambda: card.recordings.text() == recordings)


def answer(card: FeatureCacheCard, words: str) -> str:
    """Press Clear... and this button of the question; returns the question."""
    card.clear.click()
    box = card.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    asked = f"{box.text()} {box.informativeText()}"
    next(each for each in box.buttons() if each.text() == words).click()
    return asked


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_an_empty_cache_cannot_be_cleared(card: FeatureCacheCard, qtbot: QtBot) -> None:
    count(card, qtbot, "0")
    assert card.disk_use.text() == "0.0 MB"
    assert not card.clear.isEnabled()
    assert "nothing to clear" in card.clear.toolTip()


def test_it_says_how_much_is_kept(card: FeatureCacheCard, folder: Path, qtbot: QtBot) -> None:
    count(card, qtbot, "3")
    assert card.disk_use.text() == "2.1 MB"
    assert card.place.path.text() == str(folder)
    assert card.clear.isEnabled()


def test_clearing_asks_first_and_counts_again(card: FeatureCacheCard, folder: Path, qtbot: QtBot) -> None:
    count(card, qtbot, "3")
    asked = answer(card, "Clear")
    assert "3 recordings, 2.1 MB" in asked
    qtbot.waitUntil(lambda: card.recordings.text() == "0")
    assert cache_size(folder).entries == 0
    assert not card.clear.isEnabled()


def test_what_one_keeps_stays(
    card: FeatureCacheCard, context: AppContext, folder: Path, qtbot: QtBot
) -> None:
    count(card, qtbot, "3")
    answer(card, "Keep")
    qtbot.waitUntil(lambda: not context.background.busy())
    assert cache_size(folder).entries == 3
    assert card.clear.isEnabled()


def test_a_disk_that_refuses_is_said_and_clearing_can_be_tried_again(
    card: FeatureCacheCard,
    errors: list[UserError],
    folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count(card, qtbot, "3")
    monkeypatch.setattr(Path, "unlink", refuse)
    answer(card, "Clear")
    qtbot.waitUntil(card.clear.isEnabled)
    assert [error.where for error in errors] == [str(folder)]
    assert "may not write" in errors[0].what
    assert card.recordings.text() == "3"


def test_a_cache_that_cannot_be_counted_is_unknown_not_empty(
    card: FeatureCacheCard,
    errors: list[UserError],
    folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count(card, qtbot, "3")
    monkeypatch.setattr("gui.widgets.feature_cache_card.cache_size", refuse)
    count(card, qtbot, "unknown")
    assert card.disk_use.text() == "unknown"
    assert not card.clear.isEnabled()
    assert "could not be counted (Permission denied)" in errors[0].what
