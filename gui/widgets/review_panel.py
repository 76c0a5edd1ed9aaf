"""Review: the takes of a session by ear, one after the other, and how far two listeners agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.recording.agreement import agreement, reviewers
from core.recording.decisions import Undone
from core.recording.session import Decision, Prompt, Review, Session, TakeRow
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted
from gui.recording_keys import REVIEW_KEYS, action_of
from gui.widgets.basics import Card, button, label, primary_button
from gui.widgets.keys_back import KeysBack
from gui.widgets.message import InlineMessage
from gui.widgets.prompt_label import PromptLabel
from gui.widgets.studio_words import label_words
from gui.widgets.take_card import TakeCard

FEWEST_FOR_KAPPA = 10
"""Of fewer takes it says next to nothing."""
REASONS = ("", "wrong words", "cut off", "noise", "too quiet", "hesitation", "another voice")


@dataclass(frozen=True)
class _Heard:
    """What a review goes through. takes: of each prompt the accepted one, else the newest that was kept."""

    takes: list[tuple[Prompt, TakeRow]]
    reviews: list[Review]


class ReviewPanel(QWidget):
    """left: somebody wants to see the sessions. help_wanted: to see the keys."""

    left = Signal()
    help_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session: Session | None = None
        self._heard = _Heard([], [])
        self._at = 0
        self._deciding = False
        theme = context.theme
        self.place = label("", "strong")
        self.text = PromptLabel()
        self.meaning = label("", "hint")
        self.said = label("", "hint")
        self.take_card = TakeCard(context, "The take")
        self.reviewer = QLineEdit(placeholderText="Your name")
        self.reviewer.setAccessibleName("Reviewer")
        self.decides = QComboBox()
        self.decides.addItems(["My word decides", "A second opinion"])
        self.decides.setAccessibleName("What a decision does")
        self.reason = QComboBox(editable=True)
        self.reason.addItems(list(REASONS))
        self.reason.setAccessibleName("Why it is not good")
        self.note = QLineEdit(placeholderText="Note")
        self.note.setAccessibleName("Note")
        self.agreed = label("", "hint")
        self.message = InlineMessage(theme)
        self.leave_button = button("Sessions", "quiet", theme=theme, icon="arrow-left")
        self.previous_button = button("Back", theme=theme, icon="arrow-left")
        self.skip_button = button("Next", theme=theme, icon="arrow-right")
        self.undo_button = button("Undo", tip="Take the last decision back")
        self.reject_button = button("Not good", "danger", theme=theme, icon="cross")
        self.accept_button = primary_button("Good, next", theme=theme, icon="check")
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def open_session(self, session: Session) -> None:
        """Listen to a session's takes from the first that this reviewer has not judged."""
        self._session = session
        self._at = -1
        self._read()

    def _read(self) -> None:
        session = self._session
        if session is None:
            return

        def read(_task: Task) -> _Heard:
            store = self._context.recordings()
            prompts = {prompt.id: prompt for prompt in store.prompts(session.id)}
            chosen: dict[int, TakeRow] = {}
            for take in store.takes_of_session(session.id):
                before = chosen.get(take.prompt_id)
                if before is None or before.state != "accepted":
                    chosen[take.prompt_id] = take
            takes = [(prompts[prompt_id], take) for prompt_id, take in chosen.items()]
            takes.sort(key=lambda pair: pair[0].position)
            return _Heard(takes, store.reviews(session.id))

        self._context.background.run(read, success=self._show, failure=self._refuse, owner=self)

    def _show(self, heard: _Heard) -> None:
        self._heard = heard
        decided, self._deciding = self._deciding, False
        if self._at < 0:
            mine = {review.take_id for review in heard.reviews if review.reviewer == self._name()}
            open_takes = (at for at, (_, take) in enumerate(heard.takes) if take.id not in mine)
            self._at = next(open_takes, 0)
        self._show_take(play=decided)

    def _show_take(self, *, play: bool = True) -> None:
        takes = self._heard.takes
        self._at = max(0, min(self._at, len(takes) - 1))
        for each in (self.accept_button, self.reject_button, self.skip_button, self.previous_button):
            each.setEnabled(bool(takes))
        self._show_agreement()
        if not takes:
            self.place.setText("Nothing was recorded yet")
            for words in (self.text, self.meaning, self.said):
                words.clear()
            self.take_card.empty()
            return
        prompt, take = takes[self._at]
        blind = self.decides.currentIndex() == 1
        self.place.setText(f"Take {self._at + 1} of {len(takes)}{'' if blind else f': {take.state}'}")
        self.text.setText(prompt.text)
        self.meaning.setText(label_words(prompt))
        wrong = ", ".join(str(finding["kind"]) for finding in take.verdict)
        says = [f"The verdict said: {wrong}." if wrong else ""]
        says += [
            f"{review.reviewer}: {_in_words(review)}."
            for review in self._heard.reviews
            # A second opinion is one's own.
            if review.take_id == take.id and (not blind or review.reviewer == self._name())
        ]
        self.said.setText(" ".join(part for part in says if part))
        self.note.setText(take.note)
        self.take_card.show_file(take.path, play=play)

    def _show_agreement(self) -> None:
        names = reviewers(self._heard.reviews)
        if len(names) < 2:
            self.agreed.clear()
            return
        found = agreement(self._heard.reviews, names[0], names[1])
        enough = found.kappa is not None and found.n >= FEWEST_FOR_KAPPA
        kappa = f", kappa {found.kappa:.2f}" if enough else ""
        share = "" if found.percent is None else f": {found.percent:.0f} % alike{kappa}"
        self.agreed.setText(f"{names[0]} and {names[1]} both judged {counted(found.n, 'take')}{share}.")

    # ---- decisions

    def accept(self) -> None:
        """The take is good."""
        self._decide("accept")

    def reject(self) -> None:
        """The take is not good; its prompt is open again."""
        self._decide("reject")

    def _decide(self, decision: Decision) -> None:
        if not self._heard.takes or self._deciding:
            return
        _, take = self._heard.takes[self._at]
        reviewer, reason, note = self._name(), self.reason.currentText().strip(), self.note.text().strip()
        decides = self.decides.currentIndex() == 0
        if not reviewer:
            self.message.say("warn", "Type your name first, so that it is known who judged.")
            self.reviewer.setFocus()
            return
        if reason and decision == "accept":
            words = "You gave a reason why it is not good: take it away, or say \u201cNot good\u201d."
            self.message.say("warn", words)
            return
        self.message.clear()

        def decide(_task: Task) -> None:
            self._context.recordings().decisions.review(
                take.id,
                reviewer,
                decision,
                reason=reason,
                note=note,
                decides=decides,
            )

        # Until the next take is shown, nothing is decided: it would be about one that nobody has heard.
        self._deciding = True
        self.reason.setCurrentIndex(0)
        self._context.background.run(
            decide,
            success=lambda _nothing: self._go_on(),
            failure=self._refuse,
            owner=self,
            must_finish=True,
        )

    def _go_on(self) -> None:
        self._at += self._at < len(self._heard.takes) - 1
        self._read()

    def next(self) -> None:
        """The next take, without a decision."""
        self._at += 1
        self._show_take()

    def previous(self) -> None:
        """The take before."""
        self._at -= 1
        self._show_take()

    def undo(self) -> None:
        """Take the last decision back."""
        session = self._session
        if session is None:
            return
        self._context.background.run(
            lambda _task: self._context.recordings().decisions.undo(session.id),
            success=self._show_undone,
            failure=self._refuse,
            owner=self,
            must_finish=True,
        )

    def _show_undone(self, undone: Undone | None) -> None:
        """Go to what was taken back."""
        at = [prompt.id for prompt, _ in self._heard.takes]
        if undone is None:
            self.message.say("info", "There is nothing to take back.")
        elif undone.prompt_id in at:
            self._at = at.index(undone.prompt_id)
        self._read()

    def _refuse(self, error: Exception) -> None:
        self._deciding = False
        self.message.say_error(worded(error))

    def _name(self) -> str:
        return self.reviewer.text().strip()

    # ---- keys and layout

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = action_of(event, self._context.settings.current.recording_keys, REVIEW_KEYS)
        act = self._actions.get(action or "")
        # What is typed into a field is no decision.
        typing = isinstance(self.focusWidget(), QLineEdit | QComboBox)
        if act is None or typing:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            act()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    @property
    def _actions(self) -> Mapping[str, Callable[[], None]]:
        return {
            "play": self.take_card.play_button.click,
            "accept": self.accept,
            "reject": self.reject,
            "previous": self.previous,
            "skip": self.next,
            "undo": self.undo,
            "help": self.help_wanted.emit,
        }

    def _connect(self) -> None:
        for each, act in (
            (self.leave_button, self.left.emit),
            (self.previous_button, self.previous),
            (self.skip_button, self.next),
            (self.undo_button, self.undo),
            (self.reject_button, self.reject),
            (self.accept_button, self.accept),
        ):
            each.clicked.connect(act)
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.take_card.play_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        KeysBack(self)
        for field in (self.reviewer, self.note, self.reason.lineEdit()):
            if field is not None:
                # Later: the key still comes to the panel, and is no decision while the field has the focus.
                field.returnPressed.connect(lambda: QTimer.singleShot(0, self, self.setFocus))

    def _lay_out(self) -> None:
        for each in (self.text, self.meaning, self.said):
            each.setWordWrap(True)
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            each.setTextFormat(Qt.TextFormat.PlainText)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.leave_button)
        top.addWidget(self.agreed, 1)
        top.addWidget(self.reviewer)
        top.addWidget(self.decides)
        prompt = Card()
        prompt.body.addWidget(self.place)
        prompt.body.addWidget(self.text, 1)
        prompt.body.addWidget(self.meaning)
        prompt.body.addWidget(self.said)
        why = QHBoxLayout()
        why.setSpacing(8)
        why.addWidget(label("If it is not good, why"))
        why.addWidget(self.reason, 1)
        why.addWidget(self.note, 2)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for step in (self.previous_button, self.skip_button, self.undo_button):
            foot.addWidget(step)
        foot.addStretch(1)
        foot.addWidget(self.reject_button)
        foot.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(prompt, 3)
        column.addWidget(self.take_card, 2)
        column.addLayout(why)
        column.addWidget(self.message)
        column.addLayout(foot)


def _in_words(review: Review) -> str:
    if review.decision == "accept":
        return "good"
    return f"not good ({review.reason})" if review.reason else "not good"
