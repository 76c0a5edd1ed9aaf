"""What the miniatures of Qwen2.5-Omni and Qwen3-Omni share: the files beside the weights, the stock
processors without their eyes, and the Thinker alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from torch import Tensor
from transformers import (
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    ProcessorMixin,
    Qwen2_5OmniProcessor,
    Qwen3OmniMoeProcessor,
    WhisperFeatureExtractor,
)

from core.audio.files import SAMPLE_RATE
from core.models.family import Samples
from tests.core.models.families.contract import tiny_tokenizer

WINDOW_S = 8
VISION = {
    "depth": 1,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_heads": 2,
    "out_hidden_size": 32,
}


def omni_tokenizer(named: dict[str, str]) -> PreTrainedTokenizerFast:
    """named: the tokens by the attributes that the stock processor asks for."""
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *named.values()]
    return tiny_tokenizer(control, end="<|im_end|>", pad="<|endoftext|>", **named)


def omni_template(named: dict[str, str]) -> str:
    """A system's turn first, then audio and text with nothing between them, as the real templates write."""
    recording = named["audio_bos_token"] + named["audio_token"] + named["audio_eos_token"]
    return (
        "{% for message in messages %}"
        "{% if loop.first %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
        "<|im_start|>{{ message['role'] }}\n"
        "{% for part in message['content'] %}"
        "{% if part['type'] == 'audio' %}" + recording + "{% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def save_beside_weights(folder: Path, named: dict[str, str]) -> None:
    """Tokenizer, extractor and template as the real repositories have them."""
    tokenizer = omni_tokenizer(named)
    tokenizer.chat_template = "{{ 'a template for text alone' }}"
    tokenizer.save_pretrained(folder)
    # Older repositories keep the processor's template in a file of its own, which wins over the tokenizer's.
    (folder / "chat_template.jinja").unlink()
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": omni_template(named)}))
    WhisperFeatureExtractor(feature_size=16, chunk_length=WINDOW_S).save_pretrained(folder)


def thinker_alone(build: Callable[[Path], None], model_class: type[PreTrainedModel], folder: Path) -> None:
    """What somebody has who loaded the Thinker out of the whole model and saved it with this transformers."""
    whole = folder.with_name("whole")
    build(whole)
    model_class.from_pretrained(whole).save_pretrained(folder)
    processor, _ = ProcessorMixin.get_processor_dict(str(whole))
    tokenizer = AutoTokenizer.from_pretrained(whole)
    tokenizer.chat_template = processor["chat_template"]
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor.from_pretrained(whole).save_pretrained(folder)


class _Blind:
    """Lets a stock processor do without image and video processor, which need libraries for pictures."""

    def check_argument_for_proper_class(self, argument_name: str, argument: object) -> type:
        return type(argument)


class BlindQwen2_5OmniProcessor(_Blind, Qwen2_5OmniProcessor):  # noqa: N801
    pass


class BlindQwen3OmniMoeProcessor(_Blind, Qwen3OmniMoeProcessor):
    pass


def omni_inputs(
    processor_class: type[ProcessorMixin],
) -> Callable[[Path, str | None, Samples | None, str], dict[str, Tensor]]:
    """The stock inputs by this processor."""

    def stock_inputs(
        folder: Path, text: str | None, samples: Samples | None, instruction: str
    ) -> dict[str, Tensor]:
        files, _ = ProcessorMixin.get_processor_dict(str(folder))
        processor = processor_class(
            None,
            None,
            WhisperFeatureExtractor.from_pretrained(folder),
            AutoTokenizer.from_pretrained(folder),
            chat_template=files["chat_template"],
        )
        first = {"type": "audio", "audio": ""} if text is None else {"type": "text", "text": f"{text}\n"}
        message = {"role": "user", "content": [first, {"type": "text", "text": instruction}]}
        prompt = processor.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
        audio = {} if samples is None else {"audio": [samples], "sampling_rate": SAMPLE_RATE}
        return dict(processor(text=[prompt], return_tensors="pt", **audio))

    return stock_inputs
