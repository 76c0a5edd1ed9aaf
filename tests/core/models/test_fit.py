"""Does it fit? Told before anything is downloaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.experiment.computer import Computer
from core.models.fit import refuse_too_large, smallest_quantization, tuning_verdict
from tests.core.training.world import experiment

BILLION = 1_000_000_000
LAPTOP = Computer(memory=16 * BILLION, free_memory=12 * BILLION)
WITH_CARD = Computer(32 * BILLION, 30 * BILLION, card_memory=24 * BILLION, free_card_memory=23 * BILLION)


def test_a_card_decides_where_there_is_one_and_holds_twice_as_much() -> None:
    assert tuning_verdict(7 * BILLION, LAPTOP).fit == "too large"
    assert tuning_verdict(7 * BILLION, WITH_CARD).fit == "fits"
    assert "graphics card" in tuning_verdict(7 * BILLION, WITH_CARD).words


def test_fewer_bits_need_less_and_all_weights_most() -> None:
    need = {
        "all": tuning_verdict(7 * BILLION, WITH_CARD, method="full").need,
        **{
            bits: tuning_verdict(7 * BILLION, WITH_CARD, quantization=bits).need
            for bits in ("none", "8bit", "4bit")
        },
    }
    assert need["4bit"] < need["8bit"] < need["none"] < need["all"]
    # A quarter stays as it is, the rest takes a quarter of the room.
    assert need["4bit"] == pytest.approx(need["none"] * 0.45, rel=0.1)


def test_the_fewest_bits_are_for_cards_only() -> None:
    assert smallest_quantization(LAPTOP) == "none"
    assert smallest_quantization(WITH_CARD) == "4bit"


def test_what_cannot_even_be_loaded_is_refused_and_a_way_out_named() -> None:
    spec = experiment(Path("some/model"))
    with pytest.raises(UserError, match="Does not fit: needs about 29 GB, this computer has 16 GB") as caught:
        refuse_too_large("some/model", 7 * BILLION, spec, LAPTOP)
    assert "smaller base model" in caught.value.remedy
    assert "4bit" not in caught.value.remedy
    with pytest.raises(UserError, match="Does not fit") as caught:
        refuse_too_large("some/model", 24 * BILLION, spec, WITH_CARD)
    assert 'training.quantization = "4bit"' in caught.value.remedy


def test_fewer_bits_let_a_larger_one_pass() -> None:
    training = experiment(Path("some/model")).training.model_copy(update={"quantization": "4bit"})
    spec = experiment(Path("some/model")).model_copy(update={"training": training})
    refuse_too_large("some/model", 24 * BILLION, spec, WITH_CARD)


def test_nobody_is_turned_away_for_a_size_that_is_not_known() -> None:
    refuse_too_large("some/model", None, experiment(Path("some/model")), LAPTOP)
