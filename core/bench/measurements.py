"""What can be measured: training, answering, and the feature cache."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.bench.sides import Comparison, compare


@dataclass(frozen=True)
class Mixture:
    """What is learned from: numbers of text pairs and speech pairs."""

    name: str
    texts: int
    recordings: int


MIXTURES: Final = (Mixture("speech only", 0, 64), Mixture("mixed", 380, 20))
_ANSWERED: Final = Mixture("answers", 0, 32)


@dataclass(frozen=True)
class CacheSpeed:
    """Seconds to hear the recordings with an empty feature cache, and with everything in it."""

    recordings: int
    empty: float
    full: float


def measure_training(
    manifests: Sequence[Path], *, epochs: Sequence[int], repeats: int, tell: Callable[[str], None]
) -> list[Comparison]:
    """Every mixture for each number of epochs, the first building the cache, by a plain Trainer and here."""
    found = []
    for mixture in MIXTURES:
        with _prepared(mixture, manifests) as folder:
            for count in epochs:
                what = f"{mixture.name}, {'1 epoch' if count == 1 else f'{count} epochs'}"
                found.append(compare("training", what, folder, epochs=count, repeats=repeats, tell=tell))
    return found


def measure_inference(manifests: Sequence[Path], *, repeats: int, tell: Callable[[str], None]) -> Comparison:
    """Free answers of equal length: `generate` one recording at a time, and Spoonful's batches."""
    with _prepared(_ANSWERED, manifests) as folder:
        return compare("inference", "answers", folder, epochs=1, repeats=repeats, tell=tell)


def measure_cache(manifests: Sequence[Path]) -> CacheSpeed:
    """How long the audio tower takes, and how long it takes to read what it once gave."""
    import torch

    from core.audio.files import read_audio
    from core.bench.material import read_pairs
    from core.models.family import ModelInput
    from core.models.loading import load_family

    with _prepared(MIXTURES[0], manifests) as folder:
        family = load_family(str(folder / "model"), dtype=torch.float32, device=torch.device("cpu"))
        family.remember_features(folder / "features")
        recordings = [read_audio(pair.audio) for pair in read_pairs(folder / "pairs.jsonl") if pair.audio]

        def hear() -> float:
            started = time.perf_counter()
            for samples in recordings:
                family.embed(family.collate([ModelInput(samples=samples)]))
            return time.perf_counter() - started

        return CacheSpeed(len(recordings), hear(), hear())


@contextmanager
def _prepared(mixture: Mixture, manifests: Sequence[Path]) -> Iterator[Path]:
    """A folder with the mixture's pairs and a model of random weights."""
    from core.bench.material import words_in, write_pairs
    from core.bench.model import build_model

    with tempfile.TemporaryDirectory(prefix="spoonful-bench-") as temporary:
        folder = Path(temporary)
        pairs = write_pairs(folder, texts=mixture.texts, recordings=mixture.recordings, manifests=manifests)
        build_model(folder / "model", words_in(pairs))
        yield folder
