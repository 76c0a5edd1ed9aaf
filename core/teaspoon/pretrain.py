"""The phases in order: tokenizer, language model on text, encoder on frames, both together, export.

Everything lives below one work folder and every phase goes on where it was stopped.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast, Qwen2AudioForConditionalGeneration

from core.teaspoon.corpus import corpus_texts, demo_texts
from core.teaspoon.domains import DOMAINS
from core.teaspoon.export import export
from core.teaspoon.model import build_model, fold_statistics, multiply_in_bf16
from core.teaspoon.pretrain_audio import PhoneHead, train_audio
from core.teaspoon.pretrain_joint import train_joint
from core.teaspoon.pretrain_text import train_text, written
from core.teaspoon.prompts import Prompts
from core.teaspoon.spoken_corpus import load_corpus
from core.teaspoon.tokenizer import train_tokenizer
from core.teaspoon.training import Phase

_SEED = 0
_BATCH = 32
_TOKENIZER_TEXTS = 40_000
_DISTURBED = 0.6


@dataclass(frozen=True)
class Minutes:
    """Wall-clock budget of each phase on two cores. For the first weights, v0, the first two ran side by
    side, on one core each (26 and 19 minutes)."""

    text: float = 14.0
    audio: float = 19.0
    joint: float = 30.0


def tokenizer_in(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of this work folder; trained on first use."""
    if not (folder / "tokenizer.json").exists():
        rng = Random(f"tokenizer {_SEED}")
        sentences = itertools.islice(corpus_texts(rng, demo_texts()), _TOKENIZER_TEXTS)
        names = ["_".join(intent.split()) for domain in DOMAINS for intent in domain.intents] * 30
        train_tokenizer([*(written(s.text, rng) for s in sentences), *names]).save_pretrained(folder)
    return cast(PreTrainedTokenizerFast, PreTrainedTokenizerFast.from_pretrained(folder))


def pretrain(work: Path, target: Path, minutes: Minutes) -> None:
    """All phases, then the files of the embedded model in `target`."""
    tokenizer = tokenizer_in(work / "tokenizer")
    prompts = Prompts(tokenizer)
    train = work / "train"
    train.mkdir(parents=True, exist_ok=True)

    model = _fresh(tokenizer)
    # The piece embeddings stay as they were drawn until the last phase: they are the encoder's targets.
    _learn_only(model, model.model.language_model, model.lm_head, but=model.get_input_embeddings())
    train_text(
        model, prompts, Phase("text", train, model, minutes=minutes.text, rate=1.5e-3), demo_texts(), _SEED
    )
    corpus = load_corpus(work / "speech", prompts)
    heads = PhoneHead(corpus.phones, model.model.multi_modal_projector.linear.in_features)
    both = nn.ModuleDict({"model": model, "phones": heads})
    tower = model.model.audio_tower
    sample = np.concatenate([item.features for item in corpus.train[::50]]).astype(np.float32)
    fold_statistics(model, torch.tensor(sample.mean(0)), torch.tensor(sample.std(0)))

    _learn_only(both, heads, tower, model.model.multi_modal_projector, but=tower.embed_positions)
    phase = Phase("audio", train, both, minutes=minutes.audio, rate=1.5e-3)
    train_audio(model, heads, phase, corpus, _BATCH, _SEED)

    _learn_only(both, both, but=tower.embed_positions)
    phase = Phase("joint", train, both, minutes=minutes.joint, rate=8e-4, warmup=100)
    train_joint(model, heads, prompts, phase, corpus, _BATCH, _SEED)
    export(model, tokenizer, target)


def refine(work: Path, folder: Path, minutes: Minutes) -> None:
    """Train the exported model in `folder` further on the synthesised corpus, and export it there again.

    The encoder alone, then both together, once more, with rooms, noise and codecs in the recordings and other
    speakers made of the known ones; all that comes late because it slows an encoder badly that cannot hear
    yet. `minutes.text` is not used: the language model goes on learning in the joint phase.
    """
    tokenizer = cast(PreTrainedTokenizerFast, PreTrainedTokenizerFast.from_pretrained(folder))
    prompts = Prompts(tokenizer)
    train = work / "train"
    train.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(_SEED)
    model = Qwen2AudioForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    multiply_in_bf16(model.model)
    corpus = load_corpus(work / "speech", prompts)
    heads = PhoneHead(corpus.phones, model.model.multi_modal_projector.linear.in_features)
    both = nn.ModuleDict({"model": model, "phones": heads})
    tower = model.model.audio_tower

    _learn_only(both, heads, tower, model.model.multi_modal_projector, but=tower.embed_positions)
    hearing = Phase("refine audio", train, both, minutes=minutes.audio, rate=1e-3)
    train_audio(model, heads, hearing, corpus, _BATCH, _SEED, strength=_DISTURBED)

    _learn_only(both, both, but=tower.embed_positions)
    # At the full rate the encoder forgets in minutes a tenth of what it has just learned.
    understanding = Phase("refine joint", train, both, minutes=minutes.joint, rate=6e-4, gently=tower)
    train_joint(model, heads, prompts, understanding, corpus, _BATCH, _SEED, strength=_DISTURBED)
    export(model, tokenizer, folder)
    # Or a later call would put these weights in the place of whatever is in `folder` by then.
    hearing.forget()
    understanding.forget()


def _fresh(tokenizer: PreTrainedTokenizerFast) -> Qwen2AudioForConditionalGeneration:
    torch.manual_seed(_SEED)
    model = build_model(tokenizer)
    multiply_in_bf16(model.model)
    return model


def _learn_only(model: nn.Module, *modules: nn.Module, but: nn.Module) -> None:
    """Only the parameters of `modules` learn, without those of `but`."""
    model.requires_grad_(False)
    for module in modules:
        module.requires_grad_(True)
    but.requires_grad_(False)
