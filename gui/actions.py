"""The window's keyboard actions. Fixed keys: StandardKey has none for some of them on some desktops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def add_window_actions(
    window: QWidget,
    pages: Sequence[tuple[str, str]],
    show_page: Callable[[str], None],
    dismiss: Callable[[], None],
) -> None:
    """Ctrl+1..n go to the pages (key, title), Esc dismisses the error bar, Ctrl+Q closes the window."""
    for number, (key, title) in enumerate(pages, start=1):
        _add(window, title, f"Ctrl+{number}", partial(show_page, key))
    _add(window, "Dismiss the error", "Esc", dismiss)
    _add(window, "Close Spoonful", "Ctrl+Q", window.close)


def _add(window: QWidget, text: str, keys: str, run: Callable[[], object]) -> None:
    action = QAction(text, window)
    action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda _checked: run())
    window.addAction(action)
