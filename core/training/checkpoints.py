"""Checkpoints: all a run needs to go on exactly where it was, on disk whole or not at all."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import torch

from core.errors import UserError
from core.models.tuned import Tuned
from core.storage.files import require_space, worded_disk_errors, write_bytes_atomically

_FORMAT: Final = 2
"""Of the state file. 1, which did not say its number: `largest` may be missing. To be raised, and
`_up_to_date` taught the step, when what is in it changes."""
_NAME = re.compile(r"step-(\d+)")
_WEIGHTS = "adapter"
"""A folder; its name is from when there was nothing but adapters."""
_STATE = "state.pt"


@dataclass(frozen=True)
class Position:
    """Where in the schedule a run is. batch: micro-batches of the stage that are done, 0 at its start."""

    stage: int = 0
    batch: int = 0
    global_step: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A saved state. optimizer and scheduler: their state dicts, None at the start of a stage, which makes
    fresh ones. largest: utterances that fit into memory at once, None for as many as the experiment says.
    random: torch's generator states, by device."""

    weights: Path
    position: Position
    largest: int | None
    optimizer: Mapping[str, Any] | None
    scheduler: Mapping[str, Any] | None
    random: Mapping[str, torch.Tensor]

    def restore_random(self) -> None:
        """Put torch's random generators where they were."""
        restore_random(self.random)


def random_state() -> dict[str, torch.Tensor]:
    """torch's generator states, by device."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random(states: Mapping[str, torch.Tensor]) -> None:
    """Put torch's random generators where they were."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])


def save_checkpoint(
    folder: Path,
    tuned: Tuned,
    position: Position,
    *,
    optimizer: Mapping[str, Any] | None,
    scheduler: Mapping[str, Any] | None,
    largest: int | None = None,
    keep: int = 2,
) -> None:
    """Add `folder/step-N` and remove all but the newest `keep` checkpoints.

    Raises UserError when the disk is read-only, full, or has too little space left, which is looked at before
    anything is written; the earlier checkpoints are intact then.
    """
    # Through memory: torch reports a full disk as an error of its own that does not say so.
    state = io.BytesIO()
    torch.save(
        {
            "format": _FORMAT, "position": asdict(position), "optimizer": optimizer, "scheduler": scheduler,
            "largest": largest, "random": random_state(),
        },
        state,
    )  # fmt: skip

    weights = sum(weight.numel() * weight.element_size() for weight in tuned.parameters)
    require_space(folder, state.getbuffer().nbytes + weights)

    def write(target: Path) -> None:
        tuned.save(target / _WEIGHTS)
        write_bytes_atomically(target / _STATE, state.getbuffer())

    replace_folder(folder / f"step-{position.global_step:06d}", write)
    for old in _newest_first(folder)[keep:]:
        shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest checkpoint, None when there is none. Raises UserError when it is damaged, or of a newer
    Spoonful."""
    saved = _newest_first(folder)
    if not saved:
        return None
    try:
        state = _up_to_date(torch.load(saved[0] / _STATE, weights_only=True, map_location="cpu"), saved[0])
        return Checkpoint(
            weights=saved[0] / _WEIGHTS,
            position=Position(**state["position"]),
            optimizer=state["optimizer"],
            scheduler=state["scheduler"],
            largest=state["largest"],
            random=state["random"],
        )
    except UserError:
        raise
    # Reading garbage, torch raises whatever it stumbles over.
    except Exception as error:
        raise UserError(
            "The checkpoint is damaged.",
            where=str(saved[0]),
            remedy="Remove this folder and resume: the run goes on from the checkpoint before."
            if len(saved) > 1
            else "Remove this folder and resume: the run begins again.",
            details=repr(error),
        ) from error


def _up_to_date(state: dict[str, Any], saved: Path) -> dict[str, Any]:
    """A state as this version writes it, from one that any version wrote up to now."""
    form = state.get("format", 1)
    if form > _FORMAT:
        raise UserError(
            f"The checkpoint was written by a newer Spoonful (form {form}; this one knows up to {_FORMAT}).",
            where=str(saved),
            remedy="Update Spoonful and resume, or start a new run with the same experiment.",
        )
    return {"largest": None, **state} if form == 1 else state


def publish_weights(checkpoints: Path, target: Path) -> None:
    """Make `target` the newest checkpoint's weights, for inference; nothing when there is no checkpoint.

    Raises UserError when the disk refuses; an earlier `target` is kept then.
    """
    saved = _newest_first(checkpoints)
    if saved:
        replace_folder(target, lambda folder: _copy(saved[0] / _WEIGHTS, folder))


def _copy(source: Path, target: Path) -> None:
    # The folder is flat. shutil.copytree would hide what a full disk says in an error without a number.
    for file in source.iterdir():
        shutil.copy2(file, target / file.name)


def replace_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Make the folder `target` hold what `write` puts into the folder it is given.

    After a crash or an error `target` is the old one or the new one, or (between two renames of a folder
    that existed) briefly absent; it is never a mixture. Raises UserError when the disk refuses.
    """
    # Leading dots: nobody takes these for a checkpoint; a crash leaves at most one of each behind.
    for leftover in target.parent.glob(".writing-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = target.parent / f".writing-{uuid4().hex}"
    with worded_disk_errors(target):
        try:
            temporary.mkdir(parents=True)
            write(temporary)
            # What libraries wrote is not on the disk yet: after a power cut it would be empty in its place.
            for file in temporary.rglob("*"):
                _sync(file)
            if target.exists():
                target.rename(target.parent / f".writing-{uuid4().hex}")
            temporary.rename(target)
            _sync(target.parent)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    for leftover in target.parent.glob(".writing-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _newest_first(folder: Path) -> list[Path]:
    found = [(int(match[1]), path) for path in folder.glob("*") if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, reverse=True)]


def _sync(path: Path) -> None:
    """Make a file, or the renames inside a folder, durable; only POSIX systems can be asked to."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
