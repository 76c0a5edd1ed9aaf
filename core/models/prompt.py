"""From content and instruction to token ids, through the model's own chat template.

The placeholder of the audio is expanded here to the true number of audio tokens; the families' processors
do the same only for audio padded to the whole window, and some refuse text without audio.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.models.pseudo_audio import PseudoAudio

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, ProcessorMixin

Render = Callable[[str | None, str], str]
"""(what is written, None for audio; the instruction) -> the prompt up to where the model answers, with one
audio placeholder for audio."""

_MARK = "\ue000"
"""Stands for the content while the template is rendered: a private-use character no template contains."""

_SAME_DAY = "{%- macro strftime_now(format) -%}April 09, 2025{%- endmacro -%}"
"""Put before templates that write the day into the prompt, as Granite's do: what was trained on one day shall
be asked the same on another. It is the day on Granite Speech 3.3's card."""


class PromptTokenizer:
    """Tokenises prompts and targets for one model and one instruction.

    render: the model's own convention. audio_token: the placeholder it writes for audio. end_token: what ends
    the model's turn.
    """

    def __init__(
        self,
        render: Render,
        tokenizer: PreTrainedTokenizerBase,
        *,
        instruction: str,
        audio_token: str,
        end_token: str,
    ) -> None:
        self._tokenizer = tokenizer
        self.audio_id = self._single_id(audio_token)
        self.end_id = self._single_id(end_token)
        self._control = control_pattern([*control_tokens(tokenizer).values(), audio_token])
        before, after = render(None, instruction).split(audio_token)
        self._before_audio, self._after_audio = self.tokenize(before), self.tokenize(after)
        self._before_text, after = render(_MARK, instruction).split(_MARK)
        # Some templates (the real Qwen2-Audio's) put nothing between two texts of one message.
        self._after_text = after if after[:1].isspace() else "\n" + after

    def speech(self, audio_tokens: int) -> list[int]:
        """The prompt of a recording that is `audio_tokens` embeddings long."""
        return [*self._before_audio, *[self.audio_id] * audio_tokens, *self._after_audio]

    def text(self, text: str) -> list[int]:
        """The prompt of a written utterance; control tokens spelled inside it lose their power."""
        return self.tokenize(self._before_text + self._powerless(text) + self._after_text)

    def pseudo_audio(self, text: str, writer: PseudoAudio, rng: Random) -> list[int]:
        """The prompt of a written utterance in the place and the form of a recording."""
        return [*self._before_audio, *writer.write(self._powerless(text), rng), *self._after_audio]

    def target(self, segments: Sequence[str]) -> list[int]:
        """The answer to learn, segment by segment, and the end of the turn.

        Control tokens in it keep their power: what a label says must not be changed, so training refuses such
        labels beforehand.
        """
        return [token for segment in segments for token in self.tokenize(segment)] + [self.end_id]

    def tokenize(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _powerless(self, text: str) -> str:
        return self._control.sub(" ", text)

    def _single_id(self, token: str) -> int:
        ids = self.tokenize(token)
        if len(ids) != 1:
            raise UserError(
                f"The base model's tokenizer does not know the control token {token}.",
                where=str(self._tokenizer.name_or_path),
                remedy="Choose a model made for instructions and audio, complete with its tokenizer files.",
            )
        return ids[0]


def control_tokens(tokenizer: PreTrainedTokenizerBase) -> dict[int, str]:
    """Tokens that steer the model and never stand for text, by id."""
    added = {i: token.content for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    return added | dict(zip(tokenizer.all_special_ids, tokenizer.all_special_tokens, strict=True))


def control_pattern(tokens: Iterable[str]) -> re.Pattern[str]:
    """Finds these tokens spelled in a text; the longest where several begin at one place."""
    return re.compile("|".join(map(re.escape, sorted(tokens, key=len, reverse=True))))


def chat_template(templated: ProcessorMixin | PreTrainedTokenizerBase) -> Render:
    """Prompts by the chat template that came with the model: audio or text first, then the instruction."""

    def render(written: str | None, instruction: str) -> str:
        content = {"type": "audio", "audio": ""} if written is None else {"type": "text", "text": written}
        message: dict[str, Any] = {
            "role": "user",
            "content": [content, {"type": "text", "text": instruction}],
        }
        prompt: Any = templated.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
        return str(prompt)

    return render


def string_template(tokenizer: PreTrainedTokenizerBase, audio_token: str) -> Render:
    """Prompts by a chat template that takes a message as one string, with the placeholder spelled in it."""
    template = _SAME_DAY + tokenizer.get_chat_template()

    def render(written: str | None, instruction: str) -> str:
        content = audio_token + instruction if written is None else f"{written}\n{instruction}"
        prompt: Any = tokenizer.apply_chat_template(
            [{"role": "user", "content": content}],
            chat_template=template,
            tokenize=False,
            add_generation_prompt=True,
        )
        return str(prompt)

    return render


def between_marks(render: Render, audio_token: str, begin: str, end: str) -> Render:
    """Prompts by a template that writes only the placeholder, where the stock processor puts marks around the
    audio."""

    def marked(written: str | None, instruction: str) -> str:
        prompt = render(written, instruction)
        return prompt.replace(audio_token, begin + audio_token + end, 1) if written is None else prompt

    return marked
