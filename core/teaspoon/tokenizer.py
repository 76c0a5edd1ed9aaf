"""The tokenizer and chat template of the embedded model.

A small BPE with three properties the model needs:
- A word has the same pieces wherever it stands: every word carries a leading mark, also at the start of a
  text or filler, where no space stands; the decoder takes that mark away again.
- Each fixed segment of the JSON target is one token.
- Capitals are written as a mark and the small letter, so "Turn" and "turn" share their pieces, and decoding
  still gives back exactly what was encoded.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2AudioProcessor

from core.data.targets import SKELETON
from core.models.pseudo_audio import SILENCE
from core.teaspoon.features import feature_extractor

SIZE = 768
PAD, START, END = "<|pad|>", "<|im_start|>", "<|im_end|>"
AUDIO, AUDIO_START, AUDIO_END = "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>"
SPECIAL = (PAD, START, END, AUDIO, AUDIO_START, AUDIO_END, SILENCE)

_WORD = "\u2581"
_CAPITAL = "\ue000"

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{% if not loop.first %}{{ '\\n' }}{% endif %}"
    "{% if part['type'] == 'audio' %}{{ '<|audio_bos|><|AUDIO|><|audio_eos|>' }}"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{{ '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def _normalizer() -> normalizers.Normalizer:
    capitals = [normalizers.Replace(letter, _CAPITAL + letter.lower()) for letter in string.ascii_uppercase]
    return normalizers.Sequence(
        [
            *capitals,
            normalizers.Replace(" ", _WORD),
            normalizers.Replace("\n", "\n" + _WORD),
            normalizers.Prepend(_WORD),
            normalizers.Replace(_WORD + _CAPITAL, _CAPITAL + _WORD),
        ]
    )


def _decoder() -> decoders.Decoder:
    capitals = [decoders.Replace(_CAPITAL + letter.lower(), letter) for letter in string.ascii_uppercase]
    return decoders.Sequence(
        [
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Replace(_CAPITAL + _WORD, _WORD + _CAPITAL),
            *capitals,
            # A mark at the start, behind a line break, or behind a skeleton segment's open quote is no space.
            decoders.Replace(Regex(rf'(?:^|(?<=\n)|(?<=": ")|(?<=\{{")|(?<=>)){_WORD}'), ""),
            decoders.Replace(_WORD, " "),
        ]
    )


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer of about `SIZE` pieces + 256 bytes, learned from `texts`."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=None))
    tokenizer.normalizer = _normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(rf"{_CAPITAL}|{_WORD}?[\p{{L}}']+|{_WORD}?[^\p{{L}}'{_WORD}{_CAPITAL}\n]|{_WORD}|\n"),
        "isolated",
    )
    tokenizer.decoder = _decoder()
    bytes_ = [f"<0x{value:02X}>" for value in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE + 256 + len(SPECIAL),
        special_tokens=[*SPECIAL, *bytes_],
        initial_alphabet=[*map(chr, range(33, 127)), _WORD, _CAPITAL, "\n"],
        limit_alphabet=200,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer = _with_plain_bytes(tokenizer, set(bytes_))
    tokenizer.add_tokens([AddedToken(segment, normalized=False, special=False) for segment in SKELETON])
    make: Any = PreTrainedTokenizerFast
    wrapped: PreTrainedTokenizerFast = make(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[START, AUDIO, AUDIO_START, AUDIO_END, SILENCE],
        clean_up_tokenization_spaces=False,
        padding_side="left",
        model_max_length=1024,
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def _with_plain_bytes(tokenizer: Tokenizer, bytes_: set[str]) -> Tokenizer:
    """The trainer knows only special extra tokens; byte tokens must be plain, or decoding would skip them."""
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] not in bytes_]
    return Tokenizer.from_str(json.dumps(state))


def token_ids(tokenizer: PreTrainedTokenizerFast, *tokens: str) -> list[int]:
    """The ids of single tokens."""
    ids = tokenizer.convert_tokens_to_ids(list(tokens))
    return [ids] if isinstance(ids, int) else ids


def save_processor(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write tokenizer, feature extractor and chat template as a stock Qwen2AudioProcessor."""
    make: Any = Qwen2AudioProcessor
    processor: Qwen2AudioProcessor = make(feature_extractor(), tokenizer, chat_template=CHAT_TEMPLATE)
    processor.save_pretrained(folder)
    # The processor file holds it too; this one is what `AutoFeatureExtractor` reads.
    feature_extractor().save_pretrained(folder)
