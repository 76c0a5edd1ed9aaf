"""`python -m core.bench.inference_side WORK.json`: Spoonful's answers, in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from core.audio.files import read_audio
from core.bench.material import read_pairs
from core.bench.memory import peak_mb
from core.inference.decoding import Session, decode_freely
from core.inference.predictor import BATCH_SIZE
from core.models.family import ModelInput
from core.models.loading import load_family
from core.models.threads import let_waiting_threads_sleep
from core.training.precision import training_device, weights_dtype


@torch.no_grad()
def measure(work: dict[str, Any]) -> dict[str, object]:
    """Answer every recording freely, in batches of equal lengths as an evaluation does; none are cached."""
    folder = Path(work["folder"])
    family = load_family(str(folder / "model"), dtype=weights_dtype("auto"), device=training_device())
    files = [pair.audio for pair in read_pairs(folder / "pairs.jsonl") if pair.audio]
    tokens = 0
    started = time.perf_counter()
    recordings = sorted((read_audio(file) for file in files), key=len, reverse=True)
    for start in range(0, len(recordings), BATCH_SIZE):
        some = recordings[start : start + BATCH_SIZE]
        batch = family.collate([ModelInput(samples=samples) for samples in some])
        answers = decode_freely(Session(family, batch, family.embed(batch), ()), family)
        tokens += sum(len(family.tokenize(answer.raw)) for answer in answers)
    return {
        "seconds": time.perf_counter() - started,
        "utterances": len(recordings),
        "tokens": tokens,
        "peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    let_waiting_threads_sleep()
    sys.stdout.write(json.dumps(measure(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
