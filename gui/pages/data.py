"""The Data page: which datasets there are, what is in them, and bringing in more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.data.search import UtteranceQuery
from core.data.summary import DatasetSummary
from core.data.utterance import Utterance
from gui.background import Task
from gui.context import AppContext
from gui.formatting import counted
from gui.item_models.datasets import DatasetTable
from gui.pages.import_dialog import ImportDialog
from gui.pages.problems_dialog import ProblemsDialog
from gui.pages.speech_dialog import SpeechDialog
from gui.widgets.basics import Card, button, label, primary_button
from gui.widgets.label_bars import LabelBars
from gui.widgets.listening_panel import ListeningPanel
from gui.widgets.message import EmptyState
from gui.widgets.page_frame import PageFrame
from gui.widgets.table import ROW_HEIGHT, dress_table
from gui.widgets.utterance_browser import UtteranceBrowser
from gui.widgets.utterance_editor import UtteranceEditor

SHOWN_DATASETS = 4
INTENTS_WIDTH = 236


class DataPage(PageFrame):
    """Datasets above; below, the chosen one's intents as a filter and its utterances."""

    title = "Data"
    icon_name = "data"
    use_in_experiment = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__("Data", hint="What the model learns from and is tested on", parent=parent)
        self._context = context
        self._shown: DatasetSummary | None = None
        self._wanted = context.settings.current.dataset
        self._loading: Task | None = None
        self._rows_stay = False
        """Whether what is being loaded is the same rows with other numbers."""
        self.datasets = DatasetTable()
        self.table = QTableView()
        self.bars = LabelBars(context.theme)
        self.browser = UtteranceBrowser(context)
        self.listening = ListeningPanel(context)
        self.listening.hide()
        self.editor = UtteranceEditor(context)
        self.empty = EmptyState(
            context.theme,
            "data",
            "No datasets yet",
            "A dataset is a list of texts and recordings with the intent and slots of each.",
        )
        self.empty.add_action("Import...", self.open_import)
        self._content = QWidget()
        self._stack = QStackedWidget()
        self._add_buttons()
        self._lay_out()
        self._order_for_keyboard()
        self.bars.intent_chosen.connect(self.browser.show_intent)
        self.browser.changed.connect(self.refresh)
        self.browser.widened.connect(lambda: self.bars.setCurrentIndex(self.bars.model().index(0, 0)))
        self.browser.chosen.connect(self._show_utterance)
        self.editor.changed.connect(self._edited)
        self.table.selectionModel().currentRowChanged.connect(self._choose_row)
        self._allow_actions()

    def activated(self) -> None:
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the list of datasets again; what was chosen stays chosen."""
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._context.background.run(
            lambda _task: self._context.open_library().datasets(), success=self._show_datasets, owner=self
        )

    def select(self, name: str) -> None:
        """Show this dataset, now or after the next refresh."""
        self._wanted = name
        row = self.datasets.row_of(name)
        if row is not None:
            self.table.selectRow(row)

    @Slot()
    def open_import(self) -> None:
        """Ask for files and bring them in."""
        dialog = ImportDialog(self._context, self)
        dialog.imported.connect(self._imported)
        dialog.open()

    def show_problems(self, name: str) -> None:
        """Show what is wrong with this dataset."""
        self.select(name)
        dialog = ProblemsDialog(self._context, name, self)
        dialog.changed.connect(self.refresh)
        dialog.utterance_asked.connect(lambda key: self._open_utterance(name, key))
        dialog.open()

    # ---- actions

    def _open_utterance(self, dataset: str, key: str) -> None:
        def open_first(found: Sequence[int]) -> None:
            if found and self._shown is not None and self._shown.name == dataset:
                self.browser.open_utterance(found[0])

        self._context.background.run(
            lambda _task: self._context.open_library().find(UtteranceQuery(dataset, key=key)),
            success=open_first,
            owner=self,
        )

    def _imported(self, name: str) -> None:
        self.select(name)
        self.refresh()

    def _check(self) -> None:
        if self._shown is not None:
            self.show_problems(self._shown.name)

    def _make_speech(self) -> None:
        if self._shown is not None:
            dialog = SpeechDialog(self._context, self._shown.name, self)
            dialog.made.connect(self._imported)
            dialog.open()

    def _ask_to_delete(self) -> None:
        dataset = self._shown
        if dataset is None:
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Delete dataset")
        box.setText(f"Delete the dataset \u201c{dataset.name}\u201d?")
        box.setInformativeText(
            f"Its {counted(dataset.utterances, 'utterance')} will leave the library. "
            "Audio files on disk stay, and so do runs that were trained on it."
        )
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        delete.clicked.connect(lambda: self._delete(dataset.name))
        box.open()

    def _delete(self, name: str) -> None:
        self.browser.stop()
        self._context.background.run(
            lambda _task: self._context.open_library().delete_dataset(name),
            success=lambda _nothing: self.refresh(),
            owner=self,
        )

    def _edited(self) -> None:
        self.browser.read_again()
        self._rows_stay = True
        self.refresh()

    def _use(self) -> None:
        if self._shown is not None:
            self.use_in_experiment.emit(self._shown.name)

    # ---- showing

    def _show_utterance(self, utterance: Utterance | None) -> None:
        self.editor.show_utterance(utterance)
        audio = None if utterance is None else utterance.audio
        self.listening.setVisible(audio is not None)
        self.listening.show_recording(audio, "" if utterance is None else utterance.key)

    def _show_datasets(self, datasets: Sequence[DatasetSummary]) -> None:
        self._stack.setCurrentWidget(self._content if datasets else self.empty)
        shown = min(max(len(datasets), 1), SHOWN_DATASETS)
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + shown * ROW_HEIGHT + 2 * self.table.frameWidth())
        before = self._shown
        self._shown = None
        self.datasets.show_datasets(datasets)
        row = self.datasets.row_of(self._wanted)
        if row is None and datasets:
            row = 0
        if row is None:
            self._show_dataset(None)
        elif self._keeps_rows(before, self.datasets.dataset(row)):
            self._shown = self.datasets.dataset(row)
            blocked = self.table.selectionModel().blockSignals(True)
            self.table.selectRow(row)
            self.table.selectionModel().blockSignals(blocked)
            self._allow_actions()
            self.editor.offer(self._shown)
            self.bars.show_counts(self._shown.distribution)
        else:
            self.table.selectRow(row)
        self._rows_stay = False

    def _keeps_rows(self, before: DatasetSummary | None, now: DatasetSummary) -> bool:
        """Whether the scroll position and the filters stay."""
        return before == now or (self._rows_stay and before is not None and before.name == now.name)

    def _choose_row(self, current: QModelIndex) -> None:
        if current.isValid():
            dataset = self.datasets.dataset(current.row())
            self._wanted = dataset.name
            self._context.remember(dataset=dataset.name)
            self._show_dataset(dataset)

    def _show_dataset(self, dataset: DatasetSummary | None) -> None:
        self._shown = dataset
        self._allow_actions()
        self.browser.show_dataset(dataset)
        self.editor.offer(dataset)
        self.bars.show_counts(dataset.distribution if dataset else ())

    def _allow_actions(self) -> None:
        shown = self._shown
        for each in (self.check, self.delete, self.use):
            each.setEnabled(shown is not None)
        recordings = sum(each["speech"] for each in shown.counts.values()) if shown else 0
        self.speak.setEnabled(shown is not None and shown.utterances > recordings)
        self.speak.setToolTip(
            "Have texts without a recording spoken"
            if self.speak.isEnabled()
            else "Every text has a recording"
        )

    # ---- layout

    def _add_buttons(self) -> None:
        theme = self._context.theme
        self.import_button = button("Import...", theme=theme, icon="import")
        self.import_button.clicked.connect(self.open_import)
        self.header.addWidget(self.import_button)
        self.check = button("Check", theme=theme, icon="good", tip="Look for mistakes in this dataset")
        self.check.clicked.connect(self._check)
        self.speak = button(
            "Make speech...", theme=theme, icon="speech", tip="Have texts without a recording spoken"
        )
        self.speak.clicked.connect(self._make_speech)
        self.delete = button("Delete...", "danger", theme=theme, icon="trash")
        self.delete.clicked.connect(self._ask_to_delete)
        self.use = primary_button("Use in an experiment", theme=theme, icon="arrow-right")
        self.use.clicked.connect(self._use)
        self.footer.addWidget(self.check)
        self.footer.addWidget(self.speak)
        self.footer.addWidget(self.delete)
        self.footer.addStretch(1)
        self.footer.addWidget(self.use)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._make_dataset_card())
        lower = QHBoxLayout()
        lower.setSpacing(16)
        lower.addWidget(self._make_intents_card())
        utterances = Card("Utterances")
        chosen = QWidget()
        below = QVBoxLayout(chosen)
        below.setContentsMargins(0, 8, 0, 0)
        below.setSpacing(12)
        below.addWidget(self.listening, 1)
        below.addWidget(self.editor)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.browser)
        split.addWidget(chosen)
        split.setCollapsible(0, False)
        split.setStretchFactor(0, 1)
        utterances.body.addWidget(split)
        lower.addWidget(utterances, 1)
        column.addLayout(lower, 1)
        blank = QWidget()
        for page in (blank, self.empty, self._content):
            self._stack.addWidget(page)
        self.body.addWidget(self._stack)

    def _order_for_keyboard(self) -> None:
        """Tab goes as one reads: the buttons at the bottom, though made first, come last."""
        browser = self.browser
        order = (
            self.import_button,
            self.table,
            self.bars,
            browser.filters.search,
            *browser.filters.boxes,
            browser.table,
            self.editor.text,
            self.editor.intent,
            self.editor.slots,
            self.editor.undo,
            self.editor.revert,
            self.editor.save,
            browser.release,
            self.check,
            self.speak,
            self.delete,
            self.use,
        )
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _make_dataset_card(self) -> Card:
        dress_table(self.table, "Datasets")
        self.table.setModel(self.datasets)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        card = Card(compact=True)
        card.body.addWidget(self.table)
        return card

    def _make_intents_card(self) -> Card:
        card = Card("Intents")
        card.setFixedWidth(INTENTS_WIDTH)
        for words, token in (("text", "text_series"), ("speech", "speech_series")):
            key = label(
                f'<span style="color:{self._context.theme.token(token)}">\u25a0</span> {words}', "hint"
            )
            card.header.addWidget(key)
        card.body.addWidget(self.bars)
        return card
