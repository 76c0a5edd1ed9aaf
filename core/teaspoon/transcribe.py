"""Word error rate of the model's own transcription, decoded greedily in batches."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from transformers import Qwen2AudioForConditionalGeneration

from core.evaluation.edit_distance import edit_distance
from core.teaspoon.model import audio_lengths, encode_audio
from core.teaspoon.prompts import Prompts
from core.teaspoon.spoken_corpus import Spoken, batches, collate
from core.teaspoon.tasks import TRANSCRIBE

_MOST_TOKENS = 80


@torch.no_grad()
def word_error_rate(
    model: Qwen2AudioForConditionalGeneration, prompts: Prompts, items: Sequence[Spoken]
) -> float:
    """Words substituted, inserted or left out, per word spoken."""
    wrong = words = 0
    for group in batches(items, 32, Random(0)):
        for item, text in zip(group, transcribe(model, prompts, group), strict=True):
            spoken = item.text.text.split()
            wrong += edit_distance(text.split(), spoken)
            words += len(spoken)
    return round(wrong / words, 4)


@torch.no_grad()
def transcribe(
    model: Qwen2AudioForConditionalGeneration, prompts: Prompts, group: Sequence[Spoken]
) -> list[str]:
    """What the model writes when it is asked for the words."""
    batch = collate(group)
    audio, _ = encode_audio(model, batch.features, batch.frames)
    lengths = audio_lengths(batch.frames)[1]
    rows = [prompts.as_audio([prompts.audio] * int(n), TRANSCRIBE).ids for n in lengths]
    longest = max(map(len, rows))
    ids = torch.tensor([[prompts.pad] * (longest - len(row)) + row for row in rows])
    real = torch.arange(audio.shape[1])[None, :] < lengths[:, None]
    inputs = model.get_input_embeddings()(ids).masked_scatter((ids == prompts.audio)[:, :, None], audio[real])
    mask = ids != prompts.pad
    output = model.model.language_model(inputs_embeds=inputs, attention_mask=mask, use_cache=True)
    cache, going = output.cache, torch.ones(len(rows), dtype=torch.bool)
    written: list[torch.Tensor] = []
    state = output.last_hidden_state[:, -1]
    for _ in range(_MOST_TOKENS):
        token = model.lm_head(state).argmax(-1).masked_fill(~going, prompts.end)
        written.append(token)
        going &= token != prompts.end
        if not going.any():
            break
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
        output = model.model.language_model(
            input_ids=token[:, None], attention_mask=mask, cache=cache, use_cache=True
        )
        state = output.last_hidden_state[:, -1]
    tokens = torch.stack(written, dim=1).tolist()
    ended = [row[: row.index(prompts.end)] if prompts.end in row else row for row in tokens]
    return [str(prompts.tokenizer.decode(row, skip_special_tokens=True)) for row in ended]
