"""Sentences: reproducible, and labelled with exactly the words they contain."""

from __future__ import annotations

import re
from random import Random

import pytest

from core.data.targets import parse_target, target_text
from core.data.utterance import Label, Slot
from core.teaspoon.corpus import Text, corpus_texts, demo_texts
from core.teaspoon.demo import demo_sentences
from core.teaspoon.demo_grammar import DEMO
from core.teaspoon.domains import DOMAINS
from core.teaspoon.free_text import FREE
from core.teaspoon.grammar import Domain
from core.teaspoon.tasks import Tasks


@pytest.fixture(scope="module")
def corpus() -> list[Text]:
    texts = corpus_texts(Random(1), demo_texts())
    return [next(texts) for _ in range(20_000)]


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
    for seed in range(3):
        for style in Tasks(seed)._styles:
            assert not set(style.intents.values()) & set(DEMO.intents)


def test_no_pretraining_sentence_is_one_the_demo_could_say(corpus: list[Text]) -> None:
    said = re.compile(
        "|".join(_pattern(template) for templates in DEMO.intents.values() for template in templates)
    )
    assert all(said.fullmatch(sentence.text) for sentence in demo_sentences(200))
    assert [text.text for text in corpus if said.fullmatch(text.text)] == []


def _pattern(template: str) -> str:
    """A regular expression for everything a demo template can say, and a little more."""
    pattern = re.sub(r"\{(\w+)\}", lambda slot: _filler(slot[1]), template)
    pattern = re.sub(r"\((?!\?:)", "(?:", pattern).replace("[", "(?:").replace("]", ")?")
    return r"\s*" + pattern.replace(" ", r"\s*") + r"\s*"


def _filler(slot: str) -> str:
    values = DEMO.values[slot]
    if callable(values):
        return "(?:.+ (?:degrees|percent))" if slot in {"degrees", "percent"} else ".+"
    return f"(?:{'|'.join(values)})"


def test_the_pretraining_is_made_of_many_domains_said_in_many_ways() -> None:
    names = [domain.name for domain in DOMAINS]
    intents = [intent for domain in DOMAINS for intent in domain.intents]
    assert len(set(names)) == len(names) >= 36
    assert len(set(intents)) == len(intents) >= 180
    for domain in DOMAINS:
        assert len(domain.intents) >= 5
        assert all(len(set(templates)) >= 4 for templates in domain.intents.values())


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_every_template_makes_labels_that_can_be_read_back(domain: Domain) -> None:
    rng = Random(7)
    for intent, templates in domain.intents.items():
        for template in templates:
            for _ in range(5):
                sentence = Domain(domain.name, {intent: (template,)}, domain.values).sample(rng)
                slots = tuple(Slot(slot, filler) for slot, filler in sentence.slots)
                assert all(slot.filler and slot.filler == slot.filler.strip() for slot in slots)
                label = Label(intent.replace(" ", "_"), slots)
                assert parse_target(target_text(label)) == label


def test_the_pretraining_says_many_words_and_all_can_be_written(corpus: list[Text]) -> None:
    words = {word for text in corpus for word in text.text.split()}
    assert len(words) >= 3_300
    assert all(re.fullmatch("[a-z']+", word) for word in words)


def test_the_pretraining_says_short_and_long_sentences_with_few_and_many_slots(corpus: list[Text]) -> None:
    lengths = [len(text.text.split()) for text in corpus]
    assert sum(length <= 2 for length in lengths) > 0.03 * len(corpus)
    assert sum(length >= 15 for length in lengths) > 0.05 * len(corpus)
    slots = [len(text.slots) for text in corpus if text.domain]
    assert sum(count >= 3 for count in slots) > 0.25 * len(slots)


def test_no_sentence_has_two_labels(corpus: list[Text]) -> None:
    labels: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
    for text in corpus:
        if text.domain:
            assert labels.setdefault(text.text, (text.intent, text.slots)) == (text.intent, text.slots)


def test_coffee_is_not_ordered_in_the_pretraining(corpus: list[Text]) -> None:
    """An order benchmark serves to judge the model on people's voices: it must not meet that task before."""
    assert [
        t.text for t in corpus if t.domain and {"espresso", "latte", "cappuccino"} & set(t.text.split())
    ] == []
