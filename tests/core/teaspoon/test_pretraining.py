"""Pieces of the pretraining: what a frame is asked, what a question looks like."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from core.data.targets import parse_target
from core.paths import RESOURCES
from core.teaspoon.corpus import Text
from core.teaspoon.domains import DOMAINS
from core.teaspoon.prompts import Prompts
from core.teaspoon.spoken_corpus import batches, collate, load
from core.teaspoon.tasks import Tasks
from core.teaspoon.training import Phase


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return Prompts(PreTrainedTokenizerFast.from_pretrained(RESOURCES / "teaspoon"))


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """Two utterances, "go home" of 0.5 s and of 1 s, written the way synthesis writes them."""
    rows = []
    for frames in (32, 64):
        half = frames // 2
        rows.append(
            {
                "text": "go home",
                "domain": "",
                "intent": "",
                "slots": [],
                "voice": "v",
                "words": [(0, 3, 0.0, half), (3, 7, half, frames)],
                "phones": [("espeak g", 0.0), ("espeak h", half)],
            }
        )
    with (tmp_path / "train-000.npz").open("wb") as out:
        np.savez(
            out,
            features=np.zeros((32 + 64 + 6, 80), np.float16),
            lengths=np.array([35, 67]),
            rows=np.array([json.dumps(row) for row in rows]),
        )
    return tmp_path


def test_every_frame_is_asked_for_the_piece_spoken_in_it(shard: Path, prompts: Prompts) -> None:
    phones: list[str] = []
    short, long = load(shard, "train", prompts, phones)
    go, home = prompts.encode("go"), prompts.encode("home")
    assert set(long.pieces[:8]) == set(go)
    assert set(long.pieces[8:]) == set(home)
    assert len(short.pieces) == 8
    assert len(long.pieces) == 16
    assert len(long.ends) == len(go) + len(home)
    assert long.ends[-1] == 15
    assert phones == ["espeak g", "espeak h"]
    assert list(long.phones[:16]) == [0] * 16


def test_a_batch_pads_without_inventing_targets(shard: Path, prompts: Prompts) -> None:
    items = load(shard, "train", prompts, [])
    (group,) = batches(items, 32, Random(0))
    batch = collate(group)
    assert sorted(batch.frames.tolist()) == [32, 64]
    assert int((batch.pieces != -100).sum()) == 8 + 16
    assert int((batch.phones != -100).sum()) == 16 + 32


def test_pseudo_audio_keeps_the_order_of_the_pieces(prompts: Prompts) -> None:
    rng = Random(3)
    pieces = prompts.encode("dim the living room")
    for _ in range(20):
        tokens = prompts.pseudo_audio("dim the living room", rng)
        heard = [t for t in dict.fromkeys(tokens) if t in pieces]
        assert [pieces.index(t) for t in heard] == sorted(pieces.index(t) for t in heard)


def test_label_questions_are_answered_in_the_targets_form() -> None:
    rng, tasks, seen = Random(1), Tasks(), set()
    for domain in DOMAINS:
        for _ in range(20):
            sentence = domain.sample(rng)
            question = tasks.ask(Text(sentence.text, domain.name, sentence.intent, sentence.slots), rng)
            if question.answer[0].startswith("{"):
                label = parse_target("".join(question.answer))
                assert label is not None
                assert {slot.filler for slot in label.slots} <= {filler for _, filler in sentence.slots}
                seen.add(question.instruction)
    assert len(seen) > 5


def test_a_phase_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    def phase(model: nn.Module) -> Phase:
        return Phase("p", tmp_path, model, minutes=10.0, rate=0.1, warmup=1)

    first = nn.Linear(2, 1)
    training = phase(first)
    for _ in range(3):
        training.update(first(torch.ones(1, 2)).sum() ** 2, {"loss": 1.0})
    training.save()
    second = nn.Linear(2, 1)
    resumed = phase(second)
    assert resumed.step == 3
    assert resumed.spent == pytest.approx(training.spent)
    assert torch.equal(second.weight, first.weight)
