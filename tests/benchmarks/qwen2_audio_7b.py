"""The size that people tune: Qwen2-Audio-7B's geometry with random weights, on one large graphics card.

    python -m tests.benchmarks.qwen2_audio_7b [--peak-tflops 989]

Needs 40 GB on the card or more, and about 20 GB of disk in TMPDIR. Training (LoRA r 16, bf16, batch 8,
recordings of 3 s and 9 s) beside the plain Trainer, its share of the card's dense bf16 peak, peak memory, and
free answers beside `generate`. Prints one JSON object a line. Without a card it stops at once.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

from core.audio.files import SAMPLE_RATE, read_audio
from core.bench.material import read_pairs, words_in, write_pairs
from core.bench.model import QWEN2_AUDIO_7B, build_model
from core.bench.sides import compare
from core.data.targets import target_segments
from core.models.family import ModelInput
from core.models.loading import load_family
from core.training.precision import training_device

RECORDINGS = 64
ANSWERED = 16
REPEATS = 2


def operations(model: Path, pairs: Path) -> float:
    """Multiply-adds x 2 that training takes on average for one pair of the file.

    Forward and backward to the inputs through the decoder (4 per weight and position; the frozen weights'
    own gradients are not needed), forward through the tower once (2 per weight and its position).
    """
    family = load_family(str(model), dtype=torch.bfloat16, device=training_device())
    decoder = sum(w.numel() for n, w in family.model.named_parameters() if ".language_model.layers." in n)
    tower = sum(w.numel() for n, w in family.model.named_parameters() if ".audio_tower.layers." in n)
    utterances = read_pairs(pairs)
    positions = heard = 0
    for utterance in utterances:
        assert utterance.audio is not None
        target = tuple(target_segments(utterance.label))
        batch = family.collate([ModelInput(samples=read_audio(utterance.audio), target=target)])
        positions += int(batch.attention_mask.sum())
        heard += 50 * batch.audio[0].samples // SAMPLE_RATE
    return (4 * decoder * positions + 2 * tower * heard) / len(utterances)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peak-tflops", type=float, default=989.0, help="dense bf16; an H100 SXM has 989")
    peak = 1e12 * parser.parse_args().peak_tflops
    if not torch.cuda.is_available():
        sys.exit("There is no graphics card here that CUDA runs on.")
    with tempfile.TemporaryDirectory(prefix="spoonful-7b-") as temporary:
        built = Path(temporary) / "model"
        for seconds in (3.0, 9.0):
            folder = Path(temporary) / f"{seconds:.0f}s"
            pairs = write_pairs(folder, texts=0, recordings=RECORDINGS, seconds=(seconds, seconds))
            if not built.is_dir():
                build_model(built, words_in(pairs), QWEN2_AUDIO_7B)
            (folder / "model").symlink_to(built)
            found = compare(
                "training", f"{seconds:.0f} s", folder, epochs=1, repeats=REPEATS, tell=sys.stderr.write
            )
            needed = operations(built, pairs)
            # Back to the card, which the other processes need.
            torch.cuda.empty_cache()
            share = [rate * needed / peak for rate in found.spoonful]
            print(json.dumps({**vars(found), "ratios": found.ratios, "share_of_peak": share}), flush=True)
        answers = Path(temporary) / "answers"
        write_pairs(answers, texts=0, recordings=ANSWERED, seconds=(3.0, 3.0))
        (answers / "model").symlink_to(built)
        found = compare("inference", "answers, 3 s", answers, epochs=1, repeats=1, tell=sys.stderr.write)
        print(json.dumps({**vars(found), "ratios": found.ratios}), flush=True)


if __name__ == "__main__":
    main()
