"""The shipped embedded model: ordinary files, exact at true length, exact round trips of targets."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch
from transformers import AutoProcessor, Qwen2AudioForConditionalGeneration, Qwen2AudioProcessor

from core.audio.files import read_audio
from core.data.targets import INSTRUCTION, SKELETON, target_segments, target_text
from core.data.utterance import Label, Ontology, Slot
from core.evaluation.word_errors import word_error_rate
from core.inference.predictor import Predictor
from core.models.loading import TEASPOON
from core.paths import RESOURCES
from core.teaspoon.features import EXTRA_FRAMES, LogMel
from core.teaspoon.model import audio_lengths, encode_audio, run_language_model
from core.teaspoon.prompts import Prompts
from core.teaspoon.tasks import TRANSCRIBE

_FOLDER = RESOURCES / "teaspoon"
MEASURED = {
    "config.json": "b3aab611483c345a3bbff0232aeaa8b94e7a1e6425bf0187a872f6e5dbfb22a1",
    "generation_config.json": "eaa9bf858512ab0c27fecf423baca7ce9d7d31c9e809f645003a512323fb73da",
    "model.safetensors": "64de8d2a598a6b560fe1e47b19362c4b280139077f0794fa7f3eb01633bc1ebe",
    "preprocessor_config.json": "bc906b6043d96b7b57571c60e2db3582522b0d3f0c6c6bc9aee1e606216db665",
    "tokenizer.json": "5b2d1b59a0ef5f089da455a062ac1515ee73a7b0da9f4ab6c553208f7fdb8e46",
    "chat_template.jinja": "98b704b2ed40c9c676561a556012c3cc4c1daba4e4947b9a30169822663c464f",
}
"""SHA-256 of the files that the model card's figures were measured with."""
WORD_ERROR_RATE = 0.128
"""On the first 40 recordings of the demo's test split."""


@pytest.fixture(scope="module")
def model() -> Qwen2AudioForConditionalGeneration:
    return Qwen2AudioForConditionalGeneration.from_pretrained(_FOLDER, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def processor() -> Qwen2AudioProcessor:
    return AutoProcessor.from_pretrained(_FOLDER)


def _heard(processor: Qwen2AudioProcessor, samples: np.ndarray) -> dict[str, torch.Tensor]:
    message = {
        "role": "user",
        "content": [{"type": "audio", "audio": ""}, {"type": "text", "text": INSTRUCTION}],
    }
    text = processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
    return dict(processor(text=text, audio=[samples], sampling_rate=16_000, return_tensors="pt"))


def test_the_files_are_small_and_complete() -> None:
    files = {file.name: file.stat().st_size for file in _FOLDER.iterdir()}
    assert sum(files.values()) <= 25_000_000
    assert {
        "config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json",
        "chat_template.jinja", "generation_config.json", "README.md",
    } <= set(files)  # fmt: skip
    assert json.loads((_FOLDER / "preprocessor_config.json").read_text())["normalize_level"] is True


def test_the_weights_are_those_that_were_measured() -> None:
    digests = {name: hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest() for name in MEASURED}
    assert digests == MEASURED


def test_it_hears_bundled_recordings_as_well_as_when_it_was_measured() -> None:
    lines = (RESOURCES / "demo" / "manifest.jsonl").read_text("utf-8").splitlines()
    spoken = [row for row in map(json.loads, lines) if row["split"] == "test" and "audio" in row][:40]
    recordings = [read_audio(RESOURCES / "demo" / row["audio"]) for row in spoken]
    written = Predictor.load(TEASPOON, Ontology(("any",), ())).transcribe(recordings)
    pairs = list(zip((row["text"] for row in spoken), written, strict=True))
    # Other processors compute other last digits, and a word or two may tip over.
    assert word_error_rate(pairs).value == pytest.approx(WORD_ERROR_RATE, abs=0.02)


def test_it_says_how_it_was_asked_for_transcripts() -> None:
    settings = json.loads((_FOLDER / "generation_config.json").read_text())
    assert settings["transcription_instruction"] == TRANSCRIBE


def test_the_window_is_at_least_fifteen_seconds(processor: Qwen2AudioProcessor) -> None:
    extractor = processor.feature_extractor
    assert extractor.n_samples >= 15 * 16_000
    assert extractor.normalize_level is True


def test_true_length_equals_the_stock_padded_forward(
    model: Qwen2AudioForConditionalGeneration, processor: Qwen2AudioProcessor
) -> None:
    for count in (16_000, 40_123, 71_999):
        rng = np.random.default_rng(count)
        samples = (0.1 * rng.standard_normal(count)).astype(np.float32)
        inputs = _heard(processor, samples)
        with torch.no_grad():
            stock = model(**inputs).logits
            frames = inputs["feature_attention_mask"].sum(-1)
            features = inputs["input_features"][:, :, : int(frames) + 2].transpose(1, 2)
            audio, _ = encode_audio(model, features, frames)
            ids = inputs["input_ids"]
            embeds = model.get_input_embeddings()(ids)
            embeds[ids == model.config.audio_token_id] = audio[0, : int(audio_lengths(frames)[1])]
            states = run_language_model(model, embeds, inputs["attention_mask"].bool())
            ours = model.lm_head(states[-1])
        assert torch.allclose(ours, stock, atol=1e-4, rtol=1e-5)


def test_training_features_equal_the_shipped_extractors(processor: Qwen2AudioProcessor) -> None:
    samples = (0.1 * np.random.default_rng(1).standard_normal(33_333)).astype(np.float32)
    ours = LogMel()(samples)
    stock = _heard(processor, samples)["input_features"][0].T.numpy()
    assert len(ours) == -(-len(samples) // 250) + EXTRA_FRAMES
    # float16 on our side
    assert np.abs(ours.astype(np.float32) - stock[: len(ours)]).max() < 1e-3


@pytest.mark.parametrize("segment", SKELETON)
def test_each_skeleton_segment_is_one_token(processor: Qwen2AudioProcessor, segment: str) -> None:
    assert len(processor.tokenizer(segment, add_special_tokens=False)["input_ids"]) == 1


@pytest.mark.parametrize(
    "label",
    [
        Label("light_on", (Slot("room", "living room"), Slot("time", "eight o'clock"))),
        Label("music_stop"),
        Label("Order Drink", (Slot("milkAmount", "A little bit of SKIM milk"),)),
        Label("a", (Slot("b", 'he said "hi" \u2014 \u00fcn\u00ef 5%'), Slot("b", '{"x": "y"}, {"z": ""}'))),
        Label("x", (Slot("y", " spaces  kept "), Slot("y", "tab\tand\nline"))),
    ],
    ids=["plain", "empty", "capitals", "foreign", "white space"],
)
def test_targets_round_trip_segment_by_segment(processor: Qwen2AudioProcessor, label: Label) -> None:
    tokenizer = processor.tokenizer
    ids = [t for s in target_segments(label) for t in tokenizer(s, add_special_tokens=False)["input_ids"]]
    assert tokenizer.decode(ids, skip_special_tokens=True) == target_text(label)


def test_a_filler_has_the_tokens_it_has_in_the_sentence(processor: Qwen2AudioProcessor) -> None:
    tokenizer = processor.tokenizer
    sentence = tokenizer("dim the living room to ten", add_special_tokens=False)["input_ids"]
    filler = tokenizer("living room", add_special_tokens=False)["input_ids"]
    assert any(sentence[at : at + len(filler)] == filler for at in range(len(sentence)))


def test_both_modalities_share_the_prompts_shape(processor: Qwen2AudioProcessor) -> None:
    for content, written in (
        ({"type": "audio", "audio": ""}, "<|audio_bos|><|AUDIO|><|audio_eos|>"),
        ({"type": "text", "text": "dim it"}, "dim it"),
    ):
        message = {"role": "user", "content": [content, {"type": "text", "text": "Do it."}]}
        prompt = processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
        assert prompt == f"<|im_start|>user\n{written}\nDo it.<|im_end|>\n<|im_start|>assistant\n"


def test_pretraining_prompts_equal_the_chat_templates(processor: Qwen2AudioProcessor) -> None:
    tokenizer = processor.tokenizer
    prompts = Prompts(tokenizer)
    message = [{"role": "user", "content": [{"type": "audio"}, {"type": "text", "text": INSTRUCTION}]}]
    rendered = processor.apply_chat_template(message, add_generation_prompt=True, tokenize=False)
    assert prompts.as_audio([prompts.audio], INSTRUCTION).ids == tokenizer(rendered)["input_ids"]
    content = prompts.as_text("dim the lamp", INSTRUCTION)
    pieces = tokenizer("dim the lamp")["input_ids"]
    assert content.ids[content.content_at :][: len(pieces)] == pieces
