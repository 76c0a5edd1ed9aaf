"""What is particular to Voxtral: prompts as mistral-common writes them, without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UserError
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.loading import base_model_facts
from tests.core.models.families import tiny_voxtral
from tests.core.models.families.tiny_voxtral import (
    AUDIO,
    BEGIN,
    BEGIN_AUDIO,
    INSTRUCT,
    INSTRUCTED,
    TRANSCRIBE,
    WINDOW_TOKENS,
)
from tests.core.models.fixtures import load_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voxtral")
    tiny_voxtral.build(path)
    return path


@pytest.fixture
def family(folder: Path) -> LalmFamily:
    return load_tiny(folder)


def test_the_words_are_asked_for_by_a_control_token_behind_the_users_turn(
    family: LalmFamily, noise: Callable[[int], Samples]
) -> None:
    # As mistral-common's `encode_transcription` writes it where no language is given.
    spoken = [BEGIN_AUDIO, *[AUDIO] * WINDOW_TOKENS]
    asked = family.collate([ModelInput(samples=noise(16_000), transcribe=True)]).input_ids[0].tolist()
    assert asked == [BEGIN, INSTRUCT, *spoken, INSTRUCTED, TRANSCRIBE]


def test_a_tokenizer_file_without_control_tokens_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(folder, tmp_path / "model")
    content = json.loads((damaged / "tekken.json").read_text())
    del content["special_tokens"]
    (damaged / "tekken.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="does not list its control tokens") as caught:
        load_tiny(damaged)
    assert caught.value.where == str(damaged)


def test_weights_that_are_there_in_mistrals_form_as_well_count_once(folder: Path, tmp_path: Path) -> None:
    # As in the folder of Voxtral on the Hub.
    twice = shutil.copytree(folder, tmp_path / "model")
    shutil.copyfile(twice / "model.safetensors", twice / "consolidated.safetensors")
    assert base_model_facts(str(twice)).parameters == base_model_facts(str(folder)).parameters
