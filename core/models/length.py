"""How long a recording may be for a model to hear it."""

from __future__ import annotations

from core.audio.files import SAMPLE_RATE, SHORTEST_S
from core.errors import UserError


def check_length(samples: int, window_s: float) -> None:
    """Raise UserError for a recording that is too short to hear or longer than the model's window."""
    if samples > window_s * SAMPLE_RATE:
        raise UserError(
            f"The recording lasts {samples / SAMPLE_RATE:.1f} s; this model hears at most {window_s:.0f} s.",
            remedy="Use a shorter recording, or choose a base model with a longer window.",
        )
    if samples < round(SHORTEST_S * SAMPLE_RATE):
        raise UserError(
            f"The recording lasts only {1000 * samples / SAMPLE_RATE:.0f} ms, too short to hear.",
            remedy=f"Use a recording of at least {1000 * SHORTEST_S:.0f} ms.",
        )
