"""Which texts are spoken and by whom: fair to every intent, nested, and in the right language."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.synthesis.choosing import SpeechPlan, choose
from core.data.synthesis.voice import Voice
from core.data.utterance import Label, Split, Utterance
from core.errors import UserError

GB = Voice("espeak-ng", "en-gb", ("en-gb", "en"), "", "gmw/en")
US = Voice("flite", "slt", ("en-us", "en"), "", "slt")
FR = Voice("espeak-ng", "fr-fr", ("fr-fr", "fr"), "", "roa/fr")
PLAN = SpeechPlan("orders", (GB, US))


def text(number: int, *, intent: str = "a", language: str = "en", split: Split = "train") -> Utterance:
    return Utterance(
        number, "orders", f"k{number}", split, Label(intent), f"text {number}", language=language
    )


TEXTS = [text(n, intent="often" if n % 10 else f"rare {n // 10}") for n in range(200)]


def test_a_share_covers_the_intents_and_a_larger_one_holds_the_smaller() -> None:
    chosen = {share: choose(TEXTS, replace(PLAN, share=share)) for share in (0.15, 0.3, 1.0)}
    assert [len(found) for found in chosen.values()] == [30, 60, 200]
    assert len({each.utterance.label.intent for each in chosen[0.15]}) == 21
    # Nested with all that belongs to it: also the voice does not change with the number.
    assert set(chosen[0.15]) < set(chosen[0.3]) < set(chosen[1.0])
    assert [each.utterance for each in chosen[1.0]] == TEXTS
    assert chosen[0.15] == choose(TEXTS, replace(PLAN, count=30))
    assert chosen[0.15] != choose(TEXTS, replace(PLAN, count=30, seed=3))
    assert len(choose(TEXTS, replace(PLAN, count=1000))) == 200
    assert len(choose(TEXTS[:3], replace(PLAN, share=0.01))) == 1


def test_voices_share_the_texts_of_every_intent() -> None:
    halves = [text(n, intent=f"{n % 2}") for n in range(200)]
    count = Counter((each.voice, each.utterance.label.intent) for each in choose(halves, PLAN))
    assert len(count) == 4
    assert min(count.values()) > 25


def test_the_pace_varies_only_when_asked_for() -> None:
    assert {each.pace for each in choose(TEXTS, PLAN)} == {1.0}
    paces = [each.pace for each in choose(TEXTS, replace(PLAN, vary_pace=True))]
    assert len(set(paces)) == 200
    assert 0.85 <= min(paces) < 0.9
    assert 1.1 < max(paces) <= 1.15


def test_each_language_gets_the_voices_that_speak_it() -> None:
    mixed = [text(n, language=("en-US", "fr-FR")[n % 2]) for n in range(40)]
    found = choose(mixed, replace(PLAN, voices=(GB, US, FR)))
    assert {each.voice for each in found if each.utterance.language == "en-US"} == {GB, US}
    assert {each.voice for each in found if each.utterance.language == "fr-FR"} == {FR}


def test_texts_with_a_recording_are_passed_over() -> None:
    spoken = replace(TEXTS[0], audio=Path("/a.wav"))
    mute = replace(TEXTS[1], text=None, audio=Path("/b.wav"))
    assert [each.utterance for each in choose([spoken, mute, TEXTS[2]], PLAN)] == [TEXTS[2]]


@pytest.mark.parametrize(
    ("plan", "texts", "words"),
    [
        (replace(PLAN, voices=()), TEXTS, "No voice is chosen"),
        (replace(PLAN, count=0), TEXTS, "0 recordings"),
        (replace(PLAN, share=0.0), TEXTS, "0 is no share"),
        (replace(PLAN, share=1.5), TEXTS, "1.5 is no share"),
        (PLAN, [], "no text without a recording"),
        (
            replace(PLAN, voices=(FR,)),
            TEXTS,
            "No chosen voice speaks en: espeak-ng: fr-fr would read 200 texts",
        ),
        (replace(PLAN, voices=(GB, FR)), TEXTS, "espeak-ng: fr-fr speaks fr-fr, but the texts are in en"),
        (PLAN, [text(1), text(2, language="fr-FR")], "No chosen voice speaks fr-FR"),
        (replace(PLAN, voices=(GB, FR)), [text(1, language="")], "speak several: en, fr"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_in_words(
    plan: SpeechPlan, texts: list[Utterance], words: str
) -> None:
    with pytest.raises(UserError, match=r"\w") as raised:
        choose(texts, plan)
    assert words in raised.value.what
    assert raised.value.remedy
