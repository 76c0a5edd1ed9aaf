"""Two processes that go through the same scenes together, each in the part of its rank; and one alone."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import distributed

from core.data.library import Library
from core.errors import Cancelled, UserError
from core.experiment.spec import ExperimentSpec
from core.models.family import Batch, LalmFamily
from core.paths import AppPaths
from core.storage.database import open_database
from core.training import recipe, step
from core.training.companions import join, meeting_place
from core.training.parallel import FailedElsewhere, Ranks
from core.training.preparation import prepare
from core.training.recipe import Job, train
from core.training.sharding import own_part
from core.training.step import StageOptimizer
from tests.core.training.world import Notes, add_dataset, experiment

TIMEOUT_S = 300.0

EXACT = ("lora.dropout=0.0",)
"""Chance is another one in every process; without any, two must do what one does."""
GATHERED = (*EXACT, "training.batch_size=5", "training.gradient_accumulation=3")
LONELY = (*EXACT, "training.batch_size=23")
"""Every second step is of a single utterance: one process has none."""


@dataclass
class Told:
    """What a scene left in one process: what was reported, the error's words, bits of the weights."""

    notes: Notes
    what: str = ""
    where: str = ""
    weights: Sequence[torch.Tensor] = ()


class Scenes:
    """What one of the two processes does."""

    names: ClassVar[Sequence[str]]

    def __init__(self, ranks: Ranks, home: Path, model: Path) -> None:
        self._ranks, self._home, self._model = ranks, home, model

    @staticmethod
    def spec(model: Path, *overrides: str) -> ExperimentSpec:
        return experiment(model, *overrides)

    def job(self, run: str, *overrides: str) -> Job:
        # Each prepares in a folder of its own; the checkpoints are the first one's.
        own, shared = self._home / f"{run}-{self._ranks.rank}", self._home / f"{run}-checkpoints"
        own.mkdir(exist_ok=True)
        paths = AppPaths(self._home)
        db = open_database(paths.database)
        try:
            job = prepare(own, self.spec(self._model, *overrides), Library(db, paths), Notes()).job
        finally:
            db.close()
        return replace(job, checkpoints=shared)

    def train(self, job: Job, stop_after: int | None = None) -> Told:
        # Only the first one is asked whether to stop.
        told = Told(Notes(stop_after=stop_after if self._ranks.leads else None))
        try:
            tuned = train(job, told.notes, self._ranks)
            told.weights = [weight.detach().clone() for weight in tuned.parameters]
        except Cancelled:
            told.what = "stopped"
        except UserError as error:
            told.what, told.where = error.what, error.where
        return told

    def gathered(self) -> Told:
        return self.train(self.job("gathered", *GATHERED))

    def lonely(self) -> Told:
        return self.train(self.job("lonely", *LONELY), stop_after=4)

    def no_number(self) -> Told:
        job = self.job("no_number", *EXACT)
        sound = job.family.loss

        def broken(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
            sums, tokens = sound(batch)
            return sums * torch.tensor([1.0, float("nan"), 1.0, 1.0]), tokens

        if self._ranks.rank == 1:
            job.family.loss = broken  # type: ignore[method-assign]
        return self.train(job)


class AdapterScenes(Scenes):
    """With an adapter, which each process has whole."""

    names = (
        "gathered", "lonely", "whole", "resumed", "early", "no_number", "tight", "unforeseen", "drifted",
    )  # fmt: skip

    def whole(self) -> Told:
        # The resumed one has none, and shall be the same.
        return self.train(self.job("whole", "training.rehearsal=true"))

    def resumed(self) -> list[Told]:
        return [self.train(self.job("parts"), stop_after=8), self.train(self.job("parts"))]

    def early(self) -> Told:
        return self.train(self.job("early", "evaluation.stop_after=1", "evaluation.every_steps=1"))

    def tight(self) -> Told:
        job = self.job("tight", *EXACT)
        roomy = job.family.loss

        def tight(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
            if len(batch.input_ids) > 2:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return roomy(batch)

        if self._ranks.rank == 1:
            job.family.loss = tight  # type: ignore[method-assign]
        return self.train(job, stop_after=3)

    def unforeseen(self) -> list[str]:
        def work() -> None:
            if self._ranks.rank == 1:
                raise ValueError("nobody thought of this")

        try:
            self._ranks.together(work)
        except (FailedElsewhere, ValueError) as error:
            return [str(error), *getattr(error, "__notes__", [])]
        return []

    def drifted(self) -> str:
        same, other = torch.ones(3), torch.full((2,), 1.0 + 1e-7 * self._ranks.rank)
        self._ranks.expect_equal([torch.nn.Parameter(same)])
        try:
            self._ranks.expect_equal([torch.nn.Parameter(same), torch.nn.Parameter(other)])
        except UserError as error:
            return error.what
        return ""


class DividedScenes(Scenes):
    """With all of the language model, which the processes divide."""

    names = ("gathered", "lonely", "begun", "no_number", "kept")

    @staticmethod
    def spec(model: Path, *overrides: str) -> ExperimentSpec:
        return experiment(model, *overrides).model_copy(update={"method": "full", "lora": None})

    def begun(self) -> Told:
        """Stopped; whoever goes on does so alone."""
        return self.train(self.job("parts", "training.rehearsal=true"), stop_after=8)

    def kept(self) -> dict[str, int]:
        """Numbers of the language model's layers, and those that this process keeps of them and of their
        optimizer, after one step."""
        job = self.job("kept")
        kept: dict[str, int] = {}
        take = step.take_step

        def watched(family: LalmFamily, optimizer: StageOptimizer, *more: Any) -> step.StepLosses:
            losses = take(family, optimizer, *more)
            weights = optimizer.parameters
            means = [optimizer.optimizer.state[weight]["exp_avg"] for weight in weights]
            kept.update(
                all=sum(weight.numel() for weight in weights),
                weights=sum(own_part(weight).numel() for weight in weights),
                means=sum(own_part(mean).numel() for mean in means),
            )
            return losses

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recipe, "take_step", watched)
            self.train(job, stop_after=1)
        return kept


def play(kind: type[Scenes], rank: int, port: int, home: Path, model: Path) -> None:
    """All scenes, one after the other, as the process of this rank."""
    scenes = kind(join(meeting_place(port), rank, 2), home, model)
    seen: dict[str, Any] = {name: getattr(scenes, name)() for name in kind.names}
    (home / f"seen-{rank}.pickle").write_bytes(pickle.dumps(seen))
    distributed.destroy_process_group()


class Pair:
    """What two processes saw, and what one alone does."""

    def __init__(self, home: Path, model: Path, scenes: type[Scenes]) -> None:
        self.home, self._model, self._scenes = home, model, scenes
        add_dataset(AppPaths(home).create())
        store = meeting_place()
        context = multiprocessing.get_context("spawn")
        processes = [
            context.Process(target=play, args=(scenes, rank, store.port, home, model)) for rank in range(2)
        ]
        for process in processes:
            process.start()
        try:
            for process in processes:
                process.join(TIMEOUT_S)
            assert [process.exitcode for process in processes] == [0, 0]
        finally:
            for process in processes:
                process.kill()
                process.join()
        self.by_rank: list[dict[str, Any]] = [
            pickle.loads((home / f"seen-{rank}.pickle").read_bytes())  # noqa: S301
            for rank in range(2)
        ]

    def told(self, scene: str) -> list[Told]:
        return [seen[scene] for seen in self.by_rank]

    def beside_one(
        self, scene: str, *overrides: str, steps: int, stop_after: int | None = None
    ) -> tuple[Notes, Told, Told]:
        """What one process alone noted and what the two left, after it was seen that they had its losses."""
        one = self.alone(scene, *overrides, stop_after=stop_after)
        first, second = self.told(scene)
        assert len(one.losses) == steps
        assert first.notes.losses == pytest.approx(one.losses, abs=1e-5)
        assert second.notes.losses == first.notes.losses
        return one, first, second

    def alone(
        self, name: str, *overrides: str, stop_after: int | None = None, checkpoints: str | None = None
    ) -> Notes:
        """checkpoints: the pair's run to go on from."""
        notes, run, paths = Notes(stop_after=stop_after), self.home / f"alone-{name}", AppPaths(self.home)
        run.mkdir()
        db = open_database(paths.database)
        try:
            spec = self._scenes.spec(self._model, *overrides)
            job = prepare(run, spec, Library(db, paths), Notes()).job
        finally:
            db.close()
        if checkpoints is not None:
            job = replace(job, checkpoints=self.home / f"{checkpoints}-checkpoints")
        try:
            train(job, notes)
        except Cancelled:
            assert stop_after is not None
        return notes
