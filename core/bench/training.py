"""Training speed: the same pairs, model and adapter, by a plain Trainer and by Spoonful, in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

from core.errors import UserError
from core.paths import RESOURCES

Side = Literal["plain", "spoonful"]
_COMMANDS: Final[dict[Side, list[str]]] = {
    "plain": [str(RESOURCES.parent / "tests" / "benchmarks" / "plain_trainer.py")],
    "spoonful": ["-m", "core.bench.ours"],
}


@dataclass(frozen=True)
class Mixture:
    """What is learned from: numbers of text pairs and speech pairs."""

    name: str
    texts: int
    recordings: int


MIXTURES: Final = (Mixture("speech only", 0, 64), Mixture("mixed", 380, 20))


@dataclass(frozen=True)
class Work:
    """One measurement, as both sides are told it.

    folder: holds `model` and `pairs.jsonl`. scratch: for what a side writes; empty at the beginning, so that
    nothing is remembered from before.
    """

    folder: str
    scratch: str
    epochs: int
    batch_size: int = 8
    rank: int = 16
    learning_rate: float = 1e-4


@dataclass(frozen=True)
class Speed:
    """One mixture at one number of epochs: utterances per second of both sides, each by repeat, and peak
    memory in MB (the largest of the repeats)."""

    mixture: str
    epochs: int
    plain: list[float]
    spoonful: list[float]
    plain_mb: float
    spoonful_mb: float

    @property
    def ratios(self) -> list[float]:
        """How many times faster, repeat by repeat: both sides of one were measured one after the other."""
        return [ours / theirs for ours, theirs in zip(self.spoonful, self.plain, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of `ratios`."""
        return median(self.ratios)


def measure_training(
    manifests: Sequence[Path], *, epochs: Sequence[int], repeats: int, tell: Callable[[str], None]
) -> list[Speed]:
    """Both mixtures at each number of epochs. tell: called with what is being measured.

    Raises UserError when a side fails, or its script is not there (an installed copy without tests).
    """
    from core.bench.material import words_in, write_pairs
    from core.bench.model import build_model

    speeds = []
    with tempfile.TemporaryDirectory(prefix="spoonful-bench-") as temporary:
        for mixture in MIXTURES:
            folder = Path(temporary) / mixture.name.replace(" ", "-")
            pairs = write_pairs(
                folder, texts=mixture.texts, recordings=mixture.recordings, manifests=manifests
            )
            build_model(folder / "model", words_in(pairs))
            speeds += [_measure(mixture, folder, count, repeats, tell) for count in epochs]
    return speeds


def _measure(mixture: Mixture, folder: Path, epochs: int, repeats: int, tell: Callable[[str], None]) -> Speed:
    found: dict[Side, list[dict[str, Any]]] = {"plain": [], "spoonful": []}
    for repeat in range(repeats):
        for side, results in found.items():
            tell(f"{mixture.name}, epochs: {epochs}, repeat {repeat + 1} of {repeats}: {side}")
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                results.append(_run(side, Work(str(folder), scratch, epochs)))
    rates = {side: [each["utterances"] / each["seconds"] for each in found[side]] for side in found}
    peaks = {side: max(each["peak_mb"] for each in found[side]) for side in found}
    return Speed(mixture.name, epochs, rates["plain"], rates["spoonful"], peaks["plain"], peaks["spoonful"])


def _run(side: Side, work: Work) -> dict[str, Any]:
    file = Path(work.scratch) / "work.json"
    file.write_text(json.dumps(asdict(work)), encoding="utf-8")
    environment = os.environ | {"TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, *_COMMANDS[side], str(file)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise UserError(
            f"The measurement of {side} training failed.",
            where=" ".join(command),
            remedy="It runs from a checkout with its tests; the details tell more.",
            details=ended.stderr[-4_000:],
        )
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result
