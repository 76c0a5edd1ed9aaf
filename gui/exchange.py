"""What was said at the page Try it, and what a model answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.audio.levels import Samples
from core.inference.prediction import Prediction
from gui.model_choices import ModelChoice

Source = Literal["microphone", "file", "text"]


@dataclass(frozen=True)
class Heard:
    """What is to be understood.

    samples: 16 kHz [n], None for a text. text: as typed; empty for sound. path: where the recording lies;
    None for a text, and where nothing is kept. silent: why it gets no guess, if it gets none, as headline and
    reason. remark: what is wrong with its sound. released_at, ready_at: when the button was let go or the
    speech ended, and when the sound was at hand, on `time.perf_counter`; None for what was not spoken just
    now. hands_free: nobody held a button.
    """

    id: str
    at: float
    """Seconds since the Unix epoch."""
    source: Source
    samples: Samples | None = None
    text: str = ""
    path: Path | None = None
    silent: tuple[str, str] | None = None
    remark: str = ""
    released_at: float | None = None
    ready_at: float = 0.0
    hands_free: bool = False

    @property
    def item(self) -> Path | str | Samples:
        """What a model is asked about."""
        if self.path is not None:
            return self.path
        return self.text if self.samples is None else self.samples


@dataclass(frozen=True)
class Exchange:
    """One answer. waited_s: from the end of the speech to the label standing on the screen, and recording_s,
    the part of it until the sound was at hand; None when it was not spoken just now."""

    heard: Heard
    model: ModelChoice
    prediction: Prediction
    waited_s: float | None = None
    recording_s: float | None = None
