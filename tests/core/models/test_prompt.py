"""Prompts through a model's own chat template."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from transformers import AutoTokenizer, Qwen2AudioProcessor

from core.errors import UserError
from core.models.prompt import PromptTokenizer, chat_template, string_template
from core.models.pseudo_audio import PseudoAudio
from tests.core.models.tiny import TEMPLATE

TIGHT_TEMPLATE = TEMPLATE.replace("{% if not loop.last %}\n{% endif %}", "")
"""Like the real Qwen2-Audio's, which puts nothing between two texts of a message."""


def prompt_tokenizer(folder: Path, template: str, end: str = "<|im_end|>") -> PromptTokenizer:
    processor = Qwen2AudioProcessor.from_pretrained(folder, chat_template=template)
    return PromptTokenizer(
        chat_template(processor),
        processor.tokenizer,
        instruction="Do it.",
        audio_token=processor.audio_token,
        end_token=end,
    )


@pytest.mark.parametrize("template", [TEMPLATE, TIGHT_TEMPLATE])
def test_a_text_and_the_instruction_stand_on_lines_of_their_own(tiny_model: Path, template: str) -> None:
    prompt = prompt_tokenizer(tiny_model, template)
    tokenizer = Qwen2AudioProcessor.from_pretrained(tiny_model).tokenizer
    said = tokenizer.decode(prompt.text("set an alarm"))
    assert said == "<|im_start|>user\nset an alarm\nDo it.<|im_end|>\n<|im_start|>assistant\n"


def test_the_placeholder_stands_once_for_each_audio_token(tiny_model: Path) -> None:
    prompt = prompt_tokenizer(tiny_model, TEMPLATE)
    assert prompt.speech(7).count(prompt.audio_id) == 7
    assert len(prompt.speech(7)) == len(prompt.speech(2)) + 5


def test_pseudo_audio_stands_where_the_audio_tokens_would(tiny_model: Path) -> None:
    prompt = prompt_tokenizer(tiny_model, TEMPLATE)
    tokenizer = Qwen2AudioProcessor.from_pretrained(tiny_model).tokenizer
    writer = PseudoAudio(tokenizer, tokens_per_s=25)
    heard = prompt.speech(1)
    begin, behind = heard.index(prompt.audio_id), heard[heard.index(prompt.audio_id) + 1 :]
    written = writer.write("play some jazz", Random(5))
    assert prompt.pseudo_audio("play some jazz", writer, Random(5)) == [*heard[:begin], *written, *behind]


def test_a_model_without_the_control_tokens_is_refused_in_words(tiny_model: Path) -> None:
    with pytest.raises(UserError, match=r"control token <\|turn_end\|>"):
        prompt_tokenizer(tiny_model, TEMPLATE, end="<|turn_end|>")


def test_a_template_that_writes_the_day_writes_the_same_day_every_day(tiny_model: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.chat_template = "{{ strftime_now('%B %d, %Y') }}: {{ messages[0]['content'] }}"
    render = string_template(tokenizer, "<|AUDIO|>")
    assert render("set an alarm", "Do it.") == "April 09, 2025: set an alarm\nDo it."
    assert render(None, "Do it.") == "April 09, 2025: <|AUDIO|>Do it."
