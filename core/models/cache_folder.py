"""The feature cache as files: where an entry lies, how much all take, what makes room. Needs no torch.

Any number of processes may write, clear and count at once: a file that is gone when its turn comes is no
trouble. What is in an entry is known to `core.models.feature_cache` alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIMIT_BYTES: Final = 20 * 1024**3
"""What all entries together may take."""
_SUFFIX: Final = ".features"
_LEFTOVERS: Final = "*/.*"
"""What writers that were killed left half-written."""
_ABANDONED_S: Final = 3_600.0


@dataclass(frozen=True)
class CacheSize:
    """entries: recordings. size: bytes."""

    entries: int
    size: int


def entry_file(folder: Path, key: str) -> Path:
    """Where the entry of this name lies, written or not."""
    return folder / key[:2] / f"{key}{_SUFFIX}"


def cache_size(folder: Path) -> CacheSize:
    """How much the cache in `folder` holds, of all towers."""
    sizes = [size for _, size, _ in _entries(folder)]
    return CacheSize(len(sizes), sum(sizes))


def clear_cache(folder: Path) -> CacheSize:
    """Remove every entry; returns what was removed. Raises OSError when the disk refuses."""
    entries = list(_entries(folder))
    for file in [*(file for file, _, _ in entries), *folder.glob(_LEFTOVERS)]:
        file.unlink(missing_ok=True)
    return CacheSize(len(entries), sum(size for _, size, _ in entries))


def shrink_cache(folder: Path, wanted: int) -> int:
    """Remove what was not used for longest until `wanted` bytes are left; returns how many are."""
    entries = sorted(_entries(folder), key=lambda entry: entry[2])
    size = sum(entry_size for _, entry_size, _ in entries)
    for file, entry_size, _ in entries:
        if size <= wanted:
            break
        # Another process may have removed it already, or, on Windows, be reading it.
        with suppress(OSError):
            file.unlink(missing_ok=True)
            size -= entry_size
    for leftover in folder.glob(_LEFTOVERS):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _ABANDONED_S:
                leftover.unlink()
    return size


def _entries(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Every entry with its bytes and when it was last used."""
    for file in folder.glob(f"*/*{_SUFFIX}"):
        try:
            found = file.stat()
        except FileNotFoundError:
            continue
        yield file, found.st_size, found.st_mtime
