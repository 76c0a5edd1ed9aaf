"""How well a transcript matches what was said, counted in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.splits import spoken_form
from core.evaluation.edit_distance import edit_distance
from core.evaluation.metrics import Ratio


def word_error_rate(transcripts: Sequence[tuple[str, str]]) -> Ratio:
    """Words wrong, left out or invented per word said, over (text in the dataset, transcript) pairs.

    Compared in their spoken form: case and punctuation do not count. Above 1 where more was invented than
    said. A script without spaces counts a whole phrase as one word.
    """
    pairs = [(spoken_form(text).split(), spoken_form(written).split()) for text, written in transcripts]
    return Ratio(
        np.array([edit_distance(written, said) for said, written in pairs], dtype=np.float64),
        np.array([len(said) for said, _ in pairs], dtype=np.float64),
    )
