"""How much memory a training takes, told from the shapes of the base model's weights: rough, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from core.experiment.spec import ExperimentSpec

PROGRAM_BYTES: Final = 600e6
"""The worker process before any model."""

_EMBEDDINGS: Final = "embed_tokens.weight"
_HEAD: Final = "lm_head.weight"
_IN_TOWER: Final = re.compile(
    r"(?:.*\.)?(?:\w*audio\w*|encoder)\..*layers\.\d+\..+"  # model.audio_tower.layers.3.fc1.weight
    r"|.*audio_embed\.encoder\..+"  # Phi-4's
)

_LEARNING_BYTES: Final = 12
"""Of each weight that learns, beside itself: its gradient and the optimizer's two means in float32."""
_LEARNER_BYTES: Final = 4
"""What learns is kept in float32."""

QUANTIZED_BYTES: Final = {"8bit": 1.0, "4bit": 0.52}
"""Of each quantised weight, its share of the scales included."""

_KEPT_HIDDEN: Final = 12
_KEPT_FEED_FORWARD: Final = 4
"""Numbers that a layer keeps of each position for the backward pass, as multiples of the hidden size and of
the feed-forward size. Counted in Teaspoon (hidden size 256, feed-forward 640): 19.5 x 256 with an adapter and
21.6 x 256 where all weights learn: 9.5 and 11.6 times the hidden size beside the feed-forward part."""
_TOWER_POSITIONS_PER_S: Final = 50
"""Positions of the audio tower for each second: as in Whisper's and Granite's towers; no family has more."""
_SCORES_BYTES: Final = 12
"""Of each word of the vocabulary at each target token: the score, its softmax and its gradient in float32."""


@dataclass(frozen=True)
class ModelShape:
    """weights: all of the model. language: those of its language model. linear: of these the ones in linear
    layers, which alone may be quantised. lora_width: inputs and outputs of the
    language model's linear layers, all added up; an adapter has that many weights for each of its ranks.
    tower: weights of the audio tower's layers. tower_width: as lora_width, of these; where they learn, about
    as many numbers are kept of each position for the backward pass."""

    weights: int
    language: int
    linear: int
    layers: int
    hidden: int
    feed_forward: int
    vocabulary: int
    lora_width: int
    tower: int
    tower_width: int


@dataclass(frozen=True)
class LargestBatch:
    """rows: utterances at once. positions: tokens of the longest, audio tokens included. targets: all tokens
    that are predicted. heard_s: seconds of sound that the tower computes for all of them."""

    rows: int
    positions: int
    targets: int
    heard_s: float


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes. weights: of model and adapter. learning: gradients and the optimizer's means. activations: what
    the largest batch keeps for the backward pass."""

    program: float
    weights: float
    learning: float
    activations: float

    @property
    def total(self) -> float:
        return self.program + self.weights + self.learning + self.activations


def model_shape(tensors: Iterable[tuple[str, Sequence[int]]]) -> ModelShape | None:
    """The shape of a model whose weights have these names and shapes; None when no language model is found.

    The names are those in its files or in memory: configurations leave out what is their class's default.
    """
    shapes = dict(tensors)
    embeddings = max(
        (name for name in shapes if name.endswith(_EMBEDDINGS)), key=lambda n: prod(shapes[n]), default=None
    )
    if embeddings is None or len(shapes[embeddings]) != 2:
        return None
    prefix = embeddings.removesuffix(_EMBEDDINGS)
    in_layer = re.compile(re.escape(prefix) + r"layers\.(\d+)\..+")
    layers = {match[1] for name in shapes if (match := in_layer.fullmatch(name))}
    linear = [shape for name, shape in shapes.items() if in_layer.fullmatch(name) and len(shape) == 2]
    tower = [shape for name, shape in shapes.items() if _IN_TOWER.fullmatch(name)]
    vocabulary, hidden = shapes[embeddings]
    own = (embeddings, f"{prefix}layers.", f"{prefix}norm.")
    return ModelShape(
        weights=sum(map(prod, shapes.values())),
        language=sum(
            prod(shape) for name, shape in shapes.items() if name.startswith(own) or name.endswith(_HEAD)
        ),
        linear=sum(map(prod, linear)),
        layers=len(layers),
        hidden=hidden,
        feed_forward=max((max(shape) for shape in linear), default=hidden),
        vocabulary=vocabulary,
        lora_width=sum(map(sum, linear)),
        tower=sum(map(prod, tower)),
        tower_width=sum(sum(shape) for shape in tower if len(shape) == 2),
    )


def memory_parts(
    spec: ExperimentSpec, shape: ModelShape, batch: LargestBatch, *, sixteen_bit: bool, checkpointing: bool
) -> MemoryNeed:
    """What the experiment takes with such a base model.

    sixteen_bit: whether it computes in bf16. checkpointing: whether each layer's inner values are computed
    again in the backward pass and not kept.
    """
    number = 2 if sixteen_bit else 4
    hearing = shape.weights - shape.language
    learning = shape.language if spec.lora is None else spec.lora.rank * shape.lora_width
    frozen = hearing if spec.lora is None else shape.weights
    if spec.encoder_learns:
        heard = hearing if spec.tower_learns else hearing - shape.tower
        learning, frozen = learning + heard, frozen - heard
    weights = float(frozen * number)
    if spec.lora is not None and spec.training.quantization != "none":
        weights += shape.linear * (QUANTIZED_BYTES[spec.training.quantization] - number)
    return MemoryNeed(
        program=PROGRAM_BYTES,
        weights=weights + learning * _LEARNER_BYTES,
        learning=learning * _LEARNING_BYTES,
        activations=activations(
            shape,
            batch,
            sixteen_bit=sixteen_bit,
            checkpointing=checkpointing,
            tower_learns=spec.tower_learns,
        ),
    )


def learning_bytes(weights: int) -> float:
    """Bytes of gradients and optimizer for so many weights that learn."""
    return float(weights * _LEARNING_BYTES)


def activations(
    shape: ModelShape, batch: LargestBatch, *, sixteen_bit: bool, checkpointing: bool, tower_learns: bool
) -> float:
    """Bytes that a batch keeps for the backward pass. A tower that learns never computes its layers again."""
    of_layer = _KEPT_HIDDEN * shape.hidden + _KEPT_FEED_FORWARD * shape.feed_forward
    # Each layer's input, and what is inside of the one that is just computed again.
    of_position = shape.layers * shape.hidden + of_layer if checkpointing else shape.layers * of_layer
    kept = float(batch.rows * batch.positions * of_position)
    if tower_learns:
        kept += batch.heard_s * _TOWER_POSITIONS_PER_S * shape.tower_width
    return kept * (2 if sixteen_bit else 4) + batch.targets * shape.vocabulary * _SCORES_BYTES


def wants_checkpointing(
    spec: ExperimentSpec, learning: float, without: float, with_it: float, free: float
) -> bool:
    """Whether to use gradient checkpointing: as the experiment says, or, left to itself, where training fits
    into the `free` bytes with it alone. learning, without, with_it: bytes of gradients and optimizer, and of
    activations without and with it."""
    if spec.training.gradient_checkpointing != "auto":
        return spec.training.gradient_checkpointing == "on"
    return learning + without > free >= learning + with_it
