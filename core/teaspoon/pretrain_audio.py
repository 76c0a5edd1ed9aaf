"""Phase 2: the encoder learns to hear. Every audio frame is asked which piece of text it belongs to (its
embedding should look like that piece's), and every encoder step which phone it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import Qwen2AudioForConditionalGeneration

from core.teaspoon.model import encode_audio
from core.teaspoon.spoken_corpus import NOTHING, AudioBatch, Corpus, Spoken, batches, collate, disturbed
from core.teaspoon.training import Phase

_SHARPNESS = 20.0
_PHONE_WEIGHT = 0.5
_NORM_WEIGHT = 0.3
_COLOUR_FROM = 0.4
"""Colouring starts late: from the beginning it slows an underfit encoder badly."""


class PhoneHead(nn.Module):
    """Reads phones off the encoder's last layer while it is trained; not shipped.

    The engines' notations stay apart: a frame is only asked for a phone of its own engine's list."""

    def __init__(self, phone_list: Sequence[str], width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, len(phone_list))
        espeak = torch.tensor([phone.startswith("espeak") for phone in phone_list])
        self._espeak = espeak

    def loss(self, states: Tensor, phones: Tensor) -> Tensor:
        """states [batch, steps, width] (may be longer than phones), phones [batch, steps]."""
        known = phones != NOTHING
        wanted = phones[known]
        logits = self.linear(states[:, : phones.shape[1]][known])
        foreign = self._espeak[wanted][:, None] != self._espeak[None, :]
        return functional.cross_entropy(logits.masked_fill(foreign, -1e4), wanted)


def piece_loss(audio: Tensor, pieces: Tensor, embedding: Tensor) -> tuple[Tensor, Tensor]:
    """(loss, accuracy): frames' embeddings [batch, tokens, hidden] against the pieces' embeddings."""
    known = pieces != NOTHING
    wanted, heard = pieces[known], audio[:, : pieces.shape[1]][known]
    logits = _SHARPNESS * functional.normalize(heard, dim=-1) @ functional.normalize(embedding, dim=-1).T
    target = embedding[wanted]
    # The direction says which piece; the length should be that of text embeddings too.
    distance = (heard - target).square().sum(-1).mean() / target.square().sum(-1).mean()
    loss = functional.cross_entropy(logits, wanted) + _NORM_WEIGHT * distance
    return loss, (logits.argmax(-1) == wanted).float().mean()


def piece_embeddings(model: Qwen2AudioForConditionalGeneration) -> Tensor:
    """The language model's embedding of every token [vocabulary, hidden], as a fixed target."""
    weight: Tensor = model.model.language_model.embed_tokens.weight
    return weight.detach()


def train_audio(
    model: Qwen2AudioForConditionalGeneration,
    phone_head: PhoneHead,
    phase: Phase,
    corpus: Corpus,
    size: int,
    seed: int,
    strength: float = 0.0,
) -> None:
    """Train tower and projector until the phase's time is spent.

    strength: of `disturbed`; 0 for an encoder that cannot hear yet, which then is spared even the colouring
    for a while.
    """
    rng = Random(f"audio {seed} {phase.step}")
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    while not phase.finished():
        for group in batches(corpus.train, size, rng):
            if phase.finished():
                break
            batch = collate(group)
            if strength or phase.progress > _COLOUR_FROM:
                batch = disturbed(batch, strength, generator)
            loss, parts = _losses(model, phone_head, batch)
            phase.update(loss, parts | {"utterances": float(len(group))})
            if phase.step % 100 == 0:
                phase.report()
            if phase.step % 500 == 0:
                phase.report(**_frames_right(model, corpus))
                phase.save()
                phase.pause()
    phase.report(**_frames_right(model, corpus))
    phase.save()


def _frames_right(model: Qwen2AudioForConditionalGeneration, corpus: Corpus) -> dict[str, float]:
    return {f"{name} frames": frame_accuracy(model, items) for name, items in corpus.checks.items()}


def _losses(
    model: Qwen2AudioForConditionalGeneration,
    phone_head: PhoneHead,
    batch: AudioBatch,
) -> tuple[Tensor, dict[str, float]]:
    audio, states = encode_audio(model, batch.features, batch.frames)
    pieces, right = piece_loss(audio, batch.pieces, piece_embeddings(model))
    phones = phone_head.loss(states, batch.phones)
    parts = {"piece": float(pieces.detach()), "phone": float(phones.detach()), "frames right": float(right)}
    return pieces + _PHONE_WEIGHT * phones, parts


@torch.no_grad()
def frame_accuracy(model: Qwen2AudioForConditionalGeneration, items: Sequence[Spoken]) -> float:
    """Share of audio frames whose embedding is nearest to the right piece."""
    right, count = 0.0, 0
    for group in batches(items, 32, Random(0)):
        batch = collate(group)
        audio, _ = encode_audio(model, batch.features, batch.frames)
        frames = int((batch.pieces != NOTHING).sum())
        right += float(piece_loss(audio, batch.pieces, piece_embeddings(model))[1]) * frames
        count += frames
    return round(right / count, 4)
