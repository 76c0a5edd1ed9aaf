"""Qwen2-Audio, and Teaspoon, which has its architecture: Whisper-like tower, projector, Qwen2 decoder.

The stock forward insists on audio padded to the whole window although the padding is masked in attention.
Here the tower runs on the true length: a frame's value depends on at most two frames after it (two
convolutions of width 3, the second with stride 2), so two extra frames of silence give the stock result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    Cache,
    DynamicCache,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
)

from core.audio.files import SAMPLE_RATE, SHORTEST_S
from core.audio.normalize import normalize_level
from core.data.targets import INSTRUCTION
from core.errors import UserError
from core.models.family import IGNORE, Batch, Heard, ModelInput, Samples
from core.models.feature_cache import FeatureCache, tower_fingerprint
from core.models.prompt import PromptTokenizer
from core.models.pseudo_audio import PseudoAudio

_END_OF_TURN = "<|im_end|>"
_TRANSCRIBE = "What does the person say?"
"""How the card of Qwen2-Audio-7B-Instruct asks for the words. A model made for another sentence names it in
its generation_config.json as `transcription_instruction`; Teaspoon does."""
_WRAPPED = re.compile(r"\s*The original content of this audio is:\s*'(.*)'\s*", re.DOTALL)
"""The form of that model's answer, for instance in transformers' own integration test of it."""
_FRAMES_PER_TOKEN = 4
_SILENT_FRAMES = 2


class Qwen2Audio:
    """LalmFamily of model_type "qwen2_audio"."""

    def __init__(self, model: Qwen2AudioForConditionalGeneration, processor: Qwen2AudioProcessor) -> None:
        self._model = model
        self._extractor = cast(Any, processor).feature_extractor
        self._tokenizer: PreTrainedTokenizerBase = cast(Any, processor).tokenizer
        transcribe = getattr(model.generation_config, "transcription_instruction", _TRANSCRIBE)
        self._prompt, self._transcription_prompt = (
            PromptTokenizer(
                processor,
                self._tokenizer,
                instruction=instruction,
                audio_token=cast(Any, processor).audio_token,
                end_token=_END_OF_TURN,
            )
            for instruction in (INSTRUCTION, transcribe)
        )
        tokens_per_s = SAMPLE_RATE / (self._extractor.hop_length * _FRAMES_PER_TOKEN)
        self._pseudo_audio = PseudoAudio(self._tokenizer, tokens_per_s)
        self._cache: FeatureCache | None = None
        self._normalize_level = bool(getattr(self._extractor, "normalize_level", False))
        # The stride is the second convolution's; only the average pooling comes after it.
        self._window_frames: int = cast(Any, model.config.audio_config).max_source_positions * 2

    @classmethod
    def load(cls, source: str, dtype: torch.dtype) -> Qwen2Audio:
        """Read model and processor from a folder or the Hub; weights only as safetensors."""
        model = Qwen2AudioForConditionalGeneration.from_pretrained(
            source, dtype=dtype, use_safetensors=True, trust_remote_code=False
        )
        processor = Qwen2AudioProcessor.from_pretrained(source, trust_remote_code=False)
        return cls(model, processor)

    @property
    def model(self) -> PreTrainedModel:
        return cast(PreTrainedModel, self._model)

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return self._tokenizer

    @property
    def window_s(self) -> float:
        return float(self._window_frames * self._extractor.hop_length / SAMPLE_RATE)

    @property
    def device(self) -> torch.device:
        return self._model.device

    @property
    def knows_pseudo_audio(self) -> bool:
        return self._pseudo_audio.is_known

    @property
    def end_id(self) -> int:
        return self._prompt.end_id

    def tokenize(self, segment: str) -> list[int]:
        return self._prompt.tokenize(segment)

    def collate(self, items: Sequence[ModelInput]) -> Batch:
        frames = [self._frames(item.samples) for item in items if item.samples is not None]
        waiting = iter(frames)
        rows: list[tuple[list[int], list[int]]] = []
        for item in items:
            question = self._transcription_prompt if item.transcribe else self._prompt
            if item.text is None:
                prompt = question.speech(_audio_tokens(next(waiting)))
            elif item.pseudo_audio_seed is None:
                prompt = question.text(item.text)
            else:
                chance = Random(item.pseudo_audio_seed)
                prompt = question.pseudo_audio(item.text, self._pseudo_audio, chance)
            rows.append((prompt, [] if item.target is None else self._prompt.target(item.target)))
        longest = max(len(prompt) + len(target) for prompt, target in rows)
        input_ids = torch.full((len(rows), longest), self.end_id)
        attention_mask = torch.zeros(len(rows), longest, dtype=torch.bool)
        labels = torch.full((len(rows), longest), IGNORE)
        for row, (prompt, target) in enumerate(rows):
            end = len(prompt) + len(target)
            input_ids[row, :end] = torch.tensor(prompt + target)
            attention_mask[row, :end] = True
            labels[row, len(prompt) : end] = torch.tensor(target, dtype=torch.long)
        speech = [item.samples for item in items if item.samples is not None]
        audio = tuple(self._hear(*each) for each in zip(speech, frames, strict=True))
        return Batch(input_ids.to(self.device), attention_mask.to(self.device), labels.to(self.device), audio)

    def embed(self, batch: Batch) -> Tensor:
        embeds = cast(Tensor, self._model.get_input_embeddings()(batch.input_ids))
        if not batch.audio:
            return embeds
        heard = torch.cat([self._embeddings(each) for each in batch.audio]).to(embeds.dtype)
        # In the prompt only: what a target spells is never a place for sound.
        placeholders = (batch.input_ids == self._prompt.audio_id) & (batch.labels == IGNORE)
        return embeds.masked_scatter(placeholders.unsqueeze(-1), heard)

    @torch.no_grad()
    def encode_audio(self, features: Tensor, frames: int) -> Tensor:
        """[audio tokens, H] of one recording: the projector's output.

        features: [mel bins, frames and silence]; frames: those that hold sound. One recording at a time: what
        shares a batch would change the last digits, and on a processor it is not slower.
        """
        tower = cast(Any, self._model.model.audio_tower)
        # In the tower's own precision, also where a run computes in another: what is kept is for all.
        with torch.autocast(self.device.type, enabled=False):
            states = functional.gelu(tower.conv1(features[None].to(tower.conv1.weight.dtype)))
            states = functional.gelu(tower.conv2(states)).transpose(1, 2)[:, : (frames - 1) // 2 + 1]
            states = states + tower.embed_positions.weight[: states.shape[1]]
            for layer in tower.layers:
                states = layer(states, None)
            states = tower.layer_norm(tower.avg_pooler(states.transpose(1, 2)).transpose(1, 2))
            return cast(Tensor, self._model.model.multi_modal_projector(states[0]))

    def remember_features(self, folder: Path) -> None:
        model = self._model.model
        tower_config = cast(Any, self._model.config.audio_config)
        settings = (
            self._extractor.to_json_string(),
            str(self._normalize_level),
            tower_config.to_json_string(use_diff=False),
        )
        tower = tower_fingerprint([model.audio_tower, model.multi_modal_projector], *settings)
        self._cache = FeatureCache(folder, tower)

    def _embeddings(self, heard: Heard) -> Tensor:
        if heard.embeddings is not None:
            return heard.embeddings
        assert heard.features is not None  # noqa: S101 - see Heard
        embeddings = self.encode_audio(heard.features, heard.frames)
        if self._cache is not None and heard.key:
            self._cache.put(heard.key, embeddings)
        return embeddings

    def hidden(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor,
        positions: Tensor,
        inputs_embeds: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        if inputs_embeds is None:
            inputs_embeds = self._model.get_input_embeddings()(input_ids)
        output = self._model.model.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=positions,
            cache=cache,
            use_cache=cache is not None,
        )
        return cast(Tensor, output.last_hidden_state)

    def logits(self, hidden: Tensor, tokens: Tensor | None = None) -> Tensor:
        weight = self._model.lm_head.weight
        return functional.linear(hidden, weight if tokens is None else weight[tokens]).float()

    def new_cache(self) -> Cache:
        return DynamicCache(config=cast(PreTrainedConfig, self._model.config.text_config))

    def loss(self, batch: Batch) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(
            batch.input_ids,
            attention_mask=batch.attention_mask,
            positions=batch.positions,
            inputs_embeds=self.embed(batch),
        )
        targets = batch.labels[:, 1:]
        supervised = targets != IGNORE
        # Only the supervised rows go through the vocabulary: it is the widest matrix of the model.
        token_loss = functional.cross_entropy(
            self.logits(hidden[:, :-1][supervised]), targets[supervised], reduction="none"
        )
        sums = torch.zeros(len(targets), device=hidden.device).index_add(
            0, supervised.nonzero()[:, 0], token_loss
        )
        return sums, supervised.sum(-1)

    def transcript(self, answer: str) -> str:
        wrapped = _WRAPPED.fullmatch(answer)
        return (wrapped[1] if wrapped else answer).strip()

    def lora_targets(self) -> list[str]:
        return [
            f"model.language_model.{name}"
            for name, module in self._model.model.language_model.named_modules()
            if isinstance(module, nn.Linear)
        ]

    def language_modules(self) -> list[str]:
        return ["model.language_model", "lm_head"]

    def _frames(self, samples: Samples) -> int:
        """Mel frames that hold sound, as the stock extractor's attention mask counts them."""
        frames: int = -(-len(samples) // self._extractor.hop_length)
        if frames > self._window_frames:
            raise UserError(
                f"The recording lasts {len(samples) / SAMPLE_RATE:.1f} s; "
                f"this model hears at most {self.window_s:.0f} s.",
                remedy="Use a shorter recording, or choose a base model with a longer window.",
            )
        if len(samples) < round(SHORTEST_S * SAMPLE_RATE):
            raise UserError(
                f"The recording lasts only {1000 * len(samples) / SAMPLE_RATE:.0f} ms, too short to hear.",
                remedy=f"Use a recording of at least {1000 * SHORTEST_S:.0f} ms.",
            )
        return frames

    def _hear(self, samples: Samples, frames: int) -> Heard:
        if self._cache is None:
            return Heard(None, self._features(samples, frames), frames)
        key = self._cache.key(samples)
        known = self._cache.get(key)
        if known is None:
            return Heard(None, self._features(samples, frames), frames, key)
        return Heard(known.to(self.device), None, frames, key)

    def _features(self, samples: Samples, frames: int) -> Tensor:
        """[mel bins, frames + silence] as the stock extractor computes them for its whole window."""
        needed = min(frames + _SILENT_FRAMES, self._window_frames)
        hop = self._extractor.hop_length
        # Room for one whole analysis window of silence behind the last frame kept, where the extractor would
        # otherwise mirror the sound; a full window has no room, and the stock extractor mirrors there too.
        length = min(needed * hop + self._extractor.n_fft, self._window_frames * hop)
        padded = np.zeros(length, dtype=np.float32)
        padded[: len(samples)] = normalize_level(samples) if self._normalize_level else samples
        features = self._extractor(
            padded, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="pt"
        )["input_features"][0, :, :needed]
        return cast(Tensor, features.to(self.device))


def _audio_tokens(frames: int) -> int:
    """Embeddings the projector gives for `frames` mel frames (halved twice, as the stock code rounds)."""
    return (((frames - 1) // 2 + 1) - 2) // 2 + 1
