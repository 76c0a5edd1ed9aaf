"""The Try it page: hold the button or just speak, and see what the model understood."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.tryout.kept import KeptExchange
from gui.comparison import Comparison
from gui.context import AppContext
from gui.conversation import Conversation
from gui.exchange import Exchange, Heard
from gui.history import History
from gui.model_choices import ModelChoice
from gui.pages.audience import AudienceView
from gui.pages.correction_dialog import CorrectionDialog
from gui.pages.rehearsal_dialog import RehearsalDialog
from gui.rehearsal import Rehearsal
from gui.widgets.basics import Card, button, label
from gui.widgets.batch_panel import BatchPanel
from gui.widgets.history_panel import HistoryPanel
from gui.widgets.label_card import LabelCard
from gui.widgets.microphone_bar import MicrophoneBar
from gui.widgets.model_bar import ModelBar
from gui.widgets.page_frame import PageFrame
from gui.widgets.side_by_side import SideBySide
from gui.widgets.take_card import TakeCard
from gui.widgets.talk_button import TalkButton
from gui.widgets.talk_ways import TalkWays

AUDIO_FILES = "Sound files (*.wav *.flac *.ogg *.opus *.mp3);;All files (*)"
LEFT_WIDTH = 384
LOOK_FOR_MODELS_MS = 3_000
"""A run may complete while the page is open."""


class TryItPage(PageFrame):
    """The conversation on a desk: what is said goes in on the left, what was understood is on the right."""

    title = "Try it"
    icon_name = "try-it"
    answered = Signal(object)
    """an `Exchange`, when its label stands on the screen"""
    train_wanted = Signal(object)
    """names of datasets to learn from"""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__("Try it", hint="Hold the button, say a command, let go.", parent=parent)
        self._context = context
        self._shown: Exchange | None = None
        self.audience: AudienceView | None = None
        self.model = ModelBar(context)
        self.microphone = MicrophoneBar(context)
        self.conversation = Conversation(context, self.microphone, self.model)
        self.comparison = Comparison(context, self.conversation)
        self.history = History(context, self.conversation, self.comparison)
        self.history_panel = HistoryPanel(context, self.history)
        self.talk = TalkButton(context.theme)
        self.audience_button = button("Audience mode", theme=context.theme, icon="audience")
        self.batch = BatchPanel(context, self.model)
        self.batch_button = button("Batch", theme=context.theme, icon="data")
        self.batch_button.setCheckable(True)
        self.rehearsal_button = button("Ready for the stage?", theme=context.theme, icon="check")
        self.ways = TalkWays(context)
        self.typed = QLineEdit()
        self.open_button = button("Open audio file...", theme=context.theme, icon="folder")
        self.keep_nothing = QCheckBox("Keep nothing")
        self.label_card = LabelCard(context.theme)
        self.take_card = TakeCard(context)
        self.side_by_side = SideBySide(context, self.comparison, self.model)
        self.tabs = QTabWidget()
        self.stack = QStackedWidget()
        self._look_for_models = QTimer(self, interval=LOOK_FOR_MODELS_MS)
        self._lay_out()
        self.talk.set_key(context.settings.current.talk_key)
        self.keep_nothing.setChecked(context.settings.current.keep_nothing)
        self._connect()
        self.label_card.invite(())

    def activated(self) -> None:
        """The page comes to the front: the key talks, and new runs are in the list."""
        self.talk.setFocus()
        self.model.refresh()

    def use_run(self, run_id: str) -> None:
        """Try this run."""
        self.model.use(run_id)

    def open_file(self, path: Path) -> None:
        """Understand a sound file instead of the microphone."""
        self.take_card.empty()
        self.conversation.open_file(path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.microphone.listen(True)
        self._look_for_models.start()
        self._follow_way()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look_for_models.stop()
        self.conversation.talk.follow(None)
        self.conversation.talk.release()
        self.microphone.listen(False)
        if self.audience is not None:
            self.audience.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A foot pedal is meant, wherever the focus is.
        if self.talk.is_key(event):
            self.talk.setFocus()
            self.talk.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    # -- what is said ----------------------------------------------------------------------------------

    @Slot()
    def _let_go(self) -> None:
        self.conversation.talk.release(self.talk.let_go_at)

    @Slot()
    def _show_listening(self) -> None:
        self.take_card.stop()
        self.talk.show_recording(True)

    @Slot()
    def _say_typed(self) -> None:
        text = self.typed.text().strip()
        if text:
            self.take_card.empty()
            self.conversation.say(text)
            self.typed.selectAll()

    @Slot()
    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Open an audio file", "", AUDIO_FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.open_file(Path(chosen)))
        dialog.open()

    # -- what was understood ---------------------------------------------------------------------------

    @Slot(object)
    def _show_heard(self, heard: Heard) -> None:
        if heard.samples is not None:
            self.take_card.show_take(heard.samples, heard.remark)

    @Slot(object)
    def _show_answer(self, exchange: Exchange) -> None:
        self._shown = exchange
        self.label_card.show_answer(
            exchange.prediction,
            not_sure_below=self._context.settings.current.not_sure_below,
            said=exchange.heard.text,
        )

    @Slot()
    def _is_painted(self) -> None:
        # What an audience waits for stands on the stage, not here.
        if self._shown is not None and self.audience is None:
            self.conversation.was_shown(self._shown)

    @Slot(object)
    def _show_latency(self, exchange: Exchange) -> None:
        self.label_card.show_latency(latency_in_words(exchange))
        self.answered.emit(exchange)

    @Slot(object, str)
    def _show_words(self, exchange: Exchange, words: str) -> None:
        if self._shown is not None and self._shown.heard.id == exchange.heard.id:
            self.label_card.show_words(words)

    @Slot()
    def _correct_shown(self) -> None:
        if self._shown is not None:
            self.history.fetch(self._shown.heard.id, self.correct)

    @Slot(object)
    def correct(self, kept: KeptExchange) -> None:
        """Say what should have been answered."""
        dialog = CorrectionDialog(self._context, kept, self.history.samples(kept.id), self)
        dialog.saved.connect(self.history.note_correction)
        dialog.train_wanted.connect(self.train_wanted)
        dialog.open()

    @Slot(object)
    def show_again(self, kept: KeptExchange) -> None:
        """Ask the chosen model about what was said before."""
        if kept.recording is not None:
            self.open_file(kept.recording)
        elif kept.text:
            self.conversation.say(kept.text)

    @Slot(bool)
    def _keep_nothing(self, wanted: bool) -> None:
        self._context.remember(keep_nothing=wanted)
        self.history_panel.refresh()
        if wanted:
            self.history_panel.ask_to_forget()

    @Slot(object)
    def _invite(self, choice: ModelChoice) -> None:
        if self._shown is None:
            self.label_card.invite(choice.examples)

    @Slot(bool)
    def show_batch(self, wanted: bool) -> None:
        """Ask about many recordings at once instead of talking."""
        self.stack.setCurrentIndex(1 if wanted else 0)
        self.batch_button.setText("Back to talking" if wanted else "Batch")
        if not wanted:
            self.talk.setFocus()

    # -- on stage --------------------------------------------------------------------------------------

    @Slot()
    def face_audience(self) -> None:
        """Show the conversation on the whole screen."""
        if self.audience is None:
            self.audience = AudienceView(self._context, self.conversation, self.microphone, self.model)
            self.audience.left.connect(self._leave_stage)
            self.audience.setGeometry(self.screen().geometry())
            self.audience.showFullScreen()
        self.audience.activateWindow()
        self.audience.setFocus()

    @Slot()
    def rehearse(self) -> None:
        """See beforehand whether everything works."""
        choice = self.model.current
        rehearsal = Rehearsal(
            self.microphone.recorder,
            self._context.inference,
            self._context.run_store,
            self.model.model if self.model.is_ready else None,
            choice.examples[0] if choice is not None and choice.examples else "hello",
            self._context.paths.home,
        )
        dialog = RehearsalDialog(self._context, rehearsal, self)
        dialog.stage_wanted.connect(self.face_audience)
        dialog.open()

    @Slot()
    def _leave_stage(self) -> None:
        if self.audience is not None:
            self.audience.deleteLater()
            self.audience = None
        self.activateWindow()
        self.talk.setFocus()

    @Slot()
    def _follow_way(self) -> None:
        preset = self.ways.preset
        self.talk.show_hands_free(preset is not None)
        self.conversation.talk.follow(preset if self.isVisible() else None)

    # -- building --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        talk, conversation = self.conversation.talk, self.conversation
        self.talk.pressed.connect(conversation.press)
        self.talk.released.connect(self._let_go)
        talk.began.connect(self._show_listening)
        talk.growing.connect(self.take_card.show_recording)
        talk.ended.connect(lambda: self.talk.show_recording(False))
        conversation.waiting.connect(self.label_card.wait)
        conversation.hearing.connect(self._show_heard)
        conversation.unheard.connect(self.label_card.explain)
        conversation.answered.connect(self._show_answer)
        conversation.shown.connect(self._show_latency)
        conversation.transcribed.connect(self._show_words)
        conversation.failed.connect(self.label_card.show_error)
        self.label_card.correction_wanted.connect(self._correct_shown)
        self.history_panel.correction_wanted.connect(self.correct)
        self.history_panel.wanted.connect(self.show_again)
        self._look_for_models.timeout.connect(self.model.look_for_new)
        self.open_button.clicked.connect(self._choose_file)
        self.batch_button.toggled.connect(self.show_batch)
        self.audience_button.clicked.connect(self.face_audience)
        self.rehearsal_button.clicked.connect(self.rehearse)
        self.typed.returnPressed.connect(self._say_typed)
        self.ways.changed.connect(self._follow_way)
        self.ways.key_chosen.connect(self.talk.set_key)
        self.ways.key.editingFinished.connect(self.talk.setFocus)
        self.keep_nothing.toggled.connect(self._keep_nothing)
        self.microphone.ready_changed.connect(self.talk.show_ready)
        self.model.chosen.connect(self._invite)
        self.label_card.painted.connect(self._is_painted)
        # The space bar stays with the talk button unless somebody walks elsewhere with the Tab key.
        for widget in (
            self.audience_button,
            self.rehearsal_button,
            self.open_button,
            self.take_card.play_button,
            self.label_card.raw_button,
            self.label_card.correct_button,
            self.keep_nothing,
            self.side_by_side.choose_button,
            self.tabs.tabBar(),
            self.microphone.look_again,
        ):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for box in (self.model.choice, self.microphone.choice, self.ways.mode):
            box.activated.connect(lambda _index: self.talk.setFocus())

    def _lay_out(self) -> None:
        controls = Card()
        controls.body.addWidget(label("Model", "hint"))
        controls.body.addWidget(self.model)
        controls.body.addSpacing(8)
        controls.body.addWidget(label("Microphone", "hint"))
        controls.body.addWidget(self.microphone)
        self.typed.setPlaceholderText("Or type what somebody would say, and press Enter")
        self.typed.setAccessibleName("Type instead of speaking")
        self.typed.setMaxLength(500)
        self.keep_nothing.setToolTip(
            "What is said from now on is in memory only, and gone when Spoonful closes."
        )
        self.audience_button.setShortcut("F11")
        self.audience_button.setToolTip("The answers alone, large, on the whole screen (F11). Esc leaves.")
        self.batch_button.setToolTip("A folder of recordings or a whole split through the model")
        self.header.addWidget(self.batch_button)
        self.header.addWidget(self.rehearsal_button)
        self.header.addWidget(self.audience_button)
        side = QWidget()
        side.setMaximumWidth(LEFT_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(12)
        left.addWidget(controls)
        left.addWidget(self.talk)
        left.addWidget(self.ways)
        left.addWidget(self.typed)
        left.addWidget(self.open_button)
        left.addWidget(self.keep_nothing)
        left.addStretch(1)
        self.tabs.addTab(self.take_card, "Recording")
        self.tabs.addTab(self.side_by_side, "Side by side")
        self.tabs.addTab(self.history_panel, "History")
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.label_card, 3)
        right.addWidget(self.tabs, 3)
        desk = QWidget()
        row = QHBoxLayout(desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(side, 2)
        row.addLayout(right, 3)
        self.stack.addWidget(desk)
        self.stack.addWidget(self.batch)
        self.body.addWidget(self.stack, 1)


def latency_in_words(exchange: Exchange) -> str:
    """How long an answer took and where the time went."""
    timings = exchange.prediction.timings_ms
    model_s = sum(timings.values()) / 1000
    names = {"features": "features", "encoder": "audio encoder", "decoding": "decoding"}
    parts = ", ".join(f"{title} {timings[key]:.0f}" for key, title in names.items() if key in timings)
    if exchange.waited_s is None or exchange.recording_s is None:
        return f"The model took {1000 * model_s:.0f} ms: {parts}."
    screen_s = max(0.0, exchange.waited_s - exchange.recording_s - model_s)
    since = "you stopped speaking" if exchange.heard.hands_free else "you let go"
    recording_ms = 1000 * exchange.recording_s
    return (
        f"{exchange.waited_s:.2f} s after {since}. In ms: recording {recording_ms:.0f}, {parts}, "
        f"screen and the rest {1000 * screen_s:.0f}."
    )
