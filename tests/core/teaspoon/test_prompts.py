"""Pretraining prompts and those of fine-tuning are the same."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from core.data.targets import INSTRUCTION
from core.models.family import LalmFamily, ModelInput
from core.models.loading import load_family
from core.paths import RESOURCES
from core.teaspoon.prompts import Prompts

FOLDER: Path = RESOURCES / "teaspoon"


@pytest.fixture(scope="module")
def teaspoon() -> LalmFamily:
    return load_family(str(FOLDER), dtype=torch.float32, device=torch.device("cpu"))


@pytest.mark.parametrize("text", ["dim the living room", "Wake me at six.", "ring  it, <|AUDIO|> please"])
def test_pseudo_audio_is_written_as_the_base_model_met_it(teaspoon: LalmFamily, text: str) -> None:
    assert teaspoon.knows_pseudo_audio
    prompts = Prompts(PreTrainedTokenizerFast.from_pretrained(FOLDER))
    batch = teaspoon.collate([ModelInput(text=text, pseudo_audio_seed=17)])
    plain = text.replace("<|AUDIO|>", " ")
    expected = prompts.as_audio(prompts.pseudo_audio(plain, Random(17)), INSTRUCTION)
    assert batch.input_ids[0].tolist() == expected.ids
    assert batch.audio == ()
