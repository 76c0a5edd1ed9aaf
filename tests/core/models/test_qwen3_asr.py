"""Qwen3-ASR's own ways: how it is asked, what it answers, and the layout of its files that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.data.targets import INSTRUCTION
from core.errors import UserError
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.full import FullWeights
from tests.core.models.families.tiny_qwen3_asr import build
from tests.core.models.fixtures import load_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asr")
    build(path)
    return path


@pytest.fixture
def family(folder: Path) -> LalmFamily:
    return load_tiny(folder)


@pytest.fixture
def samples(noise: Callable[[int], Samples]) -> Samples:
    return noise(20_000)


def prompt(family: LalmFamily, item: ModelInput) -> str:
    ids = family.collate([item]).input_ids[0]
    return str(family.tokenizer.decode(ids)).replace("<|audio_pad|>", "")


def test_the_instruction_is_the_context_and_a_text_stands_where_the_recording_would(
    family: LalmFamily, samples: Samples
) -> None:
    system = f"<|im_start|>system\n{INSTRUCTION}<|im_end|>\n<|im_start|>user\n"
    answer = "<|im_end|>\n<|im_start|>assistant\n"
    assert prompt(family, ModelInput(samples=samples)) == f"{system}<|audio_start|><|audio_end|>{answer}"
    assert prompt(family, ModelInput(text="play jazz")) == f"{system}play jazz\n{answer}"


def test_it_is_asked_for_the_words_without_any_instruction(family: LalmFamily, samples: Samples) -> None:
    asked = prompt(family, ModelInput(samples=samples, transcribe=True))
    assert asked.startswith("<|im_start|>system\n<|im_end|>\n<|im_start|>user\n<|audio_start|>")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("language English<asr_text>turn on the lights", "turn on the lights"),
        ("language None<asr_text>", ""),
        (" turn on the lights ", "turn on the lights"),
    ],
)
def test_the_words_alone_are_taken_from_its_answer(family: LalmFamily, answer: str, words: str) -> None:
    assert family.transcript(answer) == words


def test_head_and_embeddings_stay_one_matrix_when_all_weights_learn(
    family: LalmFamily, folder: Path, tmp_path: Path
) -> None:
    tuned = FullWeights(family, trainable=True, keep_base=False)
    matrix = family.model.get_parameter("lm_head.weight")
    assert sum(weight is matrix for weight in tuned.parameters) == 1
    torch.nn.init.zeros_(matrix)
    tuned.save(tmp_path)
    again = load_tiny(folder)
    FullWeights(again, trainable=False, keep_base=False).load(tmp_path)
    assert not again.logits(torch.ones(1, 32)).any()
    assert not again.model.get_parameter("model.language_model.embed_tokens.weight").any()


def test_the_layout_of_its_own_program_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen3_asr", "thinker_config": {}}))
    (tmp_path / "model.safetensors").symlink_to(folder / "model.safetensors")
    with pytest.raises(UserError, match="layout of its own program") as caught:
        load_tiny(tmp_path)
    assert "Qwen3-ASR-1.7B-hf" in caught.value.remedy
