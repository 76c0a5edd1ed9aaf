"""What can make a dataset's scores wrong or a run fail, found before training."""

from __future__ import annotations

from typing import Final

from core.data.checks.recordings import recording_problems
from core.data.checks.splits import labels_only_in_test, missing_parts, real_path, shared, synthetic_test
from core.data.checks.texts import text_problems
from core.data.library import Library
from core.data.problem import Problem
from core.data.progress import Cancel, Progress, never
from core.data.splits import spoken_form

WINDOW_S: Final = 15.0
"""Seconds every base model hears, the built-in one included; large ones mostly hear 30."""


def check_dataset(
    library: Library,
    name: str,
    *,
    window_s: float = WINDOW_S,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> list[Problem]:
    """All problems of a dataset, errors first, which are kept as its findings. Every audio file is decoded
    whole.

    window_s: seconds of audio that the base model hears. Raises UserError for an unknown dataset, Cancelled.
    """
    began = library.findings.begin(name)
    utterances = list(library.utterances([name]))
    problems = [
        *missing_parts(utterances),
        *synthetic_test(utterances),
        *recording_problems(utterances, window_s, progress, cancelled),
        *shared("recording", utterances, real_path, "error"),
        *shared("speaker", utterances, lambda u: u.speaker, "warning"),
        *shared("text", utterances, lambda u: spoken_form(u.text or ""), "warning"),
        *text_problems(utterances),
        *labels_only_in_test(utterances),
    ]
    problems.sort(key=lambda problem: problem.severity != "error")
    library.findings.keep(began, problems)
    return problems
