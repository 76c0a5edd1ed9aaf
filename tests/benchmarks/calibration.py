"""Is a run right as often as it is sure? The reliability diagram on test voices, before and after.
calibration.

    python -m tests.benchmarks.calibration --home FOLDER --model RUN [--to reliability.svg]

Scores the demo's test speech with a calibrated run. Prints JSON: expected calibration errors; the picture
has a mark for each bin of equally many answers, its accuracy with a 95 % interval over its mean
confidence.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.commands.calibrate import calibration_as_dict
from core.data.library import Library
from core.evaluation.calibration import Bin
from core.evaluation.evaluate import evaluate
from core.inference.predictor import Predictor
from core.paths import AppPaths
from core.storage.database import open_database

_SIDE, _EDGE = 300, 44


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--to", type=Path)
    chosen = parser.parse_args()
    paths = AppPaths(chosen.home)
    db = open_database(paths.database)
    test = list(Library(db, paths).utterances(["demo"], ["test"]))
    db.close()
    predictor = Predictor.load(paths.run(chosen.model))
    found = calibration_as_dict(evaluate(predictor, test, "speech", free_sample=0).predictions)
    print(
        json.dumps(
            {
                "temperature": round(predictor.calibration.speech, 3),
                "n": found["n"],
                "ece_uncalibrated": round(found["ece_uncalibrated"], 4),
                "ece": round(found["ece"], 4),
            }
        )
    )
    if chosen.to is not None:
        pictures = [
            ("As the model has it", found["ece_uncalibrated"], found["reliability_uncalibrated"]),
            ("Calibrated", found["ece"], found["reliability"]),
        ]
        parts = [
            panel(number, f"{title}: {100 * ece:.1f} % apart", [Bin(**each) for each in bins])
            for number, (title, ece, bins) in enumerate(pictures)
        ]
        size = f'width="{2 * (_SIDE + _EDGE) + 20}" height="{_SIDE + 2 * _EDGE}"'
        style = 'font-family="sans-serif" font-size="12" style="background:#fff"'
        chosen.to.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>\n'
        )


def panel(number: int, title: str, bins: Sequence[Bin]) -> str:
    """One diagram: the diagonal is where confidence and accuracy agree."""
    left = _EDGE + number * (_SIDE + _EDGE)

    def at(confidence: float, accuracy: float) -> tuple[float, float]:
        return round(left + _SIDE * confidence, 1), round(_EDGE + _SIDE * (1 - accuracy), 1)

    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    marks = [f'<text x="{x0}" y="{_EDGE - 16}" font-weight="bold">{title}</text>']
    marks.append(f'<rect x="{x0}" y="{y1}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>')
    marks.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#999" stroke-dasharray="4"/>')
    for each in bins:
        x, y = at(each.confidence, each.accuracy)
        _, low = at(0, each.accuracy_low)
        _, high = at(0, each.accuracy_high)
        marks.append(f'<line x1="{x}" y1="{low}" x2="{x}" y2="{high}" stroke="#0072B2"/>')
        marks.append(f'<circle cx="{x}" cy="{y}" r="4" fill="#0072B2"/>')
    for tick in np.linspace(0, 1, 6):
        x, y = at(tick, tick)
        marks.append(f'<text x="{x}" y="{y0 + 16}" text-anchor="middle">{100 * tick:.0f}</text>')
        if not number:
            marks.append(f'<text x="{x0 - 6}" y="{y + 4}" text-anchor="end">{100 * tick:.0f}</text>')
    marks.append(f'<text x="{x0 + _SIDE / 2}" y="{y0 + 34}" text-anchor="middle">confidence, %</text>')
    return "".join(marks)


if __name__ == "__main__":
    main()
