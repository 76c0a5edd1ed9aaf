"""What the model understood: intent, slots, how sure it is, how long it took; or why there is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QWidget

from core.data.utterance import Slot
from core.errors import UserError
from core.inference.fillers import find_fillers
from core.inference.prediction import Prediction
from gui.theme import Theme
from gui.widgets.basics import Card, button, label, set_role
from gui.widgets.confidence_bars import ConfidenceBars, whole_percent
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.message import InlineMessage

RAW_HEIGHT = 64
LEAST_SHOWN_RIVAL = 0.01


def sureness(confidence: float) -> str:
    """A probability in words. The words follow the share of right answers one would bet on."""
    if confidence >= 0.95:
        return "Very sure"
    if confidence >= 0.8:
        return "Sure"
    if confidence >= 0.5:
        return "Not quite sure"
    return "Unsure"


class LabelCard(Card):
    """One answer at a time. `painted` comes once after each answer, when it stands on the screen."""

    painted = Signal()
    correction_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("What it understood", parent=parent)
        self._theme = theme
        self._awaits_paint = False
        self._slots_shown: tuple[Slot, ...] = ()
        self._words = ""
        self.words = label("")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        theme.changed.connect(self._paint_words)
        self.headline = label("", "figure")
        self.headline.setWordWrap(True)
        self.confidence = label("")
        self.bars = ConfidenceBars(theme)
        self.hint = label("", "hint")
        self.latency = label("", "hint")
        for line in (self.words, self.confidence, self.hint, self.latency):
            line.setWordWrap(True)
        self.message = InlineMessage(theme)
        self._slot_row = QWidget()
        self._slot_row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._slots = FlowLayout(self._slot_row)
        self.raw = QPlainTextEdit(readOnly=True)
        self.raw.setAccessibleName("The model's answer as JSON")
        self.raw.setMaximumHeight(RAW_HEIGHT)
        self.raw_button = button("Show JSON", "quiet")
        self.raw_button.setCheckable(True)
        self.raw_button.toggled.connect(self._show_raw)
        self.correct_button = button("Wrong? Correct it...", "quiet")
        self.correct_button.clicked.connect(self.correction_wanted.emit)
        self.header.addWidget(self.raw_button)
        for widget in (
            self.words,
            self.headline,
            self._slot_row,
            self.confidence,
            self.bars,
            self.hint,
            self.message,
            self.raw,
        ):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.latency, 1)
        foot.addWidget(self.correct_button, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(foot)
        self._reset()

    def invite(self, examples: Sequence[str]) -> None:
        """Nothing was said yet: tell what could be."""
        self._reset()
        self._head("Nothing said yet", muted=True)
        quoted = ", ".join(
            f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}" for text in examples
        )
        self._say(f"For instance: {quoted}" if examples else "Hold the button, say a command, let go.")

    def wait(self, what: str) -> None:
        """An answer is on its way."""
        self._reset()
        self._head(what, muted=True)

    def show_answer(self, prediction: Prediction, *, not_sure_below: float = 0.0, said: str = "") -> None:
        """The label; `painted` follows when it is on the screen.

        not_sure_below: the confidence below which no intent is claimed; the two best are named instead. said:
        the words that were understood, where they are known.
        """
        self._reset()
        found = prediction.label
        if found is None:
            self._head("No answer in the agreed form", muted=True)
            self._say("The model answered with something that is no label; see the JSON.")
        else:
            unsure = prediction.confidence < not_sure_below
            self._head(_either(found.intent, prediction) if unsure else found.intent)
            for slot in found.slots:
                self._slots.addWidget(_chip(slot))
            self._slot_row.setVisible(bool(found.slots))
            self._show_confidence(found.intent, prediction)
            self._slots_shown = found.slots
        self.show_words(said)
        self.raw.setPlainText(prediction.raw)
        self.raw_button.setEnabled(True)
        self.correct_button.setEnabled(True)
        self._show_raw(self.raw_button.isChecked())
        self._awaits_paint = True
        self.update()

    def show_words(self, said: str) -> None:
        """What was said, as typed or as the model writes it down; the answer's fillers are marked in it."""
        self._words = said
        self.words.setVisible(bool(said))
        self._paint_words()

    def explain(self, headline: str, reason: str) -> None:
        """There is no answer, and why: silence, for instance, gets no guess."""
        self._reset()
        self._head(headline, muted=True)
        self._say(reason)

    def show_error(self, error: UserError) -> None:
        self._reset()
        self._head("No answer", muted=True)
        self.message.say_error(error)

    def show_latency(self, words: str) -> None:
        """How long the answer took, told after it was painted."""
        self.latency.setText(words)
        self.latency.setVisible(bool(words))

    def slots(self) -> list[str]:
        """The slots as shown, for instance "room: kitchen"."""
        return [chip.accessibleName() for chip in self._slots.widgets()]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._awaits_paint:
            self._awaits_paint = False
            # The words are children, painted and flushed right after this; the next turn of the loop comes
            # when they stand on the screen.
            QTimer.singleShot(0, self, self.painted.emit)

    def _reset(self) -> None:
        self._awaits_paint = False
        self._slots_shown = ()
        self._slots.clear()
        self.show_words("")
        self.message.clear()
        for widget in (self._slot_row, self.confidence, self.bars, self.hint, self.latency, self.raw):
            widget.hide()
        self.raw.clear()
        self.raw_button.setEnabled(False)
        self.correct_button.setEnabled(False)

    def _paint_words(self) -> None:
        color = self._theme.color("accent").name()
        parts, at = list[str](), 0
        for start, end, kind in find_fillers(self._words, self._slots_shown):
            # Underlined, too: colour alone says nothing to some people.
            filler = escape(self._words[start:end])
            parts.append(escape(self._words[at:start]))
            parts.append(f'<u style="color:{color}"><b title="{escape(kind)}">{filler}</b></u>')
            at = end
        parts.append(escape(self._words[at:]))
        self.words.setText(f"\N{LEFT DOUBLE QUOTATION MARK}{''.join(parts)}\N{RIGHT DOUBLE QUOTATION MARK}")
        self.words.setAccessibleName(f"Said: {self._words}")

    def _head(self, text: str, *, muted: bool = False) -> None:
        # Names such as transport_traffic_query may break after an underscore instead of widening the window.
        self.headline.setText(text.replace("_", "_\N{ZERO WIDTH SPACE}"))
        set_role(self.headline, "section" if muted else "figure")
        self.headline.setEnabled(not muted)

    def _say(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.show()

    def _show_confidence(self, intent: str, prediction: Prediction) -> None:
        self.confidence.setText(
            f"{sureness(prediction.confidence)} of the intent: {whole_percent(prediction.confidence)}"
        )
        self.confidence.show()
        rivals = [rival for rival in prediction.runner_up if rival[1] >= LEAST_SHOWN_RIVAL]
        self.bars.show_rows([(intent, prediction.confidence), *rivals] if rivals else [])

    def _show_raw(self, wanted: bool) -> None:
        self.raw_button.setText("Hide JSON" if wanted else "Show JSON")
        self.raw.setVisible(wanted and bool(self.raw.toPlainText()))


def _either(intent: str, prediction: Prediction) -> str:
    rivals = [rival for rival, _ in prediction.runner_up[:1]]
    return f"Not sure: {' or '.join([intent, *rivals])}?"


def _chip(slot: Slot) -> QFrame:
    chip = QFrame()
    chip.setProperty("role", "chip")
    chip.setAccessibleName(f"{slot.type}: {slot.filler}")
    row = QHBoxLayout(chip)
    row.setContentsMargins(10, 4, 10, 4)
    row.setSpacing(6)
    row.addWidget(label(slot.type, "hint"))
    row.addWidget(label(slot.filler, "strong"))
    return chip
