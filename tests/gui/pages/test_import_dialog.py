"""Importing by hand: a preview before anything happens, problems with their places, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.context import AppContext
from gui.pages.import_dialog import ImportDialog
from tests.conftest import WavMaker
from tests.gui.window import utterance


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """The dialog deletes itself when it closes; its parent is what the test owns."""
    result = QWidget()
    qtbot.addWidget(result)
    return result


@pytest.fixture
def dialog(context: AppContext, parent: QWidget, qtbot: QtBot) -> ImportDialog:
    context.open_library().add_dataset("taken", "made", [utterance(0)])
    result = ImportDialog(context, parent)
    result.open()
    wait(context, qtbot)
    return result


def wait(context: AppContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not context.background.busy())


def manifest(folder: Path, name: str, lines: Sequence[object]) -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def order(number: int) -> dict[str, object]:
    return {"text": f"{number} espressos", "intent": "order", "slots": {"number": str(number)}}


def test_what_was_previewed_is_imported(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    assert not dialog.accept_button.isEnabled()
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(n) for n in range(20)])])
    wait(context, qtbot)

    assert "20 utterances" in dialog.outcome.text()
    assert dialog.name.text() == "orders"
    with qtbot.waitSignal(dialog.imported) as imported:
        dialog.accept_button.click()

    assert imported.args == ["orders"]
    assert context.open_library().dataset("orders").utterances == 20


def test_problems_name_file_and_line_and_nothing_is_imported(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(1), {"text": "x", "intent": 3}])])
    wait(context, qtbot)

    assert "orders.jsonl, line 2" in dialog.outcome.text()
    assert not dialog.accept_button.isEnabled()


def test_what_is_broken_is_left_out_when_somebody_says_so(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    path = manifest(tmp_path, "orders.jsonl", [order(1), {"text": "x", "intent": 3}, order(3)])
    dialog.files.add([path])
    wait(context, qtbot)
    assert dialog.without_button.text() == "Leave out 1 line"
    assert "have them left out." in dialog.outcome.text()
    dialog.without_button.click()
    wait(context, qtbot)
    assert "2 utterances" in dialog.outcome.text()
    assert "1 line left out" in dialog.outcome.text()
    assert "orders.jsonl, line 2" in dialog.outcome.text()
    # Other files have other mistakes, which nobody has seen yet.
    dialog.files.add([manifest(tmp_path, "more.jsonl", [{}])])
    wait(context, qtbot)
    assert not dialog.accept_button.isEnabled()


def test_a_mended_set_of_files_is_read_again(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    good = manifest(tmp_path, "good.jsonl", [order(1), order(2)])
    bad = manifest(tmp_path, "bad.jsonl", [{}])
    dialog.files.add([good, bad])
    wait(context, qtbot)
    assert not dialog.accept_button.isEnabled()

    dialog.files.remove(bad)
    wait(context, qtbot)

    assert "2 utterances" in dialog.outcome.text()
    assert dialog.accept_button.isEnabled()


def test_a_file_can_be_put_into_one_split(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    path = manifest(tmp_path, "orders.jsonl", [order(n) for n in range(20)])
    dialog.files.add([path])
    dialog.files.set_split(path, "test")
    wait(context, qtbot)

    assert "test: 20 texts" in dialog.outcome.text()
    assert "train: 0 texts" in dialog.outcome.text()


def test_lines_that_keep_their_own_split_are_told(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    lines = [{**order(n), "split": "test"} for n in range(3)]
    path = manifest(tmp_path, "orders.jsonl", [order(9), *lines])
    dialog.files.add([path])
    dialog.files.set_split(path, "train")
    wait(context, qtbot)

    assert "train: 1 text, 0 recordings" in dialog.outcome.text()
    assert "test: 3 texts" in dialog.outcome.text()
    assert "3 lines name their own split and keep it." in dialog.outcome.text()


def test_a_corrected_file_can_be_checked_again(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    assert not dialog.again_button.isEnabled()
    path = manifest(tmp_path, "orders.jsonl", [{"text": "x", "intent": 3}])
    dialog.files.add([path])
    wait(context, qtbot)
    assert not dialog.accept_button.isEnabled()

    manifest(tmp_path, "orders.jsonl", [order(1), order(2)])
    dialog.again_button.click()
    wait(context, qtbot)

    assert dialog.outcome.text().startswith("2 utterances")
    assert dialog.accept_button.isEnabled()


def test_coming_back_from_the_editor_checks_what_was_changed(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    path = manifest(tmp_path, "orders.jsonl", [{"text": "x", "intent": 3}])
    dialog.files.add([path])
    wait(context, qtbot)

    editor = QWidget()
    qtbot.addWidget(editor)

    def edit_and_come_back() -> None:
        with qtbot.waitActive(editor):
            editor.show()
            editor.activateWindow()
        with qtbot.waitActive(dialog):
            dialog.activateWindow()

    dialog.outcome.say("bad", "untouched")
    edit_and_come_back()
    assert dialog.outcome.text() == "untouched"  # nothing changed, nothing read

    manifest(tmp_path, "orders.jsonl", [order(1), order(2)])
    edit_and_come_back()
    wait(context, qtbot)

    assert dialog.outcome.text().startswith("2 utterances")
    assert dialog.accept_button.isEnabled()


def test_the_suggested_name_follows_the_file_until_one_is_typed(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = [manifest(tmp_path, f"{name}.jsonl", [order(1)]) for name in ("first", "second", "third")]
    dialog.files.add(paths[:1])
    dialog.files.remove(paths[0])
    dialog.files.add(paths[1:2])
    assert dialog.name.text() == "second"

    dialog.name.setText("mine")
    dialog.files.remove(paths[1])
    dialog.files.add(paths[2:])
    wait(context, qtbot)
    assert dialog.name.text() == "mine"


def test_the_folder_of_the_last_import_is_offered_again(
    dialog: ImportDialog,
    context: AppContext,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = manifest(tmp_path, "orders.jsonl", [order(1)])
    offered: list[str] = []

    def choose(_parent: QWidget, _title: str, folder: str) -> tuple[list[str], str]:
        offered.append(folder)
        return [str(path)] if len(offered) == 1 else [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    add = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Add files...")
    add.click()
    wait(context, qtbot)
    add.click()

    assert offered == ["", str(tmp_path)]
    assert dialog.name.text() == "orders"


def test_a_taken_name_needs_a_clear_wish_to_replace(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(1), order(2)])])
    dialog.name.setText("taken")
    wait(context, qtbot)
    assert not dialog.accept_button.isEnabled()
    assert "taken" in dialog.status.text()

    dialog.replace.setChecked(True)
    with qtbot.waitSignal(dialog.imported):
        dialog.accept_button.click()

    assert context.open_library().dataset("taken").utterances == 2


def test_changes_by_hand_that_a_replacement_would_lose_are_counted(
    context: AppContext, parent: QWidget, tmp_path: Path, qtbot: QtBot
) -> None:
    library = context.open_library()
    library.add_dataset("taken", "made", [utterance(0)])
    library.edits.set_text("taken", next(library.utterances(["taken"])).key, "corrected", "ann")
    dialog = ImportDialog(context, parent)
    dialog.open()
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(1)])])
    dialog.name.setText("taken")
    wait(context, qtbot)
    assert "with it 1 change made by hand" in dialog.replace.text()
    dialog.reject()


def test_a_folder_with_its_spreadsheet_asks_what_the_columns_hold(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, wav_file: WavMaker, qtbot: QtBot
) -> None:
    folder = wav_file("orders/a.wav").parent
    wav_file("orders/b.wav")
    (folder / "list.csv").write_text("Sound,Means,Drink\na.wav,order,tea\nb.wav,order,milk\n", "utf-8")
    dialog.files.add([folder])
    wait(context, qtbot)
    columns = dialog.format.columns
    assert columns.isVisible()
    assert "No column is known to hold intent" in dialog.outcome.text()
    for number, field in enumerate(("audio", "intent", "slot")):
        columns.choose(number, field)
    wait(context, qtbot)
    first, second, *_ = dialog.outcome.text().splitlines()
    assert first.startswith("2 utterances")
    assert "There is no text" in second
    assert dialog.outcome.property("kind") == "warn"
    with qtbot.waitSignal(dialog.imported):
        dialog.accept_button.click()
    labels = {each.label.words for each in context.open_library().utterances([dialog.name.text()])}
    assert labels == {"order, Drink: tea", "order, Drink: milk"}


def test_a_name_that_cannot_be_is_said_in_the_dialog(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(1)])])
    dialog.name.setText("///")
    wait(context, qtbot)

    dialog.accept_button.click()
    wait(context, qtbot)

    assert "///" in dialog.outcome.text()
    assert context.open_library().names() == ["taken"]
    assert dialog.accept_button.isEnabled()


def test_closing_while_reading_imports_nothing(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.files.add([manifest(tmp_path, "orders.jsonl", [order(n) for n in range(2_000)])])
    dialog.reject()
    wait(context, qtbot)

    assert context.open_library().names() == ["taken"]


def test_a_tables_columns_are_shown_and_can_be_chosen(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = "said,kind,where,mood\n" + "".join(f"light number {n},lamp_on,{n},good\n" for n in range(20))
    (tmp_path / "orders.csv").write_text(rows, "utf-8")
    dialog.files.add([tmp_path / "orders.csv"])
    wait(context, qtbot)
    columns = dialog.format.columns
    assert columns.isVisible()
    first_row = [columns.table.item(1, column) for column in range(4)]
    assert [item and item.text() for item in first_row] == ["light number 0", "lamp_on", "0", "good"]
    assert "No column is known to hold intent" in dialog.outcome.text()

    for number, field in enumerate(("text", "intent", "slot", "text")):
        columns.choose(number, field)
    # Of texts there is one: the later choice takes it from the earlier column.
    assert columns.choices[0].currentText() == "Left out"
    columns.choose(0, "text")
    assert columns.columns == {"text": "said", "intent": "kind", "slot:where": "where"}
    wait(context, qtbot)
    assert "20 utterances" in dialog.outcome.text()
    assert "Columns ignored: mood" in dialog.outcome.text()
    with qtbot.waitSignal(dialog.imported):
        dialog.accept_button.click()
    (first, *_) = context.open_library().utterances(["orders"])
    assert [(slot.type, slot.filler[:1].isdigit()) for slot in first.label.slots] == [("where", True)]


def test_a_folder_of_another_format_is_found_out(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "massive"
    folder.mkdir()
    said = {
        "id": "1",
        "locale": "de-DE",
        "partition": "train",
        "intent": "stop",
        "utt": "halt",
        "annot_utt": "halt",
    }
    manifest(folder, "de-DE.jsonl", [said])
    dialog.files.add([folder])
    wait(context, qtbot)
    assert "1 utterance" in dialog.outcome.text()
    assert dialog.format.formats.currentText() == "Found out from the files: MASSIVE"
    assert not dialog.format.columns.isVisible()
