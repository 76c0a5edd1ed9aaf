"""What all families have in common: an audio tower, a projector, a decoder that takes embeddings.

A family of its own says how a waveform becomes the tower's input, how many audio tokens it gives, and how
the tower runs; prompts, batches, the loss, the feature cache and the adapter's targets are the same.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, Literal, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    Cache,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.modeling_layers import GradientCheckpointingLayer

from core.audio.files import SAMPLE_RATE
from core.data.targets import INSTRUCTION
from core.experiment.augmentation import AugmentationSpec
from core.models.augmentation import Augmentation
from core.models.family import IGNORE, Batch, EncoderPart, Heard, LoadOptions, ModelInput, Samples
from core.models.feature_cache import FeatureCache, tower_fingerprint
from core.models.growing_cache import GrowingCache
from core.models.length import check_length
from core.models.packing import attention_by_row, hidden_of_packed, hidden_of_padded, sees_whole_rows
from core.models.prompt import PromptTokenizer, Render
from core.models.pseudo_audio import PseudoAudio

_MOSTLY_REAL: Final = 0.8
"""Part of a batch's positions from which on padding costs less than to go without it: measured with Teaspoon
and with a Qwen2-Audio of little width."""
TrimPolicy = Literal["exact", "window", "native"]
"""How long the tower's input is. exact: as the recording, which gives what the stock padding to the window
gives. window: padded to the whole window, since the tower does not mask padding. native: as the recording, as
the stock processor does it, too."""


class BaseFamily(ABC):
    """A `core.models.family.LalmFamily` but for the audio."""

    trim_policy: ClassVar[TrimPolicy]
    audio_token: ClassVar[str]
    """The placeholder of one audio embedding in the prompt."""
    end_token: ClassVar[str]
    """What ends the model's turn."""
    transcribe_instruction: ClassVar[str]
    """How this family asks for the words; a model made for another sentence names it in its
    generation_config.json as `transcription_instruction`, as Teaspoon does."""
    transcript_form: ClassVar[re.Pattern[str] | None] = None
    """The sentence the model puts a transcript into, with the transcript as group `words`."""
    tower_names: ClassVar[tuple[str, ...]] = ("model.audio_tower",)
    frames_axis: ClassVar[Literal[0, 1]] = 1
    """Which of the features' two axes is time; the other is frequency."""
    projector_names: ClassVar[tuple[str, ...]] = ("model.multi_modal_projector",)
    language_model_name: ClassVar[str] = "model.language_model"
    head_name: ClassVar[str] = "lm_head"

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, render: Render, tokens_per_s: float
    ) -> None:
        """render: writes a prompt by the model's own convention. tokens_per_s: audio tokens of a second."""
        self._model = model
        self._tokenizer = tokenizer
        settings = cast(GenerationConfig | None, model.generation_config)
        transcribe = getattr(settings, "transcription_instruction", self.transcribe_instruction)
        self._prompt, self._transcription_prompt = (
            PromptTokenizer(
                render,
                tokenizer,
                instruction=instruction,
                audio_token=self.audio_token,
                end_token=self.end_token,
            )
            for instruction in (INSTRUCTION, transcribe)
        )
        self._tokens_per_s = tokens_per_s
        self._pseudo_audio = PseudoAudio(tokenizer, tokens_per_s)
        self._cache: FeatureCache | None = None
        self._augmentation: Augmentation | None = None
        self._encoder_learns = False
        self._encoder_dtype = torch.float32

    # What a family adds.

    @classmethod
    @abstractmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        """Read weights (only safetensors), tokenizer and extractor from a folder or the Hub, by ordinary
        `from_pretrained`. Raises what that raises."""

    @property
    @abstractmethod
    def window_s(self) -> float: ...

    @abstractmethod
    def _audio_tokens(self, samples: int) -> int:
        """Embeddings that `encode_audio` gives for a recording of so many samples."""

    @abstractmethod
    def _features(self, samples: Samples) -> Tensor:
        """The tower's input for one recording, on the processor, in the family's own layout."""

    @abstractmethod
    def _encode(self, features: Tensor, samples: int) -> Tensor:
        """[audio tokens, H] of one recording, from tower and projector as the stock model has them."""

    @abstractmethod
    def _feature_settings(self) -> str:
        """All that decides about features but is not in the weights, as text."""

    def _sounding_frames(self, samples: int, frames: int) -> int:  # noqa: ARG002 - a family may need it
        """Of the features' `frames`, those that hold sound of a recording of so many samples."""
        return frames

    # What all of them do.

    @property
    def model(self) -> PreTrainedModel:
        return self._model

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return self._tokenizer

    @property
    def device(self) -> torch.device:
        return self._model.device

    def heard_s(self, samples: int) -> float:
        return self.window_s if self.trim_policy == "window" else samples / SAMPLE_RATE

    @property
    def tokens_per_s(self) -> float:
        return self._tokens_per_s

    @property
    def knows_pseudo_audio(self) -> bool:
        return self._pseudo_audio.is_known

    @property
    def end_id(self) -> int:
        return self._prompt.end_id

    def tokenize(self, segment: str) -> list[int]:
        return self._prompt.tokenize(segment)

    def transcript(self, answer: str) -> str:
        sentence = self.transcript_form and self.transcript_form.fullmatch(answer)
        return (sentence["words"] if sentence else answer).strip()

    def collate(self, items: Sequence[ModelInput]) -> Batch:
        rows: list[tuple[list[int], list[int]]] = []
        items = [self._changed(item) for item in items]
        for item in items:
            question = self._transcription_prompt if item.transcribe else self._prompt
            if item.samples is not None:
                check_length(len(item.samples), self.window_s)
                prompt = question.speech(self._audio_tokens(len(item.samples)))
            elif item.pseudo_audio_seed is None:
                prompt = question.text(cast(str, item.text))
            else:
                chance = Random(item.pseudo_audio_seed)
                prompt = question.pseudo_audio(cast(str, item.text), self._pseudo_audio, chance)
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
        audio = tuple(self._hear(item) for item in items if item.samples is not None)
        return Batch(input_ids.to(self.device), attention_mask.to(self.device), labels.to(self.device), audio)

    def embed(self, batch: Batch) -> Tensor:
        placeholders = self.placeholders(batch)
        # A placeholder may lie behind the last row of the embeddings (Granite's does).
        ids = batch.input_ids.masked_fill(placeholders, self.end_id)
        embeds = cast(Tensor, self._model.get_input_embeddings()(ids))
        if not batch.audio:
            return embeds
        heard = torch.cat(self.hear(batch)).to(embeds.dtype)
        return embeds.masked_scatter(placeholders.unsqueeze(-1), heard)

    def hear(self, batch: Batch) -> list[Tensor]:
        return [self._embeddings(each) for each in batch.audio]

    def placeholders(self, batch: Batch) -> Tensor:
        # In the prompt only: what a target spells is never a place for sound.
        return (batch.input_ids == self._prompt.audio_id) & (batch.labels == IGNORE)

    def encode_audio(self, features: Tensor, samples: int) -> Tensor:
        """[audio tokens, H] of one recording: the projector's output.

        features: of `_features`; samples: how many they were made of. One recording at a time: what shares a
        batch would change the last digits, and on a processor it is not slower.
        """
        # In the tower's own precision, also where a run computes in another: what is kept is for all.
        sixteen_bit = self._encoder_dtype != torch.float32
        with (
            torch.set_grad_enabled(self._encoder_learns and torch.is_grad_enabled()),
            torch.autocast(self.device.type, self._encoder_dtype if sixteen_bit else None, sixteen_bit),
        ):
            return self._encode(features.to(self.device), samples)

    def checkpoint_gradients(self) -> None:
        language = self._language_model

        def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
            # What is computed again, in the backward pass, must attend as in `hidden_of_packed`.
            return nullcontext(), attention_by_row(language.config) if self.packs else nullcontext()

        language.activation_checkpointing_enable(
            activation_checkpointing_kwargs={"use_reentrant": False, "context_fn": contexts}
        )
        for layer in language.modules():
            if isinstance(layer, GradientCheckpointingLayer):
                # The stock layers ask for it. What is inside of them stays in evaluation mode.
                layer.training = True

    def let_encoder_learn(self) -> None:
        self._cache = None
        self._encoder_learns = True
        modules = [self._model.get_submodule(name) for name in (*self.tower_names, *self.projector_names)]
        self._encoder_dtype = next(modules[0].parameters()).dtype
        # What stays frozen of it as well: neither part could take the other's number format.
        for module in modules:
            module.float()

    def remember_features(self, folder: Path) -> None:
        modules = [self._model.get_submodule(name) for name in (*self.tower_names, *self.projector_names)]
        self._cache = FeatureCache(folder, tower_fingerprint(modules, self._feature_settings()))

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
            inputs_embeds = cast(Tensor, self._model.get_input_embeddings()(input_ids))
        if self.packs and isinstance(cache, GrowingCache) and _opens_unequal_rows(cache, attention_mask):
            packed = hidden_of_packed(self._language_model, inputs_embeds, attention_mask, positions, cache)
            return torch.zeros_like(inputs_embeds).masked_scatter(attention_mask.unsqueeze(-1), packed)
        output = self._language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=positions,
            cache=cache,
            use_cache=cache is not None,
        )
        return cast(Tensor, output.last_hidden_state)

    def logits(self, hidden: Tensor, tokens: Tensor | None = None) -> Tensor:
        head = self._model.get_submodule(self.head_name)
        if tokens is None:
            return cast(Tensor, head(hidden)).float()
        return functional.linear(hidden, cast(Tensor, head.weight)[tokens]).float()

    def new_cache(self) -> Cache:
        return GrowingCache(self._language_model.config)

    def loss(self, batch: Batch) -> tuple[Tensor, Tensor]:
        logits, wanted, rows, counts = self._supervised(batch)
        return _by_row(functional.cross_entropy(logits, wanted, reduction="none"), rows, counts), counts

    def smoothed_loss(self, batch: Batch, smoothing: float) -> tuple[Tensor, Tensor, Tensor]:
        logits, wanted, rows, counts = self._supervised(batch)
        smoothed = functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=smoothing)
        plain = functional.cross_entropy(logits.detach(), wanted, reduction="none")
        return _by_row(smoothed, rows, counts), _by_row(plain, rows, counts), counts

    def _supervised(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The target tokens of all rows, one after the other: logits [tokens, vocabulary], ids [tokens] and
        whose they are [tokens]; and how many each row has [N]."""
        real = batch.attention_mask
        # What each position is to say next; the last one of a row says nothing.
        targets = functional.pad(batch.labels[:, 1:], (0, 1), value=IGNORE)
        rows, columns = real.nonzero(as_tuple=True)
        decoder, embeds, positions = self._language_model, self.embed(batch), batch.positions
        if self.packs:
            hidden = hidden_of_packed(decoder, embeds, real, positions)
        elif sees_whole_rows(decoder.config):
            hidden = hidden_of_padded(decoder, embeds, real)
        else:
            padded = self.hidden(
                batch.input_ids, attention_mask=real, positions=positions, inputs_embeds=embeds
            )
            hidden = padded[rows, columns]
        wanted = targets[rows, columns]
        supervised = wanted != IGNORE
        # Only the supervised positions go through the vocabulary, the widest matrix of the model.
        counts = (targets != IGNORE).sum(-1)
        return self.logits(hidden[supervised]), wanted[supervised], rows[supervised], counts

    @classmethod
    def whole_modules(cls) -> tuple[str, ...]:
        """Full names of the modules that quantisation leaves alone: what hears, whose features are kept for
        all runs, and the head, whose weights `logits` takes as they are."""
        return (*cls.tower_names, *cls.projector_names, cls.head_name)

    def lora_targets(self) -> list[str]:
        return [
            f"{self.language_model_name}.{name}"
            for name, module in self._language_model.named_modules()
            if isinstance(module, nn.Linear)
        ]

    def augment(self, spec: AugmentationSpec) -> None:
        self._augmentation = Augmentation(spec)

    def encoder_modules(self, part: EncoderPart) -> list[str]:
        return [*(self.tower_names if part == "tower" else self.projector_names)]

    def language_modules(self) -> list[str]:
        return [self.language_model_name, self.head_name]

    @property
    def packs(self) -> bool:
        """Whether rows stand behind each other, without padding: see `core.models.packing`."""
        return self.device.type == "cpu" and sees_whole_rows(self._language_model.config)

    @property
    def _language_model(self) -> Any:
        # By name each time: an adapter replaces modules inside.
        return self._model.get_submodule(self.language_model_name)

    def _model_settings(self) -> str:
        """The model's whole configuration as text; the same wherever its folder lies."""
        config = copy(self._model.config)
        config.name_or_path = ""
        return str(config.to_json_string(use_diff=False))

    def _changed(self, item: ModelInput) -> ModelInput:
        """The example as it shall be heard this time."""
        if item.samples is None or item.augmentation_seed is None:
            return item
        if self._augmentation is None:
            raise ValueError("a recording shall be changed, but nobody said how")
        check_length(len(item.samples), self.window_s)
        longest = int(self.window_s * SAMPLE_RATE)
        return replace(item, samples=self._augmentation.sound(item.samples, item.augmentation_seed, longest))

    def _hear(self, item: ModelInput) -> Heard:
        samples = cast(Samples, item.samples)
        if self._augmentation is not None and item.augmentation_seed is not None:
            features = self._features(samples)
            masked = self._augmentation.masked(
                features,
                item.augmentation_seed,
                frames_axis=self.frames_axis,
                frames=self._sounding_frames(len(samples), features.shape[self.frames_axis]),
            )
            return Heard(None, masked, len(samples))
        if self._cache is None:
            return Heard(None, self._features(samples), len(samples))
        key = self._cache.key(samples)
        known = self._cache.get(key)
        if known is None:
            return Heard(None, self._features(samples), len(samples), key)
        return Heard(known.to(self.device), None, len(samples), key)

    def _embeddings(self, heard: Heard) -> Tensor:
        if heard.embeddings is not None:
            return heard.embeddings
        assert heard.features is not None  # noqa: S101 - see Heard
        embeddings = self.encode_audio(heard.features, heard.samples)
        if self._cache is not None and heard.key:
            self._cache.put(heard.key, embeddings)
        return embeddings


def _opens_unequal_rows(cache: GrowingCache, attention_mask: Tensor) -> bool:
    """Whether this is the beginning of answers, and so much of their prompts is padding that it is worth to
    attend row by row."""
    begins = cache.can_unpack and cache.get_seq_length() == 0
    return begins and attention_mask.dim() == 2 and float(attention_mask.float().mean()) < _MOSTLY_REAL


def _by_row(token_loss: Tensor, rows: Tensor, counts: Tensor) -> Tensor:
    """[N]: the losses of all target tokens [tokens], added up for each of the N rows."""
    return torch.zeros(len(counts), device=token_loss.device).index_add(0, rows, token_loss)
