"""The files and folders to import, each with the split its utterances go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.data.importers.source import Source
from core.data.utterance import SPLITS, Split
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, icon_button


class SourceList(QWidget):
    """changed: something was added, left out, or put into another split."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.sources: tuple[Source, ...] = ()
        self._rows = QVBoxLayout(self)
        self._rows.setSpacing(4)
        self._rows.setContentsMargins(0, 0, 0, 0)

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders; those already listed are left alone."""
        listed = {source.path for source in self.sources}
        self.sources += tuple(Source(path) for path in paths if path not in listed)
        self._list()
        self.changed.emit()

    def remove(self, path: Path) -> None:
        """Leave one out again."""
        self.sources = tuple(source for source in self.sources if source.path != path)
        # After the click has been handled: the row with the clicked button goes away.
        QTimer.singleShot(0, self, self._list)
        self.changed.emit()

    def set_split(self, path: Path, split: Split | None) -> None:
        """Where utterances of this one belong that name no split of their own; None divides them."""
        self.sources = tuple(
            replace(source, split=split) if source.path == path else source for source in self.sources
        )
        self.changed.emit()

    def _list(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.deleteLater()
        for source in self.sources:
            self._rows.addWidget(self._row(source))

    def _row(self, source: Source) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(ElidedLabel(str(source.path)), 1)
        splits = QComboBox()
        splits.setAccessibleName(f"Split of {source.path.name}")
        splits.setToolTip("Where utterances belong that name no split of their own")
        splits.addItem("Divide 80 / 10 / 10", None)
        for split in SPLITS:
            splits.addItem(f"All to {split}", split)
        splits.setCurrentIndex(splits.findData(source.split))
        splits.activated.connect(lambda _index: self.set_split(source.path, splits.currentData()))
        layout.addWidget(splits)
        remove = icon_button("close", f"Leave out {source.path.name}", self._theme)
        remove.clicked.connect(lambda _checked: self.remove(source.path))
        layout.addWidget(remove)
        return row
