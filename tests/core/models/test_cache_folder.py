"""The feature cache as files: counted, cleared and cut to size whatever other processes do there."""

from __future__ import annotations

import os
from pathlib import Path

from core.models.cache_folder import CacheSize, cache_size, clear_cache, entry_file, shrink_cache


def write_entry(folder: Path, key: str, size: int, used: float = 1_000_000.0) -> Path:
    file = entry_file(folder, key)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(size))
    os.utime(file, (used, used))
    return file


def test_a_cache_that_was_never_used_is_empty(tmp_path: Path) -> None:
    assert cache_size(tmp_path / "nowhere") == CacheSize(0, 0)
    assert clear_cache(tmp_path / "nowhere") == CacheSize(0, 0)


def test_only_entries_count(tmp_path: Path) -> None:
    write_entry(tmp_path, "ab12", 300)
    write_entry(tmp_path, "cd34", 50)
    (tmp_path / "ab" / ".torn").write_bytes(b"by a writer that was killed")
    assert cache_size(tmp_path) == CacheSize(2, 350)


def test_clearing_removes_everything(tmp_path: Path) -> None:
    write_entry(tmp_path, "ab12", 300)
    write_entry(tmp_path, "cd34", 50)
    (tmp_path / "ab" / ".torn").write_bytes(b"by a writer that was killed")
    assert clear_cache(tmp_path) == CacheSize(2, 350)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert cache_size(tmp_path) == CacheSize(0, 0)


def test_what_was_used_last_stays_when_room_is_made(tmp_path: Path) -> None:
    recent = write_entry(tmp_path, "ab12", 100, used=3_000_000)
    old = write_entry(tmp_path, "cd34", 100, used=1_000_000)
    middle = write_entry(tmp_path, "ef56", 100, used=2_000_000)
    assert shrink_cache(tmp_path, 200) == 200
    assert [file.exists() for file in (recent, old, middle)] == [True, False, True]


def test_only_what_a_writer_left_long_ago_is_taken_for_abandoned(tmp_path: Path) -> None:
    write_entry(tmp_path, "ab12", 100)
    being_written, abandoned = tmp_path / "ab" / ".now", tmp_path / "ab" / ".then"
    for file in (being_written, abandoned):
        file.write_bytes(b"half")
    os.utime(abandoned, (1_000_000, 1_000_000))
    shrink_cache(tmp_path, 1_000)
    assert being_written.exists()
    assert not abandoned.exists()
