"""Pseudo-audio: the text's own tokens, about as long as they would sound, some of them misheard."""

from __future__ import annotations

from itertools import groupby, pairwise
from random import Random

import pytest
from transformers import PreTrainedTokenizerFast

from core.models.family import LalmFamily
from core.models.pseudo_audio import SILENCE, PseudoAudio
from core.paths import RESOURCES

TEXT = "dim the living room lamp to ten percent"
LETTERS = len(TEXT.replace(" ", ""))


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """Teaspoon's, which knows silence."""
    return PreTrainedTokenizerFast.from_pretrained(RESOURCES / "teaspoon")


@pytest.fixture(scope="module")
def writer(tokenizer: PreTrainedTokenizerFast) -> PseudoAudio:
    return PseudoAudio(tokenizer, tokens_per_s=16)


def writings(writer: PseudoAudio, count: int = 400) -> list[list[int]]:
    return [writer.write(TEXT, Random(seed)) for seed in range(count)]


def ids_of(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def test_a_seed_always_gives_the_same_writing_and_another_seed_another(writer: PseudoAudio) -> None:
    assert writings(writer, 20) == writings(writer, 20)
    assert len({tuple(tokens) for tokens in writings(writer)}) == 400


def test_the_pieces_keep_their_order(writer: PseudoAudio, tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = ids_of(tokenizer, TEXT)
    places = {piece: place for place, piece in enumerate(pieces)}
    assert len(places) == len(pieces)
    for tokens in writings(writer):
        heard = [places[token] for token, _ in groupby(tokens) if token in places]
        wrong = sum(later < earlier for earlier, later in pairwise(heard))
        assert wrong <= 1  # a misheard piece may be another one of this very text


@pytest.mark.parametrize("rate", [16.0, 25.0])
def test_a_letter_is_as_long_as_at_an_ordinary_speaking_rate(
    tokenizer: PreTrainedTokenizerFast, rate: float
) -> None:
    silence = tokenizer.convert_tokens_to_ids(SILENCE)
    sounds = [
        sum(token != silence for token in tokens) for tokens in writings(PseudoAudio(tokenizer, rate), 1000)
    ]
    assert sum(sounds) / len(sounds) / LETTERS == pytest.approx(1.05 * rate / 13.9, rel=0.04)
    assert min(sounds) > 0.5 * LETTERS * rate / 13.9
    assert max(sounds) < 2.0 * LETTERS * rate / 13.9


def test_up_to_a_quarter_is_misheard_as_other_pieces_of_text(
    writer: PseudoAudio, tokenizer: PreTrainedTokenizerFast
) -> None:
    silence, own = tokenizer.convert_tokens_to_ids(SILENCE), set(ids_of(tokenizer, TEXT))
    wrong = [[t for t, _ in groupby(tokens) if t not in own and t != silence] for tokens in writings(writer)]
    assert 0.08 < sum(map(len, wrong)) / len(wrong) / len(own) < 0.17
    heard = {token for tokens in wrong for token in tokens}
    assert not heard & tokenizer.added_tokens_decoder.keys()
    assert not [name for name in tokenizer.convert_ids_to_tokens(sorted(heard)) if name.startswith("<0x")]


def test_silence_is_written_where_the_model_knows_it(
    writer: PseudoAudio, tokenizer: PreTrainedTokenizerFast
) -> None:
    assert writer.is_known
    silence = tokenizer.convert_tokens_to_ids(SILENCE)
    quiet = [tokens.count(silence) for tokens in writings(writer)]
    assert 6 < sum(quiet) / len(quiet) < 9
    assert any(tokens[0] == silence for tokens in writings(writer))


def test_a_model_without_silence_gets_none(family: LalmFamily) -> None:
    writer = PseudoAudio(family.tokenizer, tokens_per_s=25)
    assert not writer.is_known
    tokens = writer.write("play some jazz", Random(3))
    assert tokens
    assert not set(tokens) & set(family.tokenizer.all_special_ids)


@pytest.mark.parametrize("mark", ["\u2581", "\u0120"], ids=["sentencepiece", "bytes"])
def test_letters_are_counted_without_the_mark_of_a_word(
    tokenizer: PreTrainedTokenizerFast, family: LalmFamily, mark: str
) -> None:
    marking = tokenizer if mark == "\u2581" else family.tokenizer
    marked = {piece: id_ for piece, id_ in marking.get_vocab().items() if piece[0] == mark}
    assert len(marked) > 10
    counts = PseudoAudio(marking, tokens_per_s=16).letters(list(marked.values()))
    assert counts == [max(1, len(piece) - 1) for piece in marked]
