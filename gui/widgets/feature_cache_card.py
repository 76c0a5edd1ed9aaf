"""The feature cache in a card: how much it keeps and where, and a button that clears it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QMessageBox

from core.errors import UserError
from core.models.cache_folder import LIMIT_BYTES, CacheSize, cache_size, clear_cache
from core.storage.files import worded_disk_errors
from gui.background import Task
from gui.context import AppContext
from gui.formatting import counted, disk_space, grouped, memory
from gui.widgets.basics import Card, button, label
from gui.widgets.fact_grid import FactGrid
from gui.widgets.place_line import PlaceLine

_WORDS = (
    "What base models heard in recordings, kept so that it is computed once. It is made from recordings, "
    "also from those of datasets that were deleted since. It may be removed at any time; the next run makes "
    "what it needs again."
)


class FeatureCacheCard(Card):
    """Counts off the UI thread, when told to and after clearing."""

    def __init__(self, context: AppContext) -> None:
        super().__init__("Feature cache")
        self._context = context
        self._folder = context.paths.features
        self._counting: Task | None = None
        self._kept = CacheSize(0, 0)
        self.recordings = label("counting\u2026")
        self.disk_use = label("counting\u2026")
        limit = label(f"{memory(LIMIT_BYTES)}, then what was not used for longest is removed")
        limit.setWordWrap(True)
        self.place = PlaceLine(context, "Folder of the feature cache", self._folder)
        self.clear = button("Clear...", "danger", theme=context.theme, icon="trash")
        self.clear.setAccessibleName("Clear the feature cache")
        self.clear.setEnabled(False)
        self.clear.clicked.connect(self._ask_to_clear)
        words = label(_WORDS, "hint")
        words.setWordWrap(True)
        facts = FactGrid()
        facts.add("Recordings", self.recordings)
        facts.add("Size", self.disk_use)
        facts.add("Limit", limit)
        facts.add("Folder", self.place)
        actions = QHBoxLayout()
        actions.addWidget(self.clear)
        actions.addStretch(1)
        self.body.addWidget(words)
        self.body.addWidget(facts)
        self.body.addLayout(actions)

    @Slot()
    def refresh(self) -> None:
        """Count again."""
        if self._counting is not None:
            self._counting.cancel()
        self._counting = self._context.background.run(
            lambda _task: _count(self._folder), success=self._show, failure=self._show_unknown, owner=self
        )

    def _show(self, kept: CacheSize) -> None:
        self._kept = kept
        self.recordings.setText(grouped(kept.entries))
        self.disk_use.setText(disk_space(kept.size))
        self.clear.setEnabled(kept.entries > 0)
        self.clear.setToolTip("" if kept.entries else "There is nothing to clear.")

    def _show_unknown(self, error: Exception) -> None:
        self.recordings.setText("unknown")
        self.disk_use.setText("unknown")
        self.clear.setEnabled(False)
        self.clear.setToolTip("What is there could not be counted.")
        self._context.errors.report(error)

    def _ask_to_clear(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Clear feature cache")
        box.setText("Clear the feature cache?")
        box.setInformativeText(
            f"{counted(self._kept.entries, 'recording')}, {disk_space(self._kept.size)}. "
            "Recordings and runs stay; the next run computes what it needs again."
        )
        clear = box.addButton("Clear", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        clear.clicked.connect(self._clear)
        box.open()

    def _clear(self) -> None:
        self.clear.setEnabled(False)
        task = self._context.background.run(lambda _task: _remove(self._folder), owner=self)
        # Also after an error: some of it may be gone.
        task.finished.connect(self.refresh)


def _count(folder: Path) -> CacheSize:
    try:
        return cache_size(folder)
    except OSError as error:
        raise UserError(
            f"The feature cache could not be counted ({error.strerror or error}).",
            where=str(folder),
            remedy="Check the disk, and that you may read the folder.",
            details=repr(error),
        ) from error


def _remove(folder: Path) -> None:
    with worded_disk_errors(folder):
        clear_cache(folder)
