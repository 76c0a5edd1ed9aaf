"""The window's keyboard actions. Fixed keys: StandardKey has none for some of them on some desktops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.widgets.navigation import Destination


def add_window_actions(
    window: QWidget,
    pages: Sequence[Destination],
    show_page: Callable[[str], None],
    dismiss: Callable[[], None],
) -> None:
    """Each page's own keys go there, Esc dismisses the error bar, Ctrl+Q closes the window."""
    for page in pages:
        _add(window, page.title, page.shortcut, partial(show_page, page.key))
    _add(window, "Dismiss the error", "Esc", dismiss)
    _add(window, "Close Spoonful", "Ctrl+Q", window.close)


def _add(window: QWidget, text: str, keys: str, run: Callable[[], object]) -> None:
    action = QAction(text, window)
    action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda _checked: run())
    window.addAction(action)
