"""Constrained answers: always of the grammar, scored exactly, the same alone and in a batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.data.targets import OPEN_INTENT, parse_target, target_text
from core.data.utterance import Ontology
from core.errors import UserError
from core.inference.decoding import MAX_FILLER_TOKENS, MAX_SLOTS
from core.inference.grammar import LabelGrammar
from core.inference.predictor import Predictor
from core.models.family import LalmFamily, ModelInput, Samples
from tests.core.models.fixtures import ONTOLOGY, load_tiny

Noise = Callable[[int], Samples]
TEXTS = ["set an alarm", "play some jazz in the living room", "turn on", "lights", "eight o'clock please"]


@pytest.fixture(params=["tiny_model", "tiny_model_of_pieces"])
def either_family(request: pytest.FixtureRequest) -> LalmFamily:
    """With JSON pieces that are one token each, and with pieces of several tokens."""
    return load_tiny(request.getfixturevalue(request.param))


def test_every_answer_is_a_label_of_the_ontology(either_family: LalmFamily, noise: Noise) -> None:
    predictor = Predictor(either_family, ONTOLOGY)
    for answer in predictor.predict([*TEXTS, noise(20_000), noise(33_000)]):
        assert answer.label is not None
        assert parse_target(answer.raw) == answer.label
        assert answer.label.intent in ONTOLOGY.intents
        assert {slot.type for slot in answer.label.slots} <= set(ONTOLOGY.slot_types)
        assert len(answer.label.slots) == len(answer.slot_confidence) <= MAX_SLOTS
        assert all(0 < confidence <= 1 for confidence in answer.slot_confidence)
        for slot in answer.label.slots:
            assert len(either_family.tokenize(slot.filler)) <= 4 * MAX_FILLER_TOKENS


def test_an_answer_does_not_depend_on_its_batch(either_family: LalmFamily, noise: Noise) -> None:
    predictor = Predictor(either_family, ONTOLOGY)
    items = [noise(9_000), *TEXTS, noise(70_000), noise(20_000)]
    for together, item in zip(predictor.predict(items), items, strict=True):
        (alone,) = predictor.predict([item])
        assert together.label == alone.label
        assert together.confidence == pytest.approx(alone.confidence, abs=1e-5)
        assert together.slot_confidence == pytest.approx(alone.slot_confidence, abs=1e-4)


@torch.no_grad()
def probability_by_walking(family: LalmFamily, text: str, intent: str) -> float:
    """The intent's probability from one plain forward pass over its tokens, rivals renormalised by hand."""
    grammar = LabelGrammar(ONTOLOGY, family.tokenize, family.tokenizer)
    follow = list(grammar.after_intent.children)
    spellings = {name: family.tokenize(name) for name in ONTOLOGY.intents}
    prompt = family.collate([ModelInput(text=text)]).input_ids[0].tolist() + family.tokenize(OPEN_INTENT)
    tokens = torch.tensor([prompt + spellings[intent]])
    hidden = family.hidden(
        tokens,
        attention_mask=torch.ones_like(tokens, dtype=torch.bool),
        positions=torch.arange(tokens.shape[1])[None],
    )
    logits = family.logits(hidden[0, len(prompt) - 1 :]).double()
    probability = 1.0
    for depth in range(len(spellings[intent]) + 1):
        before = spellings[intent][:depth]
        rivals = {
            spelling[depth]
            for spelling in spellings.values()
            if spelling[:depth] == before and len(spelling) > depth
        }
        ends = set(follow) if before in spellings.values() else set()
        weights = {token: math.exp(logits[depth, token]) for token in rivals | ends}
        wanted = ends if depth == len(spellings[intent]) else {spellings[intent][depth]}
        probability *= sum(weights[token] for token in wanted) / sum(weights.values())
    return probability


@pytest.mark.parametrize("text", TEXTS[:3])
def test_intent_probabilities_are_exact(either_family: LalmFamily, text: str) -> None:
    (answer,) = Predictor(either_family, ONTOLOGY).predict([text])
    expected = {intent: probability_by_walking(either_family, text, intent) for intent in ONTOLOGY.intents}
    assert sum(expected.values()) == pytest.approx(1)
    assert answer.label is not None
    assert answer.label.intent == max(expected, key=expected.__getitem__)
    found = {answer.label.intent: answer.confidence, **dict(answer.runner_up)}
    assert found == pytest.approx(expected, abs=1e-5)


def test_forced_tokens_cost_no_passes_of_their_own(
    family: LalmFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    original = family.hidden

    def counting(*args: object, **kwargs: object) -> torch.Tensor:
        passes.append(1)
        return original(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(family, "hidden", counting)
    (answer,) = Predictor(family, Ontology(("alarm_set", "lights_on"), ())).predict(["set an alarm"])
    assert answer.label is not None
    assert answer.label.slots == ()
    # The prompt with the opening, then all intents at once; whatever comes after is forced.
    assert len(passes) == 2


def test_one_intent_is_certain(family: LalmFamily) -> None:
    (answer,) = Predictor(family, Ontology(("alarm_set",), ("time",))).predict(["lights"])
    assert answer.confidence == pytest.approx(1)
    assert answer.runner_up == ()


def test_names_with_quotes_and_other_scripts_come_back_whole(family: LalmFamily) -> None:
    odd = Ontology(('say "hi"', "licht_an", "开灯"), ("größe\\", 'a"b'))
    for answer in Predictor(family, odd).predict(TEXTS):
        assert answer.label is not None
        assert answer.label.intent in odd.intents
        assert {slot.type for slot in answer.label.slots} <= set(odd.slot_types)
        assert answer.raw == target_text(answer.label)


def test_without_intents_there_is_nothing_to_answer(family: LalmFamily) -> None:
    with pytest.raises(UserError, match="no intents"):
        Predictor(family, Ontology((), ("time",)))


def test_a_free_answer_is_what_greedy_generation_of_the_stock_model_says(
    family: LalmFamily, tiny_model: Path
) -> None:
    predictor = Predictor(family, ONTOLOGY)
    answers = predictor.predict(TEXTS, constrained=False)
    for answer, text in zip(answers, TEXTS, strict=True):
        prompt = family.collate([ModelInput(text=text)]).input_ids
        stock = family.model.generate(  # type: ignore[operator]
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=40,
            do_sample=False,
            eos_token_id=family.end_id,
            pad_token_id=family.end_id,
        )
        said = family.tokenizer.decode(stock[0, prompt.shape[1] :], skip_special_tokens=True)
        assert answer.raw.startswith(said)
        assert answer.label == parse_target(answer.raw)
