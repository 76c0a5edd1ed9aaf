from __future__ import annotations

import pytest

from core.data.utterance import Label, Utterance
from core.errors import UserError
from core.evaluation.hearing import exchange_audio


def _utterances(intents: str) -> list[Utterance]:
    return [
        Utterance(index, "d", f"u{index}", "test", Label(intent), text=intent)
        for index, intent in enumerate(intents)
    ]


@pytest.mark.parametrize("intents", ["aabbcc", "abcabcabcaa", "ab", "aaabbbab", "abcdefgh"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_everybody_gets_one_audio_of_another_intent(intents: str, seed: int) -> None:
    utterances = _utterances(intents)
    givers = exchange_audio(utterances, seed)
    assert sorted(giver.id for giver in givers) == [utterance.id for utterance in utterances]
    assert all(
        giver.label.intent != utterance.label.intent
        for giver, utterance in zip(givers, utterances, strict=True)
    )


@pytest.mark.parametrize("intents", ["aaaab", "aaa", "aaab"])
def test_nobody_keeps_the_own_audio_even_where_one_intent_prevails(intents: str) -> None:
    utterances = _utterances(intents)
    givers = exchange_audio(utterances)
    assert sorted(giver.id for giver in givers) == [utterance.id for utterance in utterances]
    assert all(giver.id != utterance.id for giver, utterance in zip(givers, utterances, strict=True))


def test_the_seed_decides() -> None:
    utterances = _utterances("abcdefghij" * 3)
    assert exchange_audio(utterances, 1) == exchange_audio(utterances, 1)
    assert exchange_audio(utterances, 1) != exchange_audio(utterances, 2)


def test_one_utterance_alone_cannot_be_exchanged() -> None:
    with pytest.raises(UserError, match="at least two"):
        exchange_audio(_utterances("a"))
