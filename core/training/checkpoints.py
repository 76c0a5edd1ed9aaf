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
from core.inference.variants import STAGES
from core.models.tuned import Tuned
from core.storage.files import require_space, worded_disk_errors, write_bytes_atomically
from core.training.early_stopping import Progress

_FORMAT: Final = 2
"""Of the state file. 1, which did not say its number: `largest` may be missing. To be raised, and
`_up_to_date` taught the step, when what is in it changes."""
_NAME = re.compile(r"step-(\d+)")
_WEIGHTS = "adapter"
"""A folder; its name is from when there was nothing but adapters."""
_STATE = "state.pt"
LARGEST_STAGE: Final = 1 << 30
"""Bytes of weights that are kept for each stage."""


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
    progress: what validation has shown. random: torch's generator states, by device."""

    weights: Path
    position: Position
    largest: int | None
    progress: Progress
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
    progress: Progress | None = None,
    keep: int = 2,
) -> None:
    """Add `folder/step-N` and remove all but the newest `keep` checkpoints and those they call the best.

    progress: None where nothing hangs on validation scores.

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

    require_space(folder, state.getbuffer().nbytes + _size(tuned))

    def write(target: Path) -> None:
        tuned.save(target / _WEIGHTS)
        write_bytes_atomically(target / _STATE, state.getbuffer())
        if progress is not None:
            progress.save(target)

    replace_folder(checkpoint_of(folder, position.global_step), write)
    saved = _newest_first(folder)
    best = {Progress.of(each).best_step for each in saved[:keep]}
    for old in saved[keep:]:
        if _step(old) not in best:
            shutil.rmtree(old, ignore_errors=True)


def checkpoint_of(folder: Path, global_step: int) -> Path:
    """Where the checkpoint of that step is, if there is one."""
    return folder / f"step-{global_step:06d}"


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
            progress=Progress.of(saved[0]),
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


def publish_weights(checkpoints: Path, target: Path, *, best: bool = False) -> None:
    """Make `target` the newest checkpoint's weights, for inference; nothing when there is no checkpoint.

    best: those that scored best instead, where the newest checkpoint knows of scores. Raises UserError
    when the disk refuses; an earlier `target` is kept then.
    """
    saved = _newest_first(checkpoints)
    if saved:
        step = Progress.of(saved[0]).best_step if best else None
        source = saved[0] if step is None else checkpoint_of(checkpoints, step)
        replace_folder(target, lambda folder: _copy(source / _WEIGHTS, folder))


def keep_stage(run: Path, tuned: Tuned, stage: int) -> None:
    """Keep the weights that stage `stage`, from 1, ended with, so that one can see what it brought; nothing
    where they are so large that a few of them would fill a disk.

    Raises UserError when the disk refuses, or has too little space left.
    """
    size = _size(tuned)
    # Adapters are small. All weights of a 7B model are 15 GB.
    if size <= LARGEST_STAGE:
        require_space(run, size)
        replace_folder(run / STAGES / str(stage) / "adapter", tuned.save)


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


def newest_progress(checkpoints: Path) -> Progress:
    """What validation has shown until the newest checkpoint; nothing when there is none."""
    saved = _newest_first(checkpoints)
    return Progress.of(saved[0]) if saved else Progress()


def best_weights(checkpoints: Path, progress: Progress) -> Path | None:
    """The folder of the weights that scored best; None when no score was taken."""
    return None if progress.best_step is None else checkpoint_of(checkpoints, progress.best_step) / _WEIGHTS


def _size(tuned: Tuned) -> int:
    return sum(weight.numel() * weight.element_size() for weight in tuned.parameters)


def _newest_first(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*") if _NAME.fullmatch(path.name)), key=_step, reverse=True)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("step-"))


def _sync(path: Path) -> None:
    """Make a file, or the renames inside a folder, durable; only POSIX systems can be asked to."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
