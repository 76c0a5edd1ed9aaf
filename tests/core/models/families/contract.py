"""What the contract test needs of each family: a tiny random checkpoint and the stock way through it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, ProcessorMixin

from core.audio.files import SAMPLE_RATE
from core.data.targets import SKELETON
from core.models.family import Samples

CORPUS = (
    "turn on the kitchen lights please",
    "set an alarm for eight o'clock",
    "play some jazz in the living room",
    "lights_on alarm_set music_play lights_off",
    "Give the intent and slots as JSON.",
    "room time genre",
)


@dataclass(frozen=True)
class TinyFamily:
    """One family's part in the contract test.

    build: writes config, safetensors, tokenizer and extractor into a folder, as `save_pretrained` does.
    stock_inputs: (folder, text, samples, instruction) -> what the stock model takes for the prompt, made the
    way its own processor does it; exactly one of text and samples is given, and a text and the instruction
    stand on lines of their own. lora: full names of the modules an adapter goes into.
    others: prefixes of weights that belong to neither hearing nor language (vision).
    tolerance: largest difference of logits from the stock model's.
    """

    build: Callable[[Path], None]
    stock_inputs: Callable[[Path, str | None, Samples | None, str], dict[str, Tensor]]
    lora: frozenset[str]
    others: tuple[str, ...] = ()
    tolerance: float = 1e-4


def tiny_family(model_type: str) -> TinyFamily:
    """The family's own module beside this one."""
    module = importlib.import_module(f"tests.core.models.families.tiny_{model_type}")
    tiny: TinyFamily = module.TINY
    return tiny


def tiny_tokenizer(control: list[str], *, end: str, pad: str, **more: Any) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with these control tokens and each JSON piece of a target as one token."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300 + len(control),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=control,
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    backend.add_tokens([AddedToken(piece, normalized=False) for piece in SKELETON])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token=end,
        pad_token=pad,
        additional_special_tokens=control,
        clean_up_tokenization_spaces=False,
        **more,
    )


def processed(
    processor: ProcessorMixin, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    """The stock inputs where a stock processor writes the prompt by the chat template and takes its audio."""
    first = {"type": "audio", "audio": ""} if text is None else {"type": "text", "text": f"{text}\n"}
    message = {"role": "user", "content": [first, {"type": "text", "text": instruction}]}
    prompt = processor.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
    audio = None if samples is None else [samples]
    return dict(processor(text=[prompt], audio=audio, sampling_rate=SAMPLE_RATE, return_tensors="pt"))


def enlarge(model: nn.Module, *, but: tuple[str, ...] = ("embed_positions",), factor: float = 8.0) -> None:
    """The default scale of fresh weights leaves a tower's output, and every test of it, near zero."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and not any(part in name for part in but):
                weight.mul_(factor)


def linear_names(prefix: str, layers: int, *names: str) -> frozenset[str]:
    """`prefix.LAYER.name` of every layer."""
    return frozenset(f"{prefix}.{layer}.{name}" for layer in range(layers) for name in names)


LLAMA_LINEAR = (
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
)  # fmt: skip
"""The linear modules in a layer of Llama, Qwen2, Qwen3, Mistral and their like."""
