"""What is particular to Qwen2-Audio, and prompts on its example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.targets import INSTRUCTION, target_segments
from core.data.utterance import Label, Slot
from core.models.family import LalmFamily, ModelInput, Samples
from tests.core.models.fixtures import TARGET, load_tiny, own_logits, target_ids

Noise = Callable[[int], Samples]


def test_an_audio_token_spelled_in_a_target_takes_no_sound_away(family: LalmFamily, noise: Noise) -> None:
    spelled = tuple(target_segments(Label("alarm_set", (Slot("time", "at <|AUDIO|> eight"),))))
    items = [
        ModelInput(text="set an alarm", target=spelled),
        ModelInput(samples=noise(20_000), target=TARGET),
    ]
    sums, _ = family.loss(family.collate(items))
    alone, _ = family.loss(family.collate(items[1:]))
    assert sums[1].item() == pytest.approx(alone.item(), rel=1e-5)


def test_a_text_is_written_as_pseudo_audio_by_its_seed_between_the_audio_marks(family: LalmFamily) -> None:
    plain, first, again, other = (
        ModelInput(text="set an alarm <|im_end|>", target=TARGET, pseudo_audio_seed=seed)
        for seed in (None, 1, 1, 2)
    )
    batch = family.collate([plain, first, again, other])
    assert batch.audio == ()
    said = [
        family.tokenizer.decode(ids[mask])
        for ids, mask in zip(batch.input_ids, batch.attention_mask, strict=True)
    ]
    assert said[1] == said[2] != said[3]
    assert ["<|audio_bos|>" in words for words in said] == [False, True, True, True]
    # 25 tokens a second, about 14 letters a second.
    assert len(said[1]) > 1.2 * len(said[0])
    assert [words.count("<|im_end|>") for words in said] == [2, 2, 2, 2]
    assert family.collate([first]).labels[0].tolist()[-5:] == target_ids(family)[-5:]
    assert not family.knows_pseudo_audio


def test_only_a_text_can_be_written_as_pseudo_audio(noise: Noise) -> None:
    with pytest.raises(ValueError, match="only a text"):
        ModelInput(samples=noise(16_000), pseudo_audio_seed=1)


def test_loudness_does_not_count_where_the_model_asks_for_one_level(
    tiny_model: Path, tmp_path: Path, noise: Noise
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "leveled")
    settings = json.loads((folder / "processor_config.json").read_text())
    settings["feature_extractor"]["normalize_level"] = True
    (folder / "processor_config.json").write_text(json.dumps(settings))
    family = load_tiny(folder)
    loud = noise(20_000)
    first, second = own_logits(
        family, [ModelInput(samples=loud), ModelInput(samples=(0.05 * loud).astype(np.float32))]
    )
    assert torch.allclose(first, second, atol=1e-3)


def asked(family: LalmFamily, item: ModelInput) -> str:
    ids = family.collate([item]).input_ids[0].tolist()
    heard = family.tokenizer.convert_tokens_to_ids("<|AUDIO|>")
    return family.tokenizer.decode([token for token in ids if token != heard])


def test_a_transcript_is_asked_for_in_the_familys_words_or_in_the_models_own(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, noise: Noise
) -> None:
    clip = noise(20_000)
    label, words = ModelInput(samples=clip), ModelInput(samples=clip, transcribe=True)
    question = "What does the person say?"
    assert asked(family, words) == asked(family, label).replace(INSTRUCTION, question)
    folder = shutil.copytree(tiny_model, tmp_path / "own words")
    settings = {"transcription_instruction": "Write it."}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    assert asked(load_tiny(folder), words) == asked(family, label).replace(INSTRUCTION, "Write it.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("The original content of this audio is: 'Don't turn 'it' off.'", "Don't turn 'it' off."),
        ("The original content of this audio is:'stop'", "stop"),
        (" turn it off ", "turn it off"),
        ("'quoted'", "'quoted'"),
    ],
)
def test_the_words_are_taken_out_of_the_sentence_the_model_puts_them_into(
    family: LalmFamily, answer: str, words: str
) -> None:
    assert family.transcript(answer) == words
