"""The final scores of a run on speech and on text, and whether the model hears at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.evaluation.hearing import FEWEST_ANSWERS, LIKELY_CAUSES
from core.evaluation.results import METRIC_TITLES, EvaluationInput, Interval, synthetic_in_words
from core.runs.run import RunEvaluation
from gui.formatting import counted
from gui.theme import Theme, tabular
from gui.widgets.basics import Card, label, set_role
from gui.widgets.message import InlineMessage

METRICS = ("exact_match", "intent_accuracy", "slot_f1", "slu_f1", "valid_json")
COLUMNS: dict[EvaluationInput, str] = {
    "speech": "Tested on speech",
    "text": "Tested on text",
    "cascade": "Through a transcript",
}
GAINS = {
    "hearing_gain_exact_match": METRIC_TITLES["exact_match"].lower(),
    "hearing_gain_intent_accuracy": METRIC_TITLES["intent_accuracy"].lower(),
    "hearing_gain_slot_f1": METRIC_TITLES["slot_f1"],
}
_BRACKETS = "in brackets the range in which the true value lies with 95 % certainty."
TIPS = {
    "exact_match": f"Share of utterances of which the intent and every slot is right; {_BRACKETS}",
    "intent_accuracy": f"Share of utterances with the right intent, whatever their slots; {_BRACKETS}",
    "slu_f1": "SLURP's measure of slots: as slot F1, but a filler that is nearly right counts nearly; "
    + _BRACKETS,
    "slot_f1": "How well the slots are found: 100 % when none is missing and none made up; " + _BRACKETS,
    "valid_json": f"Share of answers that are written as a label at all, right or wrong; {_BRACKETS}",
    "word_error_rate": f"Wrong, missing and added words for each word said, lower is better; {_BRACKETS}",
}
_GAIN_TIP = (
    "How much better the model scores with an utterance's own audio than with that of another one: near 0 "
    f"it does not listen; {_BRACKETS}"
)
_KINDS: tuple[tuple[EvaluationInput, str], ...] = (("speech", "spoken"), ("text", "written"))
DIFFERS = (
    "Scores on validation speech, in the plot below, may differ from these: other recordings, "
    "mostly of other voices."
)
DEAF = (
    "The model does not hear your audio: with another utterance's audio it scores about as well. "
    f"{LIKELY_CAUSES}"
)
TOO_FEW_TO_TELL = "{} are too few to tell whether the model hears: test on {} or more."


class FinalScores(Card):
    """Metric rows, one column per input, each with its 95 % interval.

    The cascade's column and its transcripts' error rate appear only where they were measured.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__("Final scores")
        self._about = label("", "hint")
        self.header.addWidget(self._about)
        self._plainly = label("")
        self._plainly.setWordWrap(True)
        self._differs = label(DIFFERS, "hint")
        self._differs.setWordWrap(True)
        self._cells: dict[tuple[str, EvaluationInput], QLabel] = {}
        self._of_cascade: list[QLabel] = []
        self._gain = label("")
        self._gain.setWordWrap(True)
        _explain(self._gain, _GAIN_TIP)
        self._deaf = InlineMessage(theme)
        self._synthetic = InlineMessage(theme)
        self.body.addWidget(self._plainly)
        self.body.addWidget(self._synthetic)
        self.body.addWidget(self._make_table())
        self.body.addWidget(self._gain)
        self.body.addWidget(self._deaf)
        self.body.addWidget(self._differs)
        self.body.addStretch(1)
        self.hide()

    def show_scores(self, evaluations: Sequence[RunEvaluation]) -> None:
        """Show the final ones among `evaluations`; hidden while there are none."""
        finals = {each.input: each for each in evaluations if each.final}
        self.setVisible(bool(finals))
        if not finals:
            return
        one = next(iter(finals.values()))
        self._about.setText(
            f"{one.dataset}, {one.split} split, {counted(one.n, 'utterance')}, 95 % intervals"
        )
        self._plainly.setText(in_plain_words(finals))
        self._plainly.setVisible(bool(self._plainly.text()))
        self._differs.setVisible("speech" in finals)
        self._warn_of_synthetic(finals)
        for (metric, given), cell in self._cells.items():
            scores = finals[given].scores if given in finals else {}
            cell.setText(str(scores[metric]) if metric in scores else "–")
        for part in self._of_cascade:
            part.setVisible("cascade" in finals)
        self._show_gains(next((each for each in finals.values() if GAINS.keys() & each.scores.keys()), None))

    def _warn_of_synthetic(self, finals: Mapping[EvaluationInput, RunEvaluation]) -> None:
        heard = max(finals.values(), key=lambda each: each.synthetic)
        if heard.synthetic:
            self._synthetic.say("warn", synthetic_in_words(heard.synthetic, heard.n))
        else:
            self._synthetic.clear()

    def _show_gains(self, heard: RunEvaluation | None) -> None:
        self._gain.setVisible(heard is not None)
        self._deaf.clear()
        if heard is None:
            return
        gains = {metric: heard.scores[key] for key, metric in GAINS.items() if key in heard.scores}
        words = [
            f"{100 * gain.value:+.1f} points of {metric} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
            for metric, gain in gains.items()
        ]
        self._gain.setText(f"Hearing gain, true audio against another utterance's: {', '.join(words)}.")
        # A weak model may get no whole label right and still hear enough to tell the intents apart, or,
        # where there is but one intent, some of the fillers.
        deaf = all(gain.low <= 0 for gain in gains.values())
        few = heard.n < FEWEST_ANSWERS
        set_role(self._gain, "bad" if deaf and not few else "")
        if deaf and few:
            self._deaf.say("warn", TOO_FEW_TO_TELL.format(counted(heard.n, "recording"), FEWEST_ANSWERS))
        elif deaf:
            self._deaf.say("bad", DEAF)

    def _make_table(self) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        for column, (given, title) in enumerate(COLUMNS.items(), start=1):
            head = label(title, "hint")
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
            cells = [self._add_cell(grid, row, metric, given) for row, metric in enumerate(METRICS, start=1)]
            if given == "cascade":
                self._of_cascade += [head, *cells]
        for row, metric in enumerate(METRICS, start=1):
            name = label(METRIC_TITLES[metric], "strong" if row == 1 else "")
            _explain(name, TIPS[metric])
            grid.addWidget(name, row, 0)
        errors = label(METRIC_TITLES["word_error_rate"])
        _explain(errors, TIPS["word_error_rate"])
        grid.addWidget(errors, len(METRICS) + 1, 0)
        self._of_cascade += [
            errors,
            self._add_cell(grid, len(METRICS) + 1, "word_error_rate", "cascade"),
        ]
        grid.setColumnMinimumWidth(0, 160)
        grid.setColumnStretch(len(COLUMNS) + 1, 1)
        return table

    def _add_cell(self, grid: QGridLayout, row: int, metric: str, given: EvaluationInput) -> QLabel:
        cell = label("–", "strong" if row == 1 else "")
        cell.setFont(tabular(cell.font()))
        cell.setAccessibleName(f"{METRIC_TITLES[metric]}, {COLUMNS[given].lower()}")
        _explain(cell, TIPS[metric])
        grid.addWidget(cell, row, list(COLUMNS).index(given) + 1, Qt.AlignmentFlag.AlignRight)
        self._cells[metric, given] = cell
        return cell


def in_plain_words(finals: Mapping[EvaluationInput, RunEvaluation]) -> str:
    """ "Of 10 spoken commands the model got about 3 completely right (about 5 with the right intent); of 10
    written ones all." Empty when neither speech nor text was scored."""
    parts: list[str] = []
    for given, kind in _KINDS:
        final = finals.get(given)
        if final is None or "exact_match" not in final.scores:
            continue
        size = min(10, final.n)
        right = _of(size, final.scores["exact_match"])
        if parts:
            parts.append(f"of {size} {kind} {'one' if size == 1 else 'ones'} {right}")
            continue
        parts.append(f"Of {counted(size, f'{kind} command')} the model got {right} completely right")
        intents = _of(size, final.scores["intent_accuracy"]) if "intent_accuracy" in final.scores else right
        if intents != right:
            parts[0] += f" ({intents} with the right intent)"
    return "; ".join(parts) + "." if parts else ""


def _of(size: int, share: Interval) -> str:
    """How many of `size`; a few are not "0" and a few short of all are not "all"."""
    count = share.value * size
    whole = round(count)
    exactly = abs(count - whole) < 1e-6
    if whole == 0:
        return "none" if exactly else "almost none"
    if whole == size:
        return ("1" if size == 1 else "all") if exactly else "almost all"
    return f"{whole}" if exactly else f"about {whole}"


def _explain(widget: QWidget, words: str) -> None:
    widget.setToolTip(words)
    widget.setAccessibleDescription(words)
