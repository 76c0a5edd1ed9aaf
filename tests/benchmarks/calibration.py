"""Is a run right as often as it is sure? On voices it never heard, before and after calibration.

    python -m tests.benchmarks.calibration --home FOLDER --model RUN [--to reliability.svg]

Asks a calibrated run for the intents of the demo's test speech. Prints JSON: how far confidence and accuracy
are apart (expected calibration error), and how far they would be by chance if the run were right exactly as
often as it says: bins of 20 answers are never quite even. The picture has a mark for each bin of equally
many answers: its accuracy, with a 95 % interval, over its mean confidence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.commands.calibrate import calibration_as_dict
from core.evaluation.calibration import Bin, Shares, expected_calibration_error
from core.evaluation.evaluate import evaluate
from core.teaspoon.chart import FAINT, INK, SPEECH, picture
from tests.benchmarks.demo_run import arguments, load

DRAWS: Final = 1_000
SEED: Final = 17
_SIDE, _LEFT, _TOP, _GAP = 300, 64, 76, 44
_MUTED: Final = "#5b6472"


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--to", type=Path, help="where to write the picture, an SVG file")
    chosen = parser.parse_args()
    predictor, test = load(chosen.home, chosen.model)
    predictions = evaluate(predictor, test, "speech", free_sample=0).predictions
    found = calibration_as_dict(predictions)
    own = np.array([each.raw_confidence for each in predictions], np.float64)
    sure = np.array([each.confidence for each in predictions], np.float64)
    print(
        json.dumps(
            {
                "n": found["n"],
                "temperature": round(predictor.calibration.speech, 3),
                "before": summary(own, found["ece_uncalibrated"]),
                "after": summary(sure, found["ece"]),
            },
            indent=1,
        )
    )
    if chosen.to is not None:
        chosen.to.write_text(diagram(found), encoding="utf-8")


def summary(confidence: Shares, error: float) -> dict[str, object]:
    """The error beside that of a run with the same confidences that is right just as often."""
    chance = error_by_chance(confidence)
    return {
        "mean_confidence": round(float(confidence.mean()), 4),
        "error": round(error, 4),
        "error_by_chance": {
            "mean": round(float(chance.mean()), 4),
            "95 % below": round(float(np.quantile(chance, 0.95)), 4),
        },
    }


def error_by_chance(confidence: Shares) -> Shares:
    """Calibration errors [DRAWS] where each answer [N] is right with the probability it claims."""
    rng = np.random.default_rng(SEED)
    draws = rng.random((DRAWS, len(confidence))) < confidence
    return np.array([expected_calibration_error(confidence, correct) for correct in draws])


def diagram(found: dict[str, Any]) -> str:
    """Both reliability diagrams side by side, as an SVG file. found: of `calibration_as_dict`."""
    panels = [
        ("as the model has it", found["ece_uncalibrated"], found["reliability_uncalibrated"]),
        ("calibrated", found["ece"], found["reliability"]),
    ]
    parts: list[str] = []
    for number, (name, error, bins) in enumerate(panels):
        left = _LEFT + number * (_SIDE + _GAP)
        parts += _panel(left, f"{name}: {100 * error:.1f} % apart", [Bin(**each) for each in bins])
    middle = _TOP + _SIDE // 2
    parts.append(
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">right</text>'
    )
    title = f"Right as often as sure? {found['n']} recordings of voices it never heard, 95 % intervals"
    return picture(title, _LEFT + 2 * _SIDE + _GAP + 24, _TOP + _SIDE + 52, parts)


def _panel(left: int, title: str, bins: Sequence[Bin]) -> list[str]:
    """One diagram; on the dashed line confidence and accuracy agree."""
    right, bottom = left + _SIDE, _TOP + _SIDE
    parts = [f'<text x="{left}" y="{_TOP - 14}">{title}</text>']
    for fifth in range(6):
        share, words = fifth / 5, f"{20 * fifth} %"
        x, y = _across(left, share), _up(share)
        parts += [
            f'<path d="M{left} {y}H{right}M{x} {_TOP}V{bottom}" stroke="{FAINT}"/>',
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" font-size="12">{words}</text>',
        ]
        if left == _LEFT:
            parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end" font-size="12">{words}</text>')
    parts += [
        f'<path d="M{left} {bottom}L{right} {_TOP}" stroke="{_MUTED}" stroke-dasharray="4"/>',
        f'<text x="{left + _SIDE // 2}" y="{bottom + 40}" text-anchor="middle">sure</text>',
    ]
    for each in bins:
        x, low, high = _across(left, each.confidence), _up(each.accuracy_low), _up(each.accuracy_high)
        parts += [
            f'<path d="M{x} {low}V{high}M{x - 3:.1f} {low}h6M{x - 3:.1f} {high}h6" stroke="{INK}"/>',
            f'<circle cx="{x}" cy="{_up(each.accuracy)}" r="4.5" fill="{SPEECH}" stroke="{INK}"/>',
        ]
    return parts


def _across(left: int, share: float) -> float:
    return round(left + _SIDE * share, 1)


def _up(share: float) -> float:
    return round(_TOP + _SIDE * (1 - share), 1)


if __name__ == "__main__":
    main()
