"""Sentences: reproducible, and labelled with exactly the words they contain."""

from __future__ import annotations

from random import Random

import pytest

from core.teaspoon.corpus import corpus_texts
from core.teaspoon.demo import demo_sentences
from core.teaspoon.demo_grammar import DEMO
from core.teaspoon.domains import DOMAINS
from core.teaspoon.free_text import FREE
from core.teaspoon.grammar import Domain


@pytest.mark.parametrize("domain", [DEMO, FREE, *DOMAINS], ids=lambda domain: domain.name)
def test_every_filler_stands_in_its_sentence(domain: Domain) -> None:
    rng = Random(5)
    for intent in domain.intents:
        for _ in range(20):
            sentence = domain.sample(rng, intent)
            at = 0
            for _, filler in sentence.slots:
                at = sentence.text.index(filler, at) + len(filler)


def test_a_seed_fixes_the_demo_sentences() -> None:
    assert demo_sentences(50, seed=3) == demo_sentences(50, seed=3)
    assert demo_sentences(50, seed=3) != demo_sentences(50, seed=4)


def test_demo_sentences_are_all_different() -> None:
    texts = [sentence.text for sentence in demo_sentences(400)]
    assert len(set(texts)) == len(texts)


def test_choices_options_and_renamed_slots() -> None:
    domain = Domain("d", {"go": ("(from|out of) {origin:city} [to {~city}]",)}, {"city": ("rome",)})
    seen = {domain.sample(Random(seed)).text for seed in range(40)}
    assert seen == {"from rome", "out of rome", "from rome to rome", "out of rome to rome"}
    assert domain.sample(Random(0)).slots == (("origin", "rome"),)


def test_an_unbalanced_template_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        Domain("d", {"go": ("turn [on",)}, {}).sample(Random(0))


def test_pretraining_never_says_a_forbidden_sentence() -> None:
    texts = corpus_texts(Random(9), frozenset())
    said = sorted({next(texts).text for _ in range(300)})
    forbidden = frozenset(said[::2])
    again = corpus_texts(Random(9), forbidden)
    assert not forbidden & {next(again).text for _ in range(300)}


def test_demo_labels_are_no_pretraining_labels() -> None:
    pretrained = {intent.replace(" ", "_") for domain in DOMAINS for intent in domain.intents}
    assert not pretrained & set(DEMO.intents)
