"""The window: navigation at the left, one page at a time at the right, errors in a bar above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.actions import add_window_actions
from gui.context import AppContext
from gui.icons import icon
from gui.leaving import may_leave
from gui.widgets.error_bar import ErrorBar
from gui.widgets.navigation import Destination, Navigation
from gui.widgets.page_frame import PageFrame

MINIMUM = QSize(640, 420)
"""Below what the pages need they scroll: a projector, or a screen with large letters, may have no more."""
USUAL = QSize(1280, 820)


@dataclass(frozen=True)
class PageEntry:
    """A page of the window, built when it is first needed."""

    destination: Destination
    build: Callable[[], PageFrame]


class _Room(QWidget):
    """Gives the page in front all the room there is, and asks for no less than that page's minimum.

    Without a layout: with one, a scroll area would ask for the height that wrapped words would like to have,
    and scroll although everything has room.
    """

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__()
        self._stack = stack
        stack.setParent(self)
        stack.currentChanged.connect(lambda _index: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        shown = self._stack.currentWidget()
        # PySide types it as always there; an empty stack has none.
        return QSize() if shown is None else shown.minimumSizeHint()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._stack.resize(event.size())


class MainWindow(QMainWindow):
    """Navigation only; what the pages do with each other is wired in `gui.app`."""

    page_shown = Signal(str)
    first_painted = Signal()

    def __init__(self, context: AppContext, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self._context = context
        self._entries = {entry.destination.key: entry for entry in entries}
        self._pages: dict[str, PageFrame] = {}
        self._painted = False
        self.setWindowTitle("Spoonful")
        self.setWindowIcon(icon("spoon", context.theme, "accent", size=48))
        self.setMinimumSize(MINIMUM)
        destinations = [entry.destination for entry in entries]
        self.navigation = Navigation(destinations, context.theme)
        self.error_bar = ErrorBar(context.theme)
        self._stack = QStackedWidget()
        self._lay_out()
        self.navigation.chosen.connect(self.show_page)
        self.navigation.theme_chosen.connect(self._choose_theme)
        context.errors.error_reported.connect(self.error_bar.show_error)
        add_window_actions(self, destinations, self.show_page, self.error_bar.dismiss)
        self._restore_geometry()

    @property
    def current_page(self) -> str | None:
        """The key of the page in front; None while another card is shown."""
        shown = self._stack.currentWidget()
        return next((key for key, page in self._pages.items() if page is shown), None)

    def page(self, key: str) -> PageFrame:
        """The page, built now when it was not shown yet."""
        if key not in self._pages:
            page = self._entries[key].build()
            self._pages[key] = page
            self._stack.addWidget(page)
        return self._pages[key]

    def is_built(self, key: str) -> bool:
        return key in self._pages

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Bring a page to the front and tell it so."""
        page = self.page(key)
        self.error_bar.dismiss()
        self._stack.setCurrentWidget(page)
        self.navigation.mark(key)
        page.activated()
        self._context.remember(page=key)
        self.page_shown.emit(key)

    def show_card(self, card: QWidget) -> None:
        """Show something that is no page, such as the welcome of the first start, until a page is chosen."""
        self._stack.addWidget(card)
        self._stack.setCurrentWidget(card)
        self.navigation.mark(None)

    def remembered_page(self) -> str:
        """Where the last session ended, or the first page."""
        last = self._context.settings.current.page
        return last if last in self._entries else next(iter(self._entries))

    @Slot()
    def come_forward(self) -> None:
        """Un-minimise, raise, focus: a second start of the program asks for it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not may_leave(self._context, self):
            event.ignore()
            return
        self._context.remember(geometry=bytes(self.saveGeometry().toBase64().data()).decode())
        event.accept()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.error_bar)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(_Room(self._stack))
        right.addWidget(area, 1)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.navigation)
        row.addLayout(right, 1)
        self.setCentralWidget(centre)
        # Nothing is marked until the keyboard is used; Tab then starts at the navigation.
        centre.setFocus()

    def _restore_geometry(self) -> None:
        saved = self._context.settings.current.geometry
        if not saved or not self.restoreGeometry(QByteArray.fromBase64(saved.encode())):
            self.resize(USUAL)
        self.resize(self.size().boundedTo(self.screen().availableSize()))

    @Slot(str)
    def _choose_theme(self, choice: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._context.remember(theme=choice)
            self._context.theme.apply(app, self._context.settings.current.theme)
