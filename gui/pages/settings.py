"""The Settings page: what Spoonful keeps on this computer, and where."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSpinBox

from gui.context import AppContext
from gui.widgets.basics import Card, label
from gui.widgets.fact_grid import FactGrid
from gui.widgets.feature_cache_card import FeatureCacheCard
from gui.widgets.page_frame import PageFrame
from gui.widgets.place_line import PlaceLine


class SettingsPage(PageFrame):
    """Numbers are fresh each time the page comes to the front."""

    def __init__(self, context: AppContext) -> None:
        super().__init__("Settings", hint="What Spoonful keeps on this computer", scrolls=True)
        self.cache = FeatureCacheCard(context)
        self.body.addWidget(self.cache)
        self.not_sure = _not_sure_box(context)
        self.body.addWidget(_try_it_card(self.not_sure))
        self.body.addWidget(_places_card(context))
        self.body.addStretch(1)

    def activated(self) -> None:
        self.cache.refresh()


def _not_sure_box(context: AppContext) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, 99)
    box.setSuffix(" %")
    box.setAccessibleName("Say \u201cnot sure\u201d below")
    box.setValue(round(100 * context.settings.current.not_sure_below))
    box.valueChanged.connect(lambda value: context.remember(not_sure_below=value / 100))
    return box


def _try_it_card(not_sure: QSpinBox) -> Card:
    words = label(
        "Where a model is less certain of the intent than this, Try it names the two likeliest instead of "
        "claiming one. 0 % always claims one.",
        "hint",
    )
    words.setWordWrap(True)
    row = QHBoxLayout()
    row.addWidget(label("Say \u201cnot sure\u201d below"))
    row.addWidget(not_sure)
    row.addStretch(1)
    card = Card("Try it")
    card.body.addWidget(words)
    card.body.addLayout(row)
    return card


def _places_card(context: AppContext) -> Card:
    paths = context.paths
    words = label(
        "The database and the runs lie in the home folder. To have it elsewhere, set SPOONFUL_HOME to "
        "another folder before Spoonful starts.",
        "hint",
    )
    words.setWordWrap(True)
    facts = FactGrid()
    facts.add("Home", PlaceLine(context, "Home folder", paths.home))
    facts.add("Database", PlaceLine(context, "Database", paths.database, is_folder=False))
    facts.add("Runs", PlaceLine(context, "Folder of the runs", paths.runs))
    card = Card("Where things are")
    card.body.addWidget(words)
    card.body.addWidget(facts)
    return card
