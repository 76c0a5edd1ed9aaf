"""The utterances of a run, checked before it starts and turned into model inputs batch by batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from core.audio.files import SHORTEST_S, audio_info, read_audio
from core.data.targets import target_segments
from core.data.utterance import Utterance
from core.errors import UserError
from core.experiment.schedule import Example
from core.models.family import LalmFamily, ModelInput
from core.models.prompt import control_pattern, control_tokens

_NAMED = 20
"""Files named in an error; the rest are counted there and named in its details."""


def check_recordings(
    utterances: Iterable[Utterance], window_s: float, alive: Callable[[], None] = lambda: None
) -> dict[Path, str]:
    """The sha256 of every recording's file, after each was opened and found fit to be heard.

    Called for everything a run will hear, test recordings too, so that no run fails after hours of work: what
    the library noted at the import may no longer be so. alive: called after each file. Raises one UserError
    for all that are missing, unreadable, too short, or longer than the model's window.
    """
    hashes: dict[Path, str] = {}
    problems: dict[Path, str] = {}
    for utterance in utterances:
        path = utterance.audio
        if path is None or path in hashes or path in problems:
            continue
        problem = _unfit(path, window_s)
        if problem:
            problems[path] = problem
        else:
            hashes[path] = _sha256(path)
        alive()
    if problems:
        raise _refusal(problems)
    return hashes


def check_labels(utterances: Iterable[Utterance], family: LalmFamily) -> None:
    """Raise UserError when a label spells one of the model's control tokens.

    In a target it would end the answer or open another turn; and what a label says is not ours to change.
    """
    control = control_pattern(control_tokens(family.tokenizer).values())
    found: list[str] = []
    for utterance in utterances:
        slots = utterance.label.slots
        for name in (utterance.label.intent, *(text for slot in slots for text in (slot.type, slot.filler))):
            token = control.search(name)
            if token is not None:
                found.append(f"{_name(utterance)} ({token[0]})")
                break
    if found:
        count = "1 label holds" if len(found) == 1 else f"{len(found)} labels hold"
        raise UserError(
            f"{count} a control token of this base model: {_some(found)}.",
            where=found[0],
            remedy="Take it out of the label's intent, slot types and fillers, and import the dataset again.",
            details="\n".join(found),
        )


def model_inputs(examples: Sequence[Example], utterances: Mapping[int, Utterance]) -> list[ModelInput]:
    """The examples with their content read and their targets spelled. Raises UserError as `read_audio`."""
    return [_model_input(example, utterances[example.utterance_id]) for example in examples]


def fingerprint(utterances: Iterable[Utterance], *, languages: bool = False) -> str:
    """A hash of what the library holds of these utterances, in their order, which the schedule follows.

    Row ids and the files' places do not count: the same dataset in another home is the same. Nor does what
    the files hold; that is `recordings_fingerprint`. languages: whether the schedule follows them, too.
    """
    digest = hashlib.sha256()
    for utterance in utterances:
        label = [utterance.label.intent, [[slot.type, slot.filler] for slot in utterance.label.slots]]
        content = [utterance.dataset, utterance.key, utterance.split, label, utterance.text]
        more = [utterance.language] if languages else []
        heard = [utterance.audio is not None, utterance.duration_s]
        digest.update(json.dumps([*content, *heard, *more]).encode())
    return digest.hexdigest()


def noises_fingerprint(noises: Iterable[Path], alive: Callable[[], None] = lambda: None) -> str:
    """A hash of what the noises hold, in their order. Raises UserError for one that cannot be heard."""
    digest = hashlib.sha256()
    for noise in noises:
        audio_info(noise)
        digest.update(_sha256(noise).encode())
        alive()
    return digest.hexdigest()


def recordings_fingerprint(utterances: Iterable[Utterance], hashes: Mapping[Path, str]) -> str:
    """A hash of what these utterances' recordings hold, in their order. hashes: from `check_recordings`."""
    digest = hashlib.sha256()
    for utterance in utterances:
        if utterance.audio is not None:
            digest.update(hashes[utterance.audio].encode())
    return digest.hexdigest()


def _unfit(path: Path, window_s: float) -> str:
    """What keeps a recording from being heard, in a few words; empty when nothing does."""
    try:
        seconds = audio_info(path).duration_s
    except UserError as error:
        return error.what[0].lower() + error.what[1:].rstrip(".")
    if seconds < SHORTEST_S:
        return f"{1000 * seconds:.0f} ms, shorter than {1000 * SHORTEST_S:.0f} ms"
    if seconds > window_s:
        return f"{seconds:.1f} s, longer than the {window_s:g} s this base model hears"
    return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refusal(problems: Mapping[Path, str]) -> UserError:
    lines = [f"{path} ({problem})" for path, problem in problems.items()]
    count = "1 recording" if len(lines) == 1 else f"{len(lines)} recordings"
    return UserError(
        f"{count} cannot be used: {_some(lines, '; ')}.",
        where=str(next(iter(problems))),
        remedy="Repair them, leave them out of the dataset, or for long ones choose a base model that hears "
        "longer recordings.",
        details="\n".join(lines),
    )


def _some(names: Sequence[str], separator: str = ", ") -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return separator.join(names[:_NAMED]) + more


def _name(utterance: Utterance) -> str:
    return f"{utterance.dataset}/{utterance.key}"


def _model_input(example: Example, utterance: Utterance) -> ModelInput:
    target = tuple(target_segments(utterance.label))
    if example.modality == "text":
        return ModelInput(text=utterance.text, target=target, pseudo_audio_seed=example.pseudo_audio_seed)
    if utterance.audio is None:
        raise ValueError(f"utterance {utterance.key} is scheduled as speech but has no audio")
    return ModelInput(
        samples=read_audio(utterance.audio), target=target, augmentation_seed=example.augmentation_seed
    )
