"""Pseudo-audio: a text written the way a recording of it looks to the language model, with no sound at all.

Between the audio marks each text token stands about as long as it would sound; some are misheard, and here
and there is silence. A base model that met this form in its pre-training (Teaspoon did) learns from it what
else only recordings could teach. Pre-training and fine-tuning write it with the same code.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SILENCE: Final = "<|silence|>"
"""The token of an audio position without speech; only a model that was taught pseudo-audio has it."""

UNFAMILIAR: Final = (
    "This base model may not know text written as pseudo-audio: compare the run with one of plain text-only."
)

_LETTERS_PER_S: Final = 13.9
"""At an ordinary speaking rate, the spaces between words not counted."""

_MISHEARD: Final = 0.255
"""At most this part of a text's tokens is another one, as an encoder's mistakes would have it."""


class PseudoAudio:
    """Writes pseudo-audio for one tokenizer and a tower that gives `tokens_per_s` positions a second."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, tokens_per_s: float) -> None:
        self._tokenizer = tokenizer
        self._per_letter = tokens_per_s / _LETTERS_PER_S
        vocabulary = tokenizer.get_vocab()
        added = tokenizer.added_tokens_decoder
        self._silence = vocabulary.get(SILENCE)
        # What can be heard by mistake: pieces of text, but neither control tokens nor single bytes.
        self._words = sorted(
            id_ for piece, id_ in vocabulary.items() if id_ not in added and not piece.startswith("<0x")
        )
        self._letters: dict[int, int] = {}

    @property
    def is_known(self) -> bool:
        """Whether the model met this form before; its tokenizer tells by the token for silence."""
        return self._silence is not None

    def write(self, text: str, rng: Random) -> list[int]:
        """The tokens to stand where a recording's audio tokens would; other ones with each state of `rng`."""
        pieces: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        misheard, tempo = rng.uniform(0.0, _MISHEARD), rng.uniform(0.75, 1.35)
        tokens = self._pause(rng.randint(0, 6))
        for piece, letters in zip(pieces, self.letters(pieces), strict=True):
            length = max(1, round(letters * self._per_letter * tempo * rng.uniform(0.7, 1.3)))
            heard = rng.choice(self._words) if rng.random() < misheard else piece
            tokens += [heard] * length
            if rng.random() < 0.04:
                tokens += self._pause(rng.randint(1, 4))
        return tokens + self._pause(rng.randint(0, 6))

    def letters(self, ids: list[int]) -> list[int]:
        """How many letters each token spells, the space before a word aside; at least 1."""
        for id_ in set(ids) - self._letters.keys():
            self._letters[id_] = max(1, len(str(self._tokenizer.decode([id_])).strip()))
        return [self._letters[id_] for id_ in ids]

    def _pause(self, length: int) -> list[int]:
        return [] if self._silence is None else [self._silence] * length
