"""Files and folders before they are read: what can be said of them at once, in words."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import UserError

_WORDS: Final = {
    errno.ELOOP: ("its links lead in a circle", "Choose the file or folder itself instead of the link."),
    errno.EACCES: (
        "Permission denied",
        "Allow yourself to read it, or ask its owner to, or import a copy of your own.",
    ),
}
_CHECK: Final = "Check the path."


def cannot_be_read(path: Path, error: OSError, what: str = "file") -> UserError:
    """The worded form of an operating-system error while reading `path`, a "file" or "folder"."""
    reason, remedy = _WORDS.get(error.errno or 0, (error.strerror or str(error), _CHECK))
    return UserError(f"The {what} cannot be read ({reason}).", where=str(path), remedy=remedy)


def require_file(path: Path, wanted: str, *, pipe: bool = False) -> None:
    """Raise UserError unless `path` is a file that is there, or may be and is a `pipe`. wanted: which file
    would be right, for "Choose ..."."""
    mode = _mode(path)
    if stat.S_ISREG(mode) or (pipe and stat.S_ISFIFO(mode)):
        return
    kind = "folder" if stat.S_ISDIR(mode) else "pipe" if stat.S_ISFIFO(mode) else "device"
    # A device may never come to an end, and a pipe without a writer never begin: reading would hang.
    raise UserError(f"This is a {kind}, not a file.", where=str(path), remedy=f"Choose {wanted}.")


def require_readable(paths: Sequence[Path]) -> None:
    """Raise UserError unless all of these files and folders can be looked into as often as it takes to find
    out their format."""
    for path in paths:
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            files_in(path)
        elif stat.S_ISFIFO(mode):
            # What a look takes out of a pipe is lost for the import.
            raise UserError(
                "This is a pipe, which can be read only once: too seldom to find out its format.",
                where=str(path),
                remedy="Name the format; on the command line, with --format.",
            )
        else:
            require_file(path, "a file")
            head_of(path, 1)


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder. Raises UserError when it is not there, or not to be seen."""
    return stat.S_ISDIR(_mode(path))


def is_file(path: Path) -> bool:
    """Whether a file is seen there. Raises nothing: why it cannot be seen is told by who opens it."""
    try:
        return path.is_file()
    except OSError:
        return False


def head_of(path: Path, count: int) -> bytes:
    """The first bytes of a file, which no pipe is. Raises UserError."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise cannot_be_read(path, error) from error


def files_in(folder: Path, suffix: str = "", *, below: bool = False) -> list[Path]:
    """What is in a folder, or all that is `below` it, and ends in `suffix`; sorted. Raises UserError for a
    folder that cannot be read, since it would seem empty, and for a pipe."""

    def refuse(error: OSError) -> None:
        raise cannot_be_read(Path(error.filename or folder), error, "folder") from error

    found: list[Path] = []
    for at, folders, files in os.walk(folder, onerror=refuse):
        found += [Path(at, name) for name in (*files, *folders) if name.endswith(suffix)]
        if not below:
            break
    for path in found if suffix else ():
        if stat.S_ISFIFO(_mode(path)):
            require_file(path, "a folder without pipes")
    return sorted(found)


def real_folder(folder: Path) -> Path:
    """The folder behind all links, there or not. Raises UserError when they lead in a circle."""
    try:
        return folder.resolve()
    except (RuntimeError, OSError) as error:
        raise cannot_be_read(folder, OSError(errno.ELOOP, str(error)), "folder") from error


def refuse_wide_text(path: Path, head: bytes, example: str) -> None:
    """Raise UserError when a text file begins like UTF-16, UTF-32, or no text at all. example: which file
    would be right, for "Choose ..."."""
    kind = ""
    # The mark of UTF-32 begins with that of UTF-16.
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        kind = "UTF-32"
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        kind = "UTF-16"
    elif len(head) > 3 and head[0:4].count(0) == 2 and 0 in head[:2] and head[0:2] != b"\0\0":
        kind = "UTF-16 without a byte order mark"
    if kind:
        raise UserError(
            f"This text is {kind}, not UTF-8.",
            where=str(path),
            remedy="Save the file with the encoding UTF-8.",
        )
    if b"\0" in head:
        raise UserError("This is not a text file.", where=str(path), remedy=f"Choose {example}.")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise cannot_be_read(path, error) from error
