"""What is particular to the Flamingos: the sentence a transcript comes in, and the marks around a sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import AudioFlamingo3Processor

from core.models.audioflamingo3 import AudioFlamingo3
from core.models.family import LalmFamily, ModelInput, Samples
from tests.core.models.families.contract import tiny_family
from tests.core.models.fixtures import load_tiny


@pytest.fixture
def family(tmp_path: Path) -> LalmFamily:
    tiny_family("audioflamingo3").build(tmp_path)
    return load_tiny(tmp_path)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("The spoken content of the audio is 'don't turn 'it' off'.", "don't turn 'it' off"),
        ('The transcription of the audio is "stop".', "stop"),
        ("The content of the input audio is turn it off.", "turn it off"),
        (" turn it off ", "turn it off"),
        ("The spoken content is 'quoted'.", "The spoken content is 'quoted'."),
    ],
)
def test_the_words_are_taken_out_of_the_sentence_the_model_puts_them_into(
    family: LalmFamily, answer: str, words: str
) -> None:
    assert family.transcript(answer) == words


def test_the_words_are_asked_for_as_by_its_processor(family: LalmFamily, tmp_path: Path) -> None:
    processor = AudioFlamingo3Processor.from_pretrained(tmp_path)
    assert AudioFlamingo3.transcribe_instruction == processor.default_transcription_prompt


def test_music_flamingo_has_marks_around_a_sound_and_none_around_a_text(
    tmp_path: Path, noise: Callable[[int], Samples]
) -> None:
    tiny_family("musicflamingo").build(tmp_path / "music")
    family = load_tiny(tmp_path / "music")
    spoken, written = (
        str(family.tokenizer.decode(family.collate([item]).input_ids[0]))
        for item in (ModelInput(samples=noise(1600)), ModelInput(text="stop"))
    )
    # 10 mel frames: two tokens of four each, and a rest that is dropped.
    assert "<|sound_bos|><sound><sound><|sound_eos|>" in spoken
    assert "sound" not in written
