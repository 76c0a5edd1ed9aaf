"""Whole files or none: what a crash or a full disk interrupts leaves the old file as it was."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from core.errors import UserError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_SPARE_BYTES: Final = 32 << 20
"""Left free for what is written beside, the database above all."""
_NO_PERMISSION = {errno.EROFS, errno.EACCES, errno.EPERM}


class DiskFull(UserError):
    """Nothing is wrong but a lack of space: what was going on can go on once there is some."""


def disk_error(error: OSError, path: Path) -> UserError:
    """The worded form of an operating-system error while writing `path`."""
    if error.errno in _NO_SPACE:
        return DiskFull(
            "The disk is full.",
            where=str(path),
            remedy="Free some space and try again; nothing was half-written.",
            details=repr(error),
        )
    if error.errno in _NO_PERMISSION:
        what = "Spoonful may not write here."
        remedy = "Make the folder writable, or choose another one."
    else:
        what = f"The file could not be written ({error.strerror or error})."
        remedy = "Check the disk and the folder, and try again."
    return UserError(what, where=str(path), remedy=remedy, details=repr(error))


@contextmanager
def worded_disk_errors(path: Path) -> Iterator[None]:
    """Turns an OSError raised inside into the UserError that names `path`."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def require_space(folder: Path, count: int) -> None:
    """Raise DiskFull unless so many bytes, and some to spare, can be written below `folder`.

    The folder may still be to be made. Called before something large is written, since a disk filled to the
    last byte stops everything else, too.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    with worded_disk_errors(folder):
        free = shutil.disk_usage(there).free
    needed = count + _SPARE_BYTES
    if free < needed:
        raise DiskFull(
            f"The disk is almost full: {free / 1e6:.0f} MB are left, but {needed / 1e6:.0f} MB are needed.",
            where=str(folder),
            remedy="Free some space and try again; nothing was half-written.",
        )


def write_bytes_atomically(path: Path, data: bytes | memoryview) -> None:
    """Replace `path` by `data`: after a crash at any instant the file is the old one or the new one.

    Raises UserError when the disk is full or the folder is not writable; the old file stays.
    """
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    with worded_disk_errors(path):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_text_atomically(path: Path, text: str) -> None:
    """`write_bytes_atomically` for UTF-8 text."""
    write_bytes_atomically(path, text.encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Have the names of a folder's files on the disk, too: a new file's may be lost in a power cut although
    its bytes are not. Windows writes them with the file. Raises UserError."""
    if os.name == "nt":
        return
    with worded_disk_errors(folder):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
