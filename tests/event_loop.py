"""Waiting in a real event loop, as the program itself runs in one."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QTimer


def spin(milliseconds: int) -> None:
    """Let the window and the program's threads live for this long.

    `QTest.qWait` will not do: it keeps Python's lock, so the program's background threads stand still (a
    counting thread got 2 % of its turns).
    """
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
