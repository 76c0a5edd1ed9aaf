"""Audience mode: one answer at a time on the whole screen, and nothing else, whatever happens."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.audio.levels import Samples, rms_dbfs
from core.errors import UserError
from gui.context import AppContext
from gui.conversation import Conversation
from gui.exchange import Exchange
from gui.held_key import HeldKey
from gui.widgets.level_meter import QUIETEST_DBFS
from gui.widgets.microphone_bar import MicrophoneBar
from gui.widgets.model_bar import ModelBar
from gui.widgets.stage_picture import Pictures, Scene, StagePainter

LOOK_FOR_MICROPHONE_MS: Final = 2_000
ASK_AGAIN_AFTER_MS: Final = (1_000, 3_000, 6_000)
MICROPHONE_TROUBLE: Final = ("The microphone is not ready", "The microphone went away")
HIDE_CURSOR_MS: Final = 3_000
_LEVEL_S: Final = 0.05


class AudienceView(QWidget):
    """A window over everything. It shows what a conversation brings; the page below goes on as ever.

    A microphone that is lost is looked for until it is back, and a question that failed is asked again by
    itself a few times; the sentence on the screen stays calm.
    """

    left = Signal()
    """somebody wants to see the desk again"""

    def __init__(
        self, context: AppContext, conversation: Conversation, microphone: MicrophoneBar, model: ModelBar
    ) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setWindowTitle("Spoonful")
        self.setMouseTracking(True)
        self._context = context
        self._conversation = conversation
        self._microphone = microphone
        self._model = model
        self._unpainted: Exchange | None = None
        self._shown: Exchange | None = None
        self._failures = 0
        self._pictures: Pictures = {}
        self.scene = Scene()
        self.held = HeldKey(self)
        self.held.key = context.settings.current.talk_key
        self._looking = QTimer(self, interval=LOOK_FOR_MICROPHONE_MS)
        self._asking_again = QTimer(self, singleShot=True)
        self._hiding = QTimer(self, singleShot=True, interval=HIDE_CURSOR_MS)
        self._connect()
        self._hiding.start()
        self._show_rest()

    # -- what is shown ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect())
        StagePainter(painter, self._context.theme, self.scene, area, self._pictures).paint()
        painter.end()
        if self._unpainted is not None:
            exchange, self._unpainted = self._unpainted, None
            QTimer.singleShot(0, self, lambda: self._conversation.was_shown(exchange))

    def _set(self, scene: Scene) -> None:
        self.scene = scene
        self.setAccessibleName(scene.in_words())
        self.update()

    def _say(self, state: str, icon: str, tone: str, level: float | None = None) -> None:
        self._set(replace(self.scene, state=state, icon=icon, tone=tone, level=level))

    def _show_rest(self) -> None:
        """Nothing is going on: say what to do."""
        title, choice = self._model.choice.currentText(), self._model.current
        self._set(replace(self.scene, title=title))
        if self._shown is None and choice is not None:
            quoted = (
                f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"
                for text in choice.examples[:2]
            )
            self._set(replace(self.scene, headline="\n".join(["Try saying", *quoted])))
        if not self._microphone.recorder.listening:
            self._say("The microphone is gone. Looking for it\N{HORIZONTAL ELLIPSIS}", "warn", "stage_warn")
            if not self._looking.isActive():
                self._looking.start()
        elif self._context.settings.current.talk_hands_free:
            self._say("Just speak", "speech", "stage_text")
        else:
            key = "the space bar" if self.held.key == "Space" else self.held.key
            self._say(f"Hold {key} and speak", "speech", "stage_text")

    @Slot()
    def _begin(self) -> None:
        self._asking_again.stop()
        self._failures = 0
        if not self._context.settings.current.talk_hands_free:
            self._set(self.scene.without_answer())
        self._say("Listening\N{HORIZONTAL ELLIPSIS}", "record", "stage_bad", 0.0)

    @Slot(object, int)
    def _show_level(self, samples: Samples, rate: int) -> None:
        level = rms_dbfs(samples[-max(1, round(_LEVEL_S * rate)) :]) if samples.size else QUIETEST_DBFS
        share = min(1.0, max(0.0, 1 - level / QUIETEST_DBFS))
        self._set(replace(self.scene, level=share))

    @Slot(str)
    def _wait(self, words: str) -> None:
        if not self._conversation.talk.recording:
            self._say(words, "clock", "stage_muted")

    @Slot(str, str)
    def _explain(self, headline: str, reason: str) -> None:
        if headline in MICROPHONE_TROUBLE:
            self._show_rest()  # it is looked for already, and the last answer stays readable
            return
        self._set(replace(self.scene.without_answer(), headline=headline))
        self._say(reason, "info", "stage_muted")

    @Slot(object)
    def _show_answer(self, exchange: Exchange) -> None:
        self._failures = 0
        self._shown = self._unpainted = exchange
        answer, unsure_below = exchange.prediction, self._context.settings.current.not_sure_below
        label = answer.label
        if label is None:
            headline = "No answer in the agreed form"
        elif answer.confidence < unsure_below:
            rivals = [intent for intent, _ in answer.runner_up[:1]]
            headline = f"Not sure: {' or '.join([label.intent, *rivals])}?"
        else:
            headline = label.intent
        self._set(
            replace(
                self.scene,
                words=exchange.heard.text,
                headline=headline,
                slots=() if label is None else label.slots,
                sure=None if label is None else answer.confidence,
                latency="",
            )
        )
        self._show_rest()

    @Slot(object)
    def _show_latency(self, exchange: Exchange) -> None:
        if exchange.waited_s is not None:
            since = "the last word" if exchange.heard.hands_free else "letting go"
            self._set(replace(self.scene, latency=f"{exchange.waited_s:.2f} s after {since}"))

    @Slot(object, str)
    def _show_words(self, exchange: Exchange, words: str) -> None:
        if self._shown is not None and exchange.heard.id == self._shown.heard.id:
            self._set(replace(self.scene, words=words))

    # -- what goes wrong -------------------------------------------------------------------------------

    @Slot(object)
    def _fail(self, _error: UserError) -> None:
        """The error itself stands on the page below; here it is only said that it is being mended."""
        if self._failures < len(ASK_AGAIN_AFTER_MS):
            self._asking_again.start(ASK_AGAIN_AFTER_MS[self._failures])
            self._failures += 1
            self._say("The model is starting again\N{HORIZONTAL ELLIPSIS}", "clock", "stage_warn")
        else:
            self._say("The model does not answer. Press R to try again.", "warn", "stage_warn")

    @Slot()
    def _look_for_microphone(self) -> None:
        if self._microphone.recorder.listening:
            self._looking.stop()
            self._show_rest()
        else:
            self._microphone.rescan()

    @Slot(bool)
    def _microphone_changed(self, _listening: bool) -> None:
        if not self._conversation.talk.recording:
            self._show_rest()

    # -- hands -----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F11):
            self.close()
        elif self.held.is_it(event):
            self.held.goes_down(event)
        elif event.key() == Qt.Key.Key_R:
            self._failures = 0
            self._say("Trying again\N{HORIZONTAL ELLIPSIS}", "clock", "stage_muted")
            self._conversation.ask_again()
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self.held.is_it(event):
            self.held.comes_up(event)
        event.accept()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self._conversation.press()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._conversation.talk.release(time.perf_counter())

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        self.unsetCursor()
        self._hiding.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.held.down:  # it may come up elsewhere
            self.held.forget()
            self._conversation.talk.release()

    def closeEvent(self, event: QCloseEvent) -> None:
        for timer in (self._looking, self._asking_again, self._hiding):
            timer.stop()
        self.focusOutEvent(QFocusEvent(QFocusEvent.Type.FocusOut))
        event.accept()
        self.left.emit()

    def _connect(self) -> None:
        conversation, talk = self._conversation, self._conversation.talk
        self.held.pressed.connect(conversation.press)
        self.held.released.connect(lambda: talk.release(self.held.let_go_at))
        talk.began.connect(self._begin)
        talk.growing.connect(self._show_level)
        conversation.waiting.connect(self._wait)
        conversation.unheard.connect(self._explain)
        conversation.answered.connect(self._show_answer)
        conversation.shown.connect(self._show_latency)
        conversation.transcribed.connect(self._show_words)
        conversation.failed.connect(self._fail)
        self._microphone.ready_changed.connect(self._microphone_changed)
        self._model.ready.connect(self._show_rest)
        self._looking.timeout.connect(self._look_for_microphone)
        self._asking_again.timeout.connect(conversation.ask_again)
        self._hiding.timeout.connect(lambda: self.setCursor(Qt.CursorShape.BlankCursor))
        self._context.theme.changed.connect(self.update)
