"""Token sequences of pretraining questions, in the three ways a question can be put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from core.models.pseudo_audio import SILENCE, PseudoAudio
from core.teaspoon.tasks import Question
from core.teaspoon.tokenizer import AUDIO, AUDIO_END, AUDIO_START, END, PAD, START, token_ids

_TOKENS_PER_S = 16
"""Audio tokens a second: four frames each."""


@dataclass(frozen=True)
class Prompt:
    """A question in tokens: ids up to where the answer starts, and where the content starts in them."""

    ids: list[int]
    content_at: int


@dataclass(frozen=True)
class Batch:
    """Right-padded sequences. ids: [batch, time]; mask: true positions; answer: [batch, time], true where
    the next token is one of the answer's; targets: the answers' tokens in row order."""

    ids: Tensor
    mask: Tensor
    answer: Tensor
    targets: Tensor


class Prompts:
    """Tokenises with a cache: instructions and answer segments repeat all the time."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.tokenizer = tokenizer
        self.pad, self.end, self.audio, self.silence = token_ids(tokenizer, PAD, END, AUDIO, SILENCE)
        self._pseudo_audio = PseudoAudio(tokenizer, _TOKENS_PER_S)
        self._known: dict[str, list[int]] = {}
        # "user\n" leaves a word mark behind, which belongs to the text that follows.
        self._text_at = len(self.encode(f"{START}user\n")) - 1

    def encode(self, text: str) -> list[int]:
        """The tokens of one piece of text, as the tokenizer gives them for it alone."""
        ids = self._known.get(text)
        if ids is None:
            ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
            if len(text) < 80:
                self._known[text] = ids
        return ids

    def as_text(self, text: str, instruction: str) -> Prompt:
        ids = self.tokenizer(
            f"{START}user\n{text}\n{instruction}{END}\n{START}assistant\n", add_special_tokens=False
        )["input_ids"]
        return Prompt(ids, self._text_at)

    def as_audio(self, tokens: Sequence[int], instruction: str) -> Prompt:
        """`tokens` between the audio marks: placeholders for real audio, pieces for pseudo-audio."""
        head = self.encode(f"{START}user\n{AUDIO_START}")
        tail = self.encode(f"{AUDIO_END}\n{instruction}{END}\n{START}assistant\n")
        return Prompt([*head, *tokens, *tail], len(head))

    def letters(self, ids: list[int]) -> list[int]:
        """How many letters each token spells, its word mark aside; at least 1."""
        return self._pseudo_audio.letters(ids)

    def pseudo_audio(self, text: str, rng: Random) -> list[int]:
        """`text` written the way audio tokens look, the same in pretraining as in fine-tuning."""
        return self._pseudo_audio.write(text, rng)

    def batch(self, prompts: Sequence[Prompt], questions: Sequence[Question]) -> Batch:
        """Prompts with their answers behind them."""
        answers = [[t for s in q.answer for t in self.encode(s)] + [self.end] for q in questions]
        longest = max(len(p.ids) + len(a) for p, a in zip(prompts, answers, strict=True))
        ids = torch.full((len(prompts), longest), self.pad)
        mask = torch.zeros(len(prompts), longest, dtype=torch.bool)
        answer = torch.zeros(len(prompts), longest, dtype=torch.bool)
        for row, (prompt, tail) in enumerate(zip(prompts, answers, strict=True)):
            whole = prompt.ids + tail
            ids[row, : len(whole)] = torch.tensor(whole)
            mask[row, : len(whole)] = True
            answer[row, len(prompt.ids) - 1 : len(whole) - 1] = True
        return Batch(ids, mask, answer, torch.tensor([token for tail in answers for token in tail]))
