"""Phase 1: the language model learns the tasks on text, half of it written as pseudo-audio."""

from __future__ import annotations

from random import Random

from torch.nn import functional
from transformers import Qwen2AudioForConditionalGeneration

from core.teaspoon.corpus import Text, corpus_texts
from core.teaspoon.model import run_language_model
from core.teaspoon.prompts import Prompt, Prompts
from core.teaspoon.tasks import Question, Tasks
from core.teaspoon.training import Phase

_BATCH = 64
_POOL = 12
"""Batches drawn at once and sorted by length, so that little is spent on padding."""


def written(text: str, rng: Random) -> str:
    """The text as a person may type it: now and then with a capital and a full stop."""
    if rng.random() >= 0.12:
        return text
    return text[0].upper() + text[1:] + rng.choice((".", ".", "?", "!", ""))


def train_text(
    model: Qwen2AudioForConditionalGeneration,
    prompts: Prompts,
    phase: Phase,
    forbidden: frozenset[str],
    seed: int,
) -> None:
    """Train the language model until the phase's time is spent. Only its own parameters may be trainable."""
    rng = Random(f"text {seed} {phase.step}")
    tasks, texts = Tasks(), corpus_texts(rng, forbidden)
    while not phase.finished():
        drawn: list[tuple[Prompt, Question]] = []
        for _ in range(_BATCH * _POOL):
            text = next(texts)
            question = tasks.ask(text, rng)
            drawn.append((_put(prompts, text, question, rng), question))
        drawn.sort(key=lambda item: len(item[0].ids))
        starts = list(range(0, len(drawn), _BATCH))
        rng.shuffle(starts)
        for start in starts:
            _step(model, prompts, phase, drawn[start : start + _BATCH])
            if phase.step % 50 == 0:
                phase.report()
            if phase.step % 200 == 0:
                phase.save()
    phase.report()
    phase.save()


def _put(prompts: Prompts, text: Text, question: Question, rng: Random) -> Prompt:
    if rng.random() < 0.5:
        return prompts.as_audio(prompts.pseudo_audio(text.text, rng), question.instruction)
    return prompts.as_text(written(text.text, rng), question.instruction)


def _step(
    model: Qwen2AudioForConditionalGeneration,
    prompts: Prompts,
    phase: Phase,
    items: list[tuple[Prompt, Question]],
) -> None:
    batch = prompts.batch([prompt for prompt, _ in items], [question for _, question in items])
    states = run_language_model(model, model.get_input_embeddings()(batch.ids), batch.mask)
    logits = model.lm_head(states[-1][batch.answer])
    loss = functional.cross_entropy(logits, batch.targets)
    right = (logits.detach().argmax(-1) == batch.targets).float().mean()
    phase.update(loss, {"loss": float(loss.detach()), "token accuracy": float(right)})
