"""What every Large Audio Language Model family offers to training and inference.

A family wraps one architecture (`config.model_type`): it knows how a waveform becomes embeddings, where
they go in the prompt, and which modules a LoRA adapter may touch. The loop and the decoder know no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BitsAndBytesConfig

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import Cache, PreTrainedModel, PreTrainedTokenizerBase

    from core.experiment.augmentation import AugmentationSpec

IGNORE = -100
"""Label of a position that is not supervised."""

Samples = NDArray[np.float32]
"""One utterance's waveform: mono, 16 kHz, in [-1, 1]."""

EncoderPart = Literal["tower", "projector"]
"""What a waveform goes through before the language model."""

ParameterGroup = dict[str, Any]
"""Weights ("params") that learn at one rate ("lr"), as torch's optimizers take them."""


@dataclass(frozen=True)
class ModelInput:
    """One example: its content (a text or a waveform, exactly one of them) and, to train, its target.

    target: the segments of `core.data.targets.target_segments`; None when the model shall answer. transcribe:
    whether it is asked to write down the words, and not for the label. pseudo_audio_seed: given to write the
    text as pseudo-audio, with the same chance in it each time. augmentation_seed: given to change the
    recording as `augment` said, in the same way each time.
    """

    text: str | None = None
    samples: Samples | None = None
    target: tuple[str, ...] | None = None
    transcribe: bool = False
    pseudo_audio_seed: int | None = None
    augmentation_seed: int | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.samples is None):
            raise ValueError("an example has either a text or a waveform")
        if self.pseudo_audio_seed is not None and self.text is None:
            raise ValueError("only a text can be written as pseudo-audio")
        if self.augmentation_seed is not None and self.samples is None:
            raise ValueError("only a recording can be changed")


@dataclass(frozen=True)
class Heard:
    """One waveform of a batch: what the tower made of it, or what it shall be given.

    embeddings: [audio tokens, H], None when they are still to be computed. features: the tower's input in the
    family's own layout, None when that is not needed any more. samples: how many the recording has. key: to
    remember the embeddings by; "" when they shall not be remembered.
    """

    embeddings: Tensor | None
    features: Tensor | None
    samples: int
    key: str = ""


@dataclass(frozen=True)
class LoadOptions:
    """How a base model is put into memory.

    dtype: of its weights; device: where they go. bits: 8 or 4 to quantise the language model's linear layers,
    None for none. whole: full names of the modules that keep their dtype then (what hears, and the head).
    """

    dtype: torch.dtype
    device: torch.device
    bits: Literal[4, 8] | None = None
    whole: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """For `from_pretrained`: weights only as safetensors, straight to the device (quantised ones cannot
        be moved there later), and no code of the model's."""
        arguments: dict[str, Any] = {
            "dtype": self.dtype,
            "device_map": {"": self.device},
            "use_safetensors": True,
            "trust_remote_code": False,
        }
        if self.bits is not None:
            arguments["quantization_config"] = self._quantization()
        return arguments

    def _quantization(self) -> BitsAndBytesConfig:
        """LLM.int8(), or what QLoRA does: 4-bit normal floats whose scales are quantised as well."""
        wanted: dict[str, Any] = {"load_in_8bit": True}
        if self.bits == 4:
            wanted = {
                "load_in_4bit": True,
                "bnb_4bit_quant_type": "nf4",
                "bnb_4bit_use_double_quant": True,
                "bnb_4bit_compute_dtype": self.dtype,
            }
        return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            llm_int8_skip_modules=list(self.whole), **wanted
        )


@dataclass(frozen=True)
class Batch:
    """Token ids of a batch, padded on the right. N rows, L columns.

    input_ids: [N, L]. attention_mask: [N, L], True where a token is. labels: [N, L], IGNORE outside the
    target. audio: one entry for each row that is speech, in order; none, and the tower is never touched.
    """

    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor
    audio: tuple[Heard, ...]

    @property
    def positions(self) -> Tensor:
        """[N, L]: rotary positions, counted over real tokens only."""
        return (self.attention_mask.long().cumsum(-1) - 1).clamp(min=0)


class LalmFamily(Protocol):
    """One model, ready on its device."""

    @property
    def model(self) -> PreTrainedModel:
        """The whole model as Hugging Face saves it; adapters are injected into it."""

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...

    @property
    def window_s(self) -> float:
        """Seconds of audio the tower can take; longer recordings are refused, never cut."""

    def heard_s(self, samples: int) -> float:
        """Seconds of sound that the tower computes for a recording of so many samples: its padding, too."""

    @property
    def tokens_per_s(self) -> float:
        """Audio tokens that a second of sound gives."""

    @property
    def device(self) -> torch.device: ...

    @property
    def knows_pseudo_audio(self) -> bool:
        """Whether the model met text written as pseudo-audio before it came here."""

    @property
    def end_id(self) -> int:
        """The token that ends the model's turn."""

    def collate(self, items: Sequence[ModelInput]) -> Batch:
        """Prompts (and targets) as one batch on the model's device.

        Raises UserError for a recording that is too short to hear or longer than the window.
        """

    def embed(self, batch: Batch) -> Tensor:
        """[N, L, H]: the prompt's embeddings with each audio placeholder replaced by what was heard.

        What was heard records gradients only after `let_encoder_learn`.
        """

    def hear(self, batch: Batch) -> list[Tensor]:
        """What the tower makes of each of the batch's recordings, in order: [audio tokens, H] each."""

    def placeholders(self, batch: Batch) -> Tensor:
        """[N, L]: True where `embed` puts one embedding of what was heard."""

    def hidden(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor,
        positions: Tensor,
        inputs_embeds: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """[N, L, H]: the language model's last hidden states.

        inputs_embeds: given for the prompt, where audio stands between the tokens; without it the ids are
        embedded. attention_mask: [N, columns so far] or, for other than causal order, [N, 1, L, columns].
        """

    def logits(self, hidden: Tensor, tokens: Tensor | None = None) -> Tensor:
        """float32 scores of the next token, [..., vocabulary], or of the given `tokens` alone."""

    def new_cache(self) -> Cache:
        """An empty key/value cache for `hidden`."""

    def loss(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Summed cross-entropy over each row's target tokens [N] (float32), and their number [N]."""

    def smoothed_loss(self, batch: Batch, smoothing: float) -> tuple[Tensor, Tensor, Tensor]:
        """The same with a part `smoothing` of each target token's weight given to all tokens alike, summed
        [N]; then, as `loss` gives them but without gradients, the plain sums [N], and the numbers [N]."""

    def tokenize(self, segment: str) -> list[int]:
        """The ids of one target segment, the same in training and in decoding."""

    def transcript(self, answer: str) -> str:
        """The words alone in what the model answered to a `transcribe` question."""

    def lora_targets(self) -> list[str]:
        """Full names of the modules an adapter goes into: the language model's linear layers, no others."""

    def checkpoint_gradients(self) -> None:
        """From now on keep, of each layer of the language model, its input alone for the backward pass, and
        compute the rest again there: less memory, more time, the same loss. After what learns was chosen."""

    def remember_features(self, folder: Path) -> None:
        """From now on keep below `folder` what the frozen tower makes of each recording, and use what is
        there (see `core.models.feature_cache`)."""

    def encoder_modules(self, part: EncoderPart) -> list[str]:
        """Full names of the modules that make up tower or projector; none where the family has none of its
        own."""

    def let_encoder_learn(self) -> None:
        """From now on what is heard may record gradients, and none of it is remembered.

        Tower and projector are kept in float32; where they were in 16 bits they still compute in these.
        """

    def augment(self, spec: AugmentationSpec) -> None:
        """From now on change the recordings that come with a seed. Raises UserError when the folder of noises
        holds none."""

    def language_modules(self) -> list[str]:
        """Full names of the modules that make up the language model, from its embeddings to its head."""
