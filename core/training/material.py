"""The utterances of a run, checked before it starts and turned into model inputs batch by batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.audio.files import audio_info, read_audio
from core.data.targets import target_segments
from core.data.utterance import Utterance
from core.errors import UserError
from core.experiment.schedule import Example
from core.models.family import ModelInput

_NAMED = 5
"""Files named in an error; the rest are counted."""


def check_recordings(utterances: Iterable[Utterance], window_s: float) -> None:
    """Raise UserError when a recording is missing, unreadable or longer than the model's window.

    Called for everything a run will hear, test recordings too, so that no run fails after hours of work.
    """
    too_long: list[tuple[float, Path]] = []
    for utterance in utterances:
        if utterance.audio is None:
            continue
        known = utterance.duration_s is not None and utterance.audio.is_file()
        seconds = utterance.duration_s if known else audio_info(utterance.audio).duration_s
        if seconds is not None and seconds > window_s:
            too_long.append((seconds, utterance.audio))
    if too_long:
        longest = sorted(too_long, key=lambda entry: -entry[0])[:_NAMED]
        names = "; ".join(f"{path} ({seconds:.1f} s)" for seconds, path in longest)
        more = f" and {len(too_long) - len(longest)} more" if len(too_long) > len(longest) else ""
        raise UserError(
            f"{len(too_long)} recording(s) are longer than the {window_s:g} s this base model hears: "
            f"{names}{more}.",
            where=str(longest[0][1]),
            remedy="Cut them, leave them out of the dataset, or choose a base model with a longer window.",
        )


def model_inputs(examples: Sequence[Example], utterances: Mapping[int, Utterance]) -> list[ModelInput]:
    """The examples with their content read and their targets spelled. Raises UserError as `read_audio`."""
    return [_model_input(example, utterances[example.utterance_id]) for example in examples]


def fingerprint(utterances: Iterable[Utterance]) -> str:
    """A hash of everything a run depends on in these utterances, in their order; row ids do not count."""
    digest = hashlib.sha256()
    for utterance in utterances:
        label = [utterance.label.intent, [[slot.type, slot.filler] for slot in utterance.label.slots]]
        content = [utterance.dataset, utterance.key, utterance.split, label, utterance.text]
        digest.update(json.dumps([*content, utterance.audio is not None, utterance.duration_s]).encode())
    return digest.hexdigest()


def _model_input(example: Example, utterance: Utterance) -> ModelInput:
    target = tuple(target_segments(utterance.label))
    if example.modality == "text":
        return ModelInput(text=utterance.text, target=target, pseudo_audio_seed=example.pseudo_audio_seed)
    if utterance.audio is None:
        raise ValueError(f"utterance {utterance.key} is scheduled as speech but has no audio")
    return ModelInput(samples=read_audio(utterance.audio), target=target)
