"""What the first start opens on: what this is, and the shortest way to see it work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.icons import set_icon
from gui.theme import Theme
from gui.widgets.basics import Card, button, label, primary_button

CARD_WIDTH = 600
CARD_MARGIN = 32


class Welcome(QWidget):
    """A card in the middle of the window. Gone after any answer, also after choosing a page."""

    demo_chosen = Signal()
    import_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        picture = QLabel()
        set_icon(picture, "spoon", theme, color="accent", size=48)
        title = label("Much text, a spoonful of speech", "title")
        words = label(
            "Spoonful teaches a small audio model to understand spoken commands. It learns mostly from "
            "written examples, and you choose how many recordings to add and when. Then you talk to it.\n\n"
            "The demo needs no network and no graphics card. Everything stays on this computer."
        )
        words.setWordWrap(True)
        self.demo = primary_button("Try the demo (about 3 minutes)", theme=theme, icon="play")
        self.demo.clicked.connect(self.demo_chosen)
        own = button("Import my own data...", theme=theme, icon="import")
        own.clicked.connect(self.import_chosen)

        card = Card()
        card.setFixedWidth(CARD_WIDTH)
        card.body.setContentsMargins(*[CARD_MARGIN - 16] * 4)
        card.body.setSpacing(16)
        card.body.addWidget(picture)
        card.body.addWidget(title)
        card.body.addWidget(words)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addWidget(own)
        actions.addStretch(1)
        actions.addWidget(self.demo)
        card.body.addLayout(actions)

        # Stretches, not an alignment: an aligned widget is not given the height its wrapped words need.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)
