"""What an experiment comes to, in a few lines beside Start."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.experiment.estimate import Estimate
from core.experiment.schedule import MixturePreview, StageSeen
from gui.experiment_assessment import Assessment
from gui.experiment_words import cache_words
from gui.formatting import counted, grouped, memory, percent, rough_duration
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, IconLabel, button

FEW_RECORDINGS = 200
"""Up to so many, nobody has a reason to leave some out but to see what they are good for."""


class Outlook(QWidget):
    """What the stages will see, time and memory, and what costs time; or why the experiment cannot start."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._seen = ElidedLabel()
        self.details = button("Details...", "link", tip="What each stage sees, and what is left out")
        self.details.hide()
        self._cost = ElidedLabel("", "hint")
        self._cache = ElidedLabel("", "hint")
        self._reason = IconLabel(theme, elided=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._seen, 1)
        first.addWidget(self.details)
        column.addLayout(first)
        column.addWidget(self._cost)
        column.addWidget(self._cache)
        column.addWidget(self._reason)
        self._cache.hide()
        self._reason.hide()

    def show_assessment(self, found: Assessment) -> None:
        problem = found.problems.first()
        self._reason.setVisible(bool(problem))
        self._reason.set("bad", f"Cannot start yet. {problem}", "bad")
        cache = cache_words(found.spec) if found.spec is not None else ""
        self._cache.setVisible(bool(cache))
        self._cache.setText(cache)
        self._seen.setVisible(found.preview is not None)
        self.details.setVisible(found.spec is not None)
        self._cost.setVisible(found.estimate is not None and not problem)
        if found.preview is not None:
            self._seen.setText(seen_words(found.preview))
        if found.estimate is not None:
            self._cost.setText(cost_words(found.estimate, found.live_runs))
            self._cost.setToolTip(f"{self._cost.text()}\n{memory_words(found.estimate)}".strip())


def seen_words(preview: MixturePreview) -> str:
    """ "Will see 3 120 text, then 1 560 text + 36 speech ×43. 390 steps."."""
    stages = ", then ".join(_stage_words(stage, preview.speech_used) for stage in preview.seen)
    return f"Will see {stages}. {counted(preview.total_steps, 'step')}."


def _stage_words(stage: StageSeen, recordings: int) -> str:
    parts = []
    if stage.text_examples:
        text = f"{grouped(stage.text_pairs)} text{_times(stage.text_examples / stage.text_pairs)}"
        parts.append(text + _pseudo_audio_words(stage))
    if stage.speech_examples:
        # Of all recordings: where not all find a place, each is heard less than once on average.
        parts.append(f"{grouped(recordings)} speech{_times(stage.speech_examples / recordings)}")
    return " + ".join(parts)


def _pseudo_audio_words(stage: StageSeen) -> str:
    part = round(stage.pseudo_audio_examples / stage.text_examples, 2)
    if not stage.pseudo_audio_examples:
        return ""
    return f" ({'half' if part == 0.5 else 'all' if part == 1 else percent(part)} as pseudo-audio)"


def _times(times: float) -> str:
    """How often each is seen: " ×43", " ×2.2", " ×0.43"; nothing for once."""
    shown = f"{times:.0f}" if times >= 10 else f"{times:.2g}"
    return "" if shown == "1" else f" ×{shown}"


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


def memory_words(guess: Estimate) -> str:
    """ "Memory: program 0.6 GB, weights 22 MB, ...": what it is for, where that is known."""
    need = guess.memory
    if need is None:
        return ""
    parts = {
        "program": need.program,
        "weights": need.weights,
        "gradients and optimizer": need.learning,
        "the largest batch": need.activations,
    }
    return f"Memory: {', '.join(f'{name} {memory(count)}' for name, count in parts.items())}."


def speech_words(preview: MixturePreview | None) -> str:
    """ "= 30 recordings, 2.1 min, 12 voices, all 20 intents covered", and how many of them find no place."""
    if preview is None:
        return ""
    covered, total = preview.intents_covered, preview.intents_total
    intents = f"all {total} intents covered" if covered == total else f"{covered} of {total} intents covered"
    parts = [counted(preview.speech_used, "recording"), f"{preview.speech_minutes:.1f} min"]
    if preview.speakers:
        parts.append(counted(preview.speakers, "voice"))
    unheard = preview.speech_used - preview.speech_heard
    left_out = f"; {grouped(unheard)} recordings find no place in the stages" if unheard else ""
    return f"= {', '.join([*parts, intents])}{left_out}{_fewness_words(preview)}"


def _fewness_words(preview: MixturePreview) -> str:
    """Who has few recordings should use them: a small share of them is next to nothing."""
    total = preview.speech_pool_total
    if total > FEW_RECORDINGS or preview.speech_used >= min(total, preview.intents_total):
        return ""
    return f". You have only {counted(total, 'recording')}: take a larger share of them"
