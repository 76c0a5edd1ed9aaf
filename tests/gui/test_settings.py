"""What the window remembers survives; what cannot be read is kept aside and said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import UserError
from gui.settings import SettingsStore


def test_a_choice_is_remembered_at_the_next_start(tmp_path: Path) -> None:
    SettingsStore(tmp_path / "window.json").update(theme="dark", page="runs")

    again = SettingsStore(tmp_path / "window.json")

    assert (again.current.theme, again.current.page) == ("dark", "runs")
    assert again.trouble is None


def test_the_first_start_has_defaults_and_no_complaint(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "window.json")

    assert store.current.theme == "system"
    assert not store.current.welcomed
    assert store.trouble is None


@pytest.mark.parametrize("content", [b'{"theme": ', b'{"theme": "pink"}', b"\xff\xfe\x00", b"[1]"])
def test_an_unreadable_file_is_kept_aside_and_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "window.json"
    path.write_bytes(content)

    store = SettingsStore(path)

    assert store.current.theme == "system"
    assert (tmp_path / "window.json.bad").read_bytes() == content
    assert store.trouble is not None
    assert str(path) in str(store.trouble)
    assert "window.json.bad" in str(store.trouble)


def test_a_newer_version_s_fields_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    path.write_text(json.dumps({"theme": "dark", "invented_later": 1}), "utf-8")

    store = SettingsStore(path)

    assert store.current.theme == "dark"
    assert store.trouble is None


def test_a_failed_save_says_so_keeps_the_choice_and_leaves_no_rest(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "window.json")
    # A folder where the file should be cannot be replaced by a file.
    (tmp_path / "window.json").mkdir()

    with pytest.raises(UserError, match="could not be saved"):
        store.update(theme="dark")

    assert store.current.theme == "dark"
    assert [path.name for path in tmp_path.iterdir()] == ["window.json"]
