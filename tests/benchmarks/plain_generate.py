"""The other side of `spoonful bench inference`: stock processor and `generate`, one recording at a time.

python tests/benchmarks/plain_generate.py WORK.json
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import soundfile
import torch
from transformers import Qwen2AudioForConditionalGeneration, Qwen2AudioProcessor

INSTRUCTION = "Give the intent and slots as JSON."
SAMPLE_RATE = 16_000
CARD = torch.cuda.is_available()
DEVICE, DTYPE = ("cuda", torch.bfloat16) if CARD else ("cpu", torch.float32)
LONGEST_ANSWER = 160
"""Tokens; as many as the other side answers at most. A model of random weights uses them all."""


@torch.no_grad()
def main(work: dict[str, Any]) -> dict[str, object]:
    folder = Path(work["folder"])
    model = Qwen2AudioForConditionalGeneration.from_pretrained(folder / "model", dtype=DTYPE)
    model = model.eval().to(DEVICE)
    processor = Qwen2AudioProcessor.from_pretrained(folder / "model")
    rows = [json.loads(line) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    tokens = 0
    started = time.perf_counter()
    for row in rows:
        samples, rate = soundfile.read(row["audio"], dtype="float32")
        assert rate == SAMPLE_RATE, f"{row['audio']} has {rate} Hz"
        content = [{"type": "audio", "audio_url": row["audio"]}, {"type": "text", "text": INSTRUCTION}]
        prompt = processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        inputs = processor(text=[prompt], audio=[samples], sampling_rate=SAMPLE_RATE, return_tensors="pt")
        inputs = inputs.to(DEVICE, DTYPE)
        answer = model.generate(**inputs, do_sample=False, max_new_tokens=LONGEST_ANSWER)
        tokens += answer.shape[1] - inputs["input_ids"].shape[1]
    return {
        "seconds": time.perf_counter() - started,
        "utterances": len(rows),
        "tokens": tokens,
        "peak_mb": torch.cuda.max_memory_allocated() / 1e6
        if CARD
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
