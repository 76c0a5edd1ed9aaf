"""Phase 3: encoder and language model learn together that a question means the same, heard or read.

Every question of a batch is put by audio and by text. Losses: the answers themselves; the audio answer's
distribution against the text answer's; the same states in every layer from the instruction to the end of the
answer, and wherever a piece is heard or read; and phase 2's question to every audio frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import Qwen2AudioForConditionalGeneration

from core.teaspoon.model import audio_lengths, encode_audio, run_language_model
from core.teaspoon.pretrain_audio import PhoneHead, frame_accuracy, piece_embeddings, piece_loss
from core.teaspoon.pretrain_text import written
from core.teaspoon.prompts import Prompt, Prompts
from core.teaspoon.spoken_corpus import AudioBatch, Corpus, Spoken, batches, collate, disturbed
from core.teaspoon.tasks import Tasks
from core.teaspoon.training import Phase
from core.teaspoon.transcribe import word_error_rate

_PSEUDO = 0.4
"""Share of the read questions written as pseudo-audio text."""


@dataclass(frozen=True)
class Weights:
    """How much each loss counts beside the audio answers' own."""

    text: float = 0.5
    divergence: float = 0.5
    states: float = 1.0
    pieces: float = 0.5
    frames: float = 0.3
    phones: float = 0.1


class _Pairs(NamedTuple):
    """Places that mean the same, each [N]: the row of the batch, where it is heard, where it is read."""

    rows: Tensor
    heard_at: Tensor
    read_at: Tensor


def train_joint(
    model: Qwen2AudioForConditionalGeneration,
    phone_head: PhoneHead,
    prompts: Prompts,
    phase: Phase,
    corpus: Corpus,
    size: int,
    seed: int,
    strength: float = 0.0,
) -> None:
    """Train everything until the phase's time is spent.

    strength: of `disturbed`; 0 while hearing itself is still being learned.
    """
    rng = Random(f"joint {seed} {phase.step}")
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    tasks = Tasks()
    while not phase.finished():
        for group in batches(corpus.train, size, rng):
            if phase.finished():
                break
            batch = disturbed(collate(group), strength, generator)
            loss, parts = _losses(model, phone_head, prompts, group, batch, tasks, rng)
            phase.update(loss, parts)
            if phase.step % 100 == 0:
                phase.report()
            if phase.step % 500 == 0:
                _check(model, prompts, phase, corpus.checks)
    _check(model, prompts, phase, corpus.checks)


def _check(
    model: Qwen2AudioForConditionalGeneration,
    prompts: Prompts,
    phase: Phase,
    checks: Mapping[str, Sequence[Spoken]],
) -> None:
    phase.save()
    figures: dict[str, float] = {}
    for name, items in checks.items():
        figures[f"{name} frames"] = frame_accuracy(model, items)
        figures[f"{name} wer"] = word_error_rate(model, prompts, items)
    phase.report(**figures)
    phase.pause()


def _losses(
    model: Qwen2AudioForConditionalGeneration,
    phone_head: PhoneHead,
    prompts: Prompts,
    group: Sequence[Spoken],
    batch: AudioBatch,
    tasks: Tasks,
    rng: Random,
) -> tuple[Tensor, dict[str, float]]:
    weights = Weights()
    audio, states = encode_audio(model, batch.features, batch.frames)
    lengths = audio_lengths(batch.frames)[1]
    frames, _ = piece_loss(audio, batch.pieces, piece_embeddings(model))
    phones = phone_head.loss(states, batch.phones)

    questions = [tasks.ask(item.text, rng) for item in group]
    heard = [
        prompts.as_audio([prompts.audio] * int(length), question.instruction)
        for length, question in zip(lengths, questions, strict=True)
    ]
    read, plain = _read(prompts, group, [q.instruction for q in questions], rng)
    heard_batch, read_batch = prompts.batch(heard, questions), prompts.batch(read, questions)
    embed = model.get_input_embeddings()
    placeholders = heard_batch.ids == prompts.audio
    real = torch.arange(audio.shape[1])[None, :] < lengths[:, None]
    inputs = embed(heard_batch.ids).masked_scatter(placeholders[:, :, None], audio[real])
    by_ear = run_language_model(model, inputs, heard_batch.mask)
    by_eye = run_language_model(model, embed(read_batch.ids), read_batch.mask)

    ear_logits = model.lm_head(by_ear[-1][heard_batch.answer])
    eye_logits = model.lm_head(by_eye[-1][read_batch.answer])
    ear_loss = functional.cross_entropy(ear_logits, heard_batch.targets)
    eye_loss = functional.cross_entropy(eye_logits, read_batch.targets)
    divergence = functional.kl_div(
        ear_logits.log_softmax(-1),
        eye_logits.detach().log_softmax(-1),
        log_target=True,
        reduction="batchmean",
    )
    answers = [int(count) for count in heard_batch.answer.sum(1)]
    alike = _unlike(by_ear[1:], by_eye[1:], _from_the_instruction_on(heard, read, answers))
    pieces = _unlike(by_ear[1:], by_eye[1:], _in_pieces(group, heard, read, plain, prompts.silence))
    loss = (
        ear_loss + weights.text * eye_loss + weights.divergence * divergence + weights.states * alike
        + weights.pieces * pieces + weights.frames * frames + weights.phones * phones
    )  # fmt: skip
    parts = {
        "audio": ear_loss, "text": eye_loss, "divergence": divergence, "states": alike, "pieces": pieces,
        "frames": frames, "phones": phones,
    }  # fmt: skip
    return loss, {name: float(part.detach()) for name, part in parts.items()}


def _read(
    prompts: Prompts, group: Sequence[Spoken], instructions: Sequence[str], rng: Random
) -> tuple[list[Prompt], list[bool]]:
    """The questions as text, and which of them are plain (piece for piece what is heard)."""
    read, plain = [], []
    for item, instruction in zip(group, instructions, strict=True):
        text = item.text.text
        if rng.random() < _PSEUDO:
            read.append(prompts.as_audio(prompts.pseudo_audio(text, rng), instruction))
            plain.append(False)
        else:
            typed = written(text, rng)
            read.append(prompts.as_text(typed, instruction))
            plain.append(typed == text)
    return read, plain


def _from_the_instruction_on(
    heard: Sequence[Prompt], read: Sequence[Prompt], answers: Sequence[int]
) -> _Pairs:
    """From the first token after the content that both ways share to where the answer's last one is formed.

    The answer depends on what was said only through these states.
    """
    rows: list[int] = []
    heard_at: list[int] = []
    read_at: list[int] = []
    for row, (ear, eye, answer) in enumerate(zip(heard, read, answers, strict=True)):
        shared = next(n for n, (a, b) in enumerate(zip(ear.ids[::-1], eye.ids[::-1], strict=False)) if a != b)
        count = shared + answer - 1
        rows += [row] * count
        heard_at += range(len(ear.ids) - shared, len(ear.ids) - shared + count)
        read_at += range(len(eye.ids) - shared, len(eye.ids) - shared + count)
    return _Pairs(torch.tensor(rows), torch.tensor(heard_at), torch.tensor(read_at))


def _in_pieces(
    group: Sequence[Spoken],
    heard: Sequence[Prompt],
    read: Sequence[Prompt],
    plain: Sequence[bool],
    silence: int,
) -> _Pairs:
    """Every audio frame in which a piece sounds, and where that piece is read."""
    rows: list[int] = []
    heard_at: list[int] = []
    read_at: list[int] = []
    for row, item in enumerate(group):
        if plain[row]:
            frames = np.flatnonzero(item.pieces != silence)
            rows += [row] * len(frames)
            heard_at += (frames + heard[row].content_at).tolist()
            read_at += (np.searchsorted(item.ends, frames) + read[row].content_at).tolist()
    return _Pairs(*(torch.tensor(places, dtype=torch.long) for places in (rows, heard_at, read_at)))


def _unlike(by_ear: Sequence[Tensor], by_eye: Sequence[Tensor], pairs: _Pairs) -> Tensor:
    """Mean over the layers' states, each [batch, time, size], of one minus the cosine of the pairs; the read
    side is the teacher."""
    if not len(pairs.rows):
        return torch.zeros(())
    layers = [
        1.0
        - functional.cosine_similarity(
            ear[pairs.rows, pairs.heard_at], eye[pairs.rows, pairs.read_at].detach(), dim=-1
        ).mean()
        for ear, eye in zip(by_ear, by_eye, strict=True)
    ]
    return torch.stack(layers).mean()
