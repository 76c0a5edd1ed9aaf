"""The list of known base models is a help only as long as each line of it is usable."""

from __future__ import annotations

import re

import pytest

from core.models.known import MANY, KnownModel, known_model, known_models
from core.models.loading import base_model_parameters, resolve_base_model
from core.models.registry import FAMILIES


def test_teaspoon_comes_first_and_all_can_be_tuned() -> None:
    found = known_models()
    assert found[0].name == "teaspoon"
    assert {model.family for model in found} <= set(FAMILIES)


@pytest.mark.parametrize("model", known_models(), ids=lambda model: model.name)
def test_each_line_is_whole(model: KnownModel) -> None:
    assert model.licence
    assert model.note
    assert model.languages == (MANY,) or all(re.fullmatch("[a-z]{2,3}", code) for code in model.languages)
    if model.is_built_in:
        return
    assert resolve_base_model(model.name) == model.name
    # Stored in 16 bits; some have more in the download than is loaded.
    assert 1.9 < model.download_bytes / model.parameters < 2.7


def test_what_is_said_of_teaspoon_is_true() -> None:
    told = known_models()[0].parameters
    assert base_model_parameters("teaspoon") == pytest.approx(told, rel=0.05)


def test_a_model_is_found_however_its_name_is_capitalised() -> None:
    found = known_model("qwen/qwen2-audio-7b-instruct")
    assert found is not None
    assert found.name == "Qwen/Qwen2-Audio-7B-Instruct"
    assert known_model("some/model") is None
