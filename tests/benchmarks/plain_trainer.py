"""The other side of `spoonful bench training`: a plain Trainer + PEFT script, as public tutorials write it.

    python tests/benchmarks/plain_trainer.py WORK.json

Model, processor, Trainer and adapter are the libraries' own; the processor runs in the collator and pads
every recording to the whole window of 30 s, which Qwen2-Audio's forward insists on. It is given the pairs,
the adapter and the optimiser of the other side; only the prompt's tokens are left out of the loss, and the
two sides' first losses must agree where both begin with the same batch.
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
from peft import LoraConfig, get_peft_model
from transformers import (
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

INSTRUCTION = "Give the intent and slots as JSON."
SAMPLE_RATE = 16_000
CARD = torch.cuda.is_available()
DTYPE = torch.bfloat16 if CARD else torch.float32
LINEAR = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


class Collator:
    """Conversations to padded tensors, with the prompt masked in the labels."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        prompts, audio = [], []
        for row in rows:
            if "audio" in row:
                first = {"type": "audio", "audio_url": row["audio"]}
                samples, rate = soundfile.read(row["audio"], dtype="float32")
                assert rate == SAMPLE_RATE, f"{row['audio']} has {rate} Hz"
                audio.append(samples)
            else:
                first = {"type": "text", "text": row["text"] + "\n"}
            message = {"role": "user", "content": [first, {"type": "text", "text": INSTRUCTION}]}
            prompts.append(
                self.processor.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
            )
        texts = [prompt + row["target"] + "<|im_end|>" for prompt, row in zip(prompts, rows, strict=True)]
        batch = self.processor(
            text=texts,
            audio=audio or None,
            sampling_rate=SAMPLE_RATE,
            return_tensors="pt",
            padding=True,
            text_kwargs={"padding_side": "right"},
        )
        labels = batch["input_ids"].clone()
        labels[batch["attention_mask"] == 0] = -100
        for line, row in enumerate(rows):
            answer = self.processor.tokenizer(row["target"] + "<|im_end|>")["input_ids"]
            end = int(batch["attention_mask"][line].sum())
            labels[line, : end - len(answer)] = -100
        batch["labels"] = labels
        return dict(batch)


class Watch(TrainerCallback):
    """When the loop began and ended, and the first step's loss."""

    def __init__(self) -> None:
        self.started = self.ended = 0.0
        self.losses: list[float] = []

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.started = time.time()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ended = time.time()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))


def main(work: dict[str, Any]) -> dict[str, object]:
    folder = Path(work["folder"])
    model = Qwen2AudioForConditionalGeneration.from_pretrained(folder / "model", dtype=DTYPE)
    processor = Qwen2AudioProcessor.from_pretrained(folder / "model")
    adapter = LoraConfig(r=work["rank"], lora_alpha=2 * work["rank"], target_modules=LINEAR, bias="none")
    model = get_peft_model(model, adapter)
    rows = [json.loads(line) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    watch = Watch()
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(Path(work["scratch"]) / "plain"),
            per_device_train_batch_size=work["batch_size"],
            num_train_epochs=work["epochs"],
            learning_rate=work["learning_rate"],
            lr_scheduler_type="constant",
            weight_decay=0.0,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            remove_unused_columns=False,
            disable_tqdm=True,
            use_cpu=not CARD,
            bf16=CARD,
            seed=17,
        ),
        train_dataset=rows,
        data_collator=Collator(processor),
        callbacks=[watch],
    )
    trainer.train()
    return {
        "seconds": watch.ended - watch.started,
        "utterances": len(rows) * work["epochs"],
        "first_loss": watch.losses[0],
        "peak_mb": torch.cuda.max_memory_allocated() / 1e6
        if CARD
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    result = main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(json.dumps(result))
