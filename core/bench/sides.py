"""The two sides of a measurement, each in a fresh process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

from core.errors import UserError
from core.paths import RESOURCES

Kind = Literal["training", "inference"]
Side = Literal["plain", "spoonful"]
_PLAIN: Final[dict[Kind, Path]] = {
    "training": RESOURCES.parent / "tests" / "benchmarks" / "plain_trainer.py",
    "inference": RESOURCES.parent / "tests" / "benchmarks" / "plain_generate.py",
}


@dataclass(frozen=True)
class Work:
    """One measurement, as both sides are told it in a JSON file.

    folder: holds `model` and `pairs.jsonl`. scratch: for what a side writes; empty at the beginning, so that
    nothing is remembered from before.
    """

    folder: str
    scratch: str
    epochs: int = 1
    batch_size: int = 8
    rank: int = 16
    learning_rate: float = 1e-4


@dataclass(frozen=True)
class Comparison:
    """Utterances per second of both sides, by repeat, and their peak memory in MB (of all repeats): on the
    graphics card where there is one, else of the process."""

    what: str
    plain: list[float]
    spoonful: list[float]
    plain_mb: float
    spoonful_mb: float

    @property
    def ratios(self) -> list[float]:
        """How many times faster Spoonful is, repeat by repeat: one's two sides ran one after the other."""
        return [ours / theirs for ours, theirs in zip(self.spoonful, self.plain, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of `ratios`."""
        return median(self.ratios)


def compare(
    kind: Kind, what: str, folder: Path, *, epochs: int, repeats: int, tell: Callable[[str], None]
) -> Comparison:
    """Both sides in turns. tell: called with what is being measured. Raises UserError when a side fails."""
    found: dict[Side, list[dict[str, Any]]] = {"plain": [], "spoonful": []}
    for repeat in range(repeats):
        for side, results in found.items():
            tell(f"{what}, repeat {repeat + 1} of {repeats}: {side}")
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                results.append(run_side(kind, side, Work(str(folder), scratch, epochs)))
                # At once: the whole takes half an hour, and somebody may stop it.
                tell(f"  {_rates(results)[-1]:.2f} utterances/s")
    plain, spoonful = found["plain"], found["spoonful"]
    return Comparison(what, _rates(plain), _rates(spoonful), _peak(plain), _peak(spoonful))


def run_side(kind: Kind, side: Side, work: Work) -> dict[str, Any]:
    """One side's own figures. Raises UserError when it fails."""
    file = Path(work.scratch) / "work.json"
    file.write_text(json.dumps(asdict(work)), encoding="utf-8")
    program = [str(_PLAIN[kind])] if side == "plain" else ["-m", f"core.bench.{kind}_side"]
    command = [sys.executable, *program, str(file)]
    environment = os.environ | {"TOKENIZERS_PARALLELISM": "false"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise UserError(
            "One side of the measurement failed.",
            where=" ".join(command),
            remedy="It runs from a checkout with its tests; the details tell more.",
            details=ended.stderr[-4_000:],
        )
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result


def _rates(results: list[dict[str, Any]]) -> list[float]:
    return [result["utterances"] / result["seconds"] for result in results]


def _peak(results: list[dict[str, Any]]) -> float:
    return max(float(result["peak_mb"]) for result in results)
