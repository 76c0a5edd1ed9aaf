"""Whole files or none: what a crash or a full disk interrupts leaves the old file as it was."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.errors import UserError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
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
