from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.data.utterance import Label, Slot
from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.scores import NO_LABEL, IntentScore, confusions, score_answers
from tests.core.evaluation.batch.conftest import Said, item


def answered(intent: str | None, said: Label | None, **more: object) -> BatchAnswer:
    return BatchAnswer(item("x", intent, **more), Said(said))


def test_only_what_has_a_label_and_an_answer_is_scored() -> None:
    rows = [
        answered("on", Label("on")),
        answered("on", Label("off"), synthetic="flite"),
        answered("on", Label("on", (Slot("room", "attic"),))),
        answered("off", None),
        answered(None, Label("on")),
        BatchAnswer(item("y", "on"), error=UserError("It cannot be read.")),
        BatchAnswer(item("z"), silent=("No speech heard", "")),
    ]
    scores = score_answers(rows)
    assert scores is not None
    assert (scores.n, scores.synthetic) == (4, 1)
    assert scores.scores["exact_match"].value == pytest.approx(1 / 4)
    assert scores.scores["intent_accuracy"].value == pytest.approx(2 / 4)
    assert scores.scores["slot_f1"].value == 0
    assert scores.intents == (IntentScore("off", 1, 0, 0), IntentScore("on", 3, 2, 1))
    assert sorted(scores.confusions.wrong) == [("off", NO_LABEL, 1), ("on", "off", 1)]


def test_without_a_label_there_is_no_score() -> None:
    assert score_answers([answered(None, Label("on"))]) is None
    assert score_answers([]) is None


def test_counts_stand_at_their_intents() -> None:
    found = confusions([("on", "on"), ("on", "on"), ("on", "off"), ("dim", NO_LABEL), ("off", "off")])
    assert set(found.intents) == {"on", "off", "dim"}
    assert found.answered == (*found.intents, NO_LABEL)
    assert found.counts.shape == (3, 4)
    at = {name: number for number, name in enumerate(found.answered)}
    assert found.counts[at["on"], at["on"]] == 2
    assert found.counts[at["on"], at["off"]] == 1
    assert found.counts[at["off"], at["on"]] == 0
    assert found.counts[at["dim"], at[NO_LABEL]] == 1
    assert found.counts.sum() == 5


def test_what_is_confused_stands_side_by_side() -> None:
    chain = ["e", "b", "h", "c", "a"]
    pairs = [(one, other) for one, other in pairwise(chain) for _ in range(5)]
    pairs += [(name, name) for name in "abcdefgh"]
    pairs += [("d", "g")]
    intents = confusions(pairs).intents
    at = {name: number for number, name in enumerate(intents)}
    assert all(abs(at[one] - at[other]) == 1 for one, other in pairs if one != other)
    assert intents[-1] == "f"  # never confused: behind all that are
    assert confusions(list(reversed(pairs))).intents == intents


def test_many_intents_are_ordered_the_same_each_time() -> None:
    rng = np.random.default_rng(17)
    pairs = [(f"intent_{a}", f"intent_{b}") for a, b in rng.integers(0, 150, (4_000, 2))]
    found = confusions(pairs)
    assert found.intents == confusions(pairs).intents
    assert found.counts.sum() == 4_000
    assert sum(count for _, _, count in found.wrong) == 4_000 - np.trace(found.counts)
