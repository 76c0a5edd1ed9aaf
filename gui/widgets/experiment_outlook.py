"""What an experiment comes to, in two lines beside Start."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.experiment.estimate import Estimate
from core.experiment.schedule import MixturePreview, StageSeen
from gui.experiment_assessment import Assessment
from gui.formatting import counted, grouped, memory, rough_duration
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, IconLabel


class Outlook(QWidget):
    """What the stages will see, time and memory; or why the experiment cannot start."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._seen = ElidedLabel()
        self._cost = ElidedLabel("", "hint")
        self._reason = IconLabel(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._seen)
        column.addWidget(self._cost)
        column.addWidget(self._reason)
        self._reason.hide()

    def show_assessment(self, found: Assessment) -> None:
        problem = found.problems.first()
        self._reason.setVisible(bool(problem))
        self._reason.set("bad", f"Cannot start yet. {problem}", "bad")
        self._seen.setVisible(found.preview is not None)
        self._cost.setVisible(found.estimate is not None and not problem)
        if found.preview is not None:
            self._seen.setText(seen_words(found.preview))
        if found.estimate is not None:
            self._cost.setText(cost_words(found.estimate, found.live_runs))


def seen_words(preview: MixturePreview) -> str:
    """ "Will see 4 000 text ×2, then 2 000 text + 30 speech ×43: 500 steps"."""
    stages = ", then ".join(_stage_words(stage) for stage in preview.seen)
    return f"Will see {stages}. {counted(preview.total_steps, 'step')}."


def _stage_words(stage: StageSeen) -> str:
    pairs = (
        ("text", stage.text_pairs, stage.text_examples),
        ("speech", stage.speech_pairs, stage.speech_examples),
    )
    parts = [_times(grouped(distinct), kind, seen / distinct) for kind, distinct, seen in pairs if distinct]
    return " + ".join(parts)


def _times(number: str, kind: str, times: float) -> str:
    return f"{number} {kind}" + (
        "" if times == 1 else f" ×{times:g}" if times == round(times) else f" ×{times:.1f}"
    )


def cost_words(guess: Estimate, live_runs: int) -> str:
    """Time and memory; nothing is said that is not known."""
    parts = []
    if guess.seconds is not None:
        parts.append(rough_duration(guess.seconds))
    if guess.memory_bytes is not None:
        parts.append(f"{memory(guess.memory_bytes)} of memory")
    sentences = [f"Takes {', '.join(parts)}." if parts else "", guess.how]
    if live_runs:
        sentences.append(f"{counted(live_runs, 'run')} already training: both get slower.")
    return " ".join(sentence for sentence in sentences if sentence)


def speech_words(preview: MixturePreview | None) -> str:
    """ "= 30 recordings, 2.1 min, 12 voices, all 20 intents covered"."""
    if preview is None:
        return ""
    covered, total = preview.intents_covered, preview.intents_total
    intents = f"all {total} intents covered" if covered == total else f"{covered} of {total} intents covered"
    parts = [counted(preview.speech_used, "recording"), f"{preview.speech_minutes:.1f} min"]
    if preview.speakers:
        parts.append(counted(preview.speakers, "voice"))
    return f"= {', '.join([*parts, intents])}"
