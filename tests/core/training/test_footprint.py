"""What the largest batch keeps in memory, estimated and measured, and gradient checkpointing in a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.audio.files import SAMPLE_RATE
from core.data.library import Library
from core.data.targets import target_segments
from core.experiment.memory import LargestBatch, activations
from core.experiment.weights import LoraSpec
from core.models.audio_encoder import WithAudioEncoder
from core.models.family import IGNORE, LalmFamily, ModelInput
from core.models.loading import base_model_facts, load_family
from core.models.lora import add_adapter
from core.paths import AppPaths
from core.storage.database import open_database
from core.training import footprint
from core.training.preparation import prepare
from core.training.recipe import Job, train
from tests.core.training.world import LABELS, Notes, add_dataset, experiment


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


def kept_bytes(family: LalmFamily, items: list[ModelInput]) -> tuple[int, LargestBatch]:
    """What the backward pass of this batch holds on to, the weights aside, and the batch's sizes."""
    weights = {weight.untyped_storage().data_ptr() for weight in family.model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    batch = family.collate(items)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        family.loss(batch)
    count = sum(tensor.untyped_storage().nbytes() for place, tensor in kept.items() if place not in weights)
    rows, positions = batch.input_ids.shape
    targets = int((batch.labels != IGNORE).sum())
    heard_s = sum(family.heard_s(heard.samples) for heard in batch.audio)
    return count, LargestBatch(rows, positions, targets, heard_s)


def test_the_estimate_is_near_what_a_batch_really_keeps() -> None:
    family = load_family("teaspoon", dtype=torch.float32, device=torch.device("cpu"))
    shape = base_model_facts("teaspoon").shape
    assert shape is not None
    adapter = add_adapter(family, LoraSpec(rank=16, alpha=32))
    assert sum(weight.numel() for weight in adapter.parameters) == 16 * shape.lora_width
    words = "turn on the light in the kitchen "
    items = [ModelInput(text=words * 6, target=tuple(target_segments(LABELS[0])))] * 4
    plain, batch = kept_bytes(family, items)
    estimate = activations(shape, batch, sixteen_bit=False, checkpointing=False, tower_learns=False)
    assert estimate == pytest.approx(plain, rel=0.3)
    family.checkpoint_gradients()
    saved, _ = kept_bytes(family, items)
    assert saved < 0.3 * plain
    assert activations(shape, batch, sixteen_bit=False, checkpointing=True, tower_learns=False) > saved


def test_so_is_that_of_a_tower_that_learns() -> None:
    family = load_family("teaspoon", dtype=torch.float32, device=torch.device("cpu"))
    shape = base_model_facts("teaspoon").shape
    assert shape is not None
    samples = np.random.default_rng(0).standard_normal(8 * SAMPLE_RATE).astype(np.float32)
    items = [ModelInput(samples=samples, target=tuple(target_segments(LABELS[0])))] * 2
    adapter = add_adapter(family, LoraSpec())
    frozen, _ = kept_bytes(family, items)
    WithAudioEncoder(adapter, family, {"tower": 1e-5}, keep_base=False)
    learning, batch = kept_bytes(family, items)
    without, with_it = (
        activations(shape, batch, sixteen_bit=False, checkpointing=False, tower_learns=learns)
        for learns in (False, True)
    )
    assert with_it - without == pytest.approx(learning - frozen, rel=0.5)


def trained(spec_overrides: list[str], library: Library, model: Path, run: Path) -> tuple[Job, Notes]:
    run.mkdir()
    job, notes = prepare(run, experiment(model, *spec_overrides), library, Notes()).job, Notes()
    train(job, notes)
    return job, notes


def checkpoints(job: Job) -> bool:
    layers = job.family.model.get_submodule("model.language_model").layers
    return all(layer.gradient_checkpointing and layer.training for layer in layers)  # type: ignore[union-attr]


def test_a_run_with_checkpointing_is_the_run_without(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    losses = []
    for said in ("on", "off"):
        # With dropout: what is computed again must draw the same.
        settings = [f'training.gradient_checkpointing="{said}"', "lora.dropout=0.2"]
        job, notes = trained(settings, library, tiny_model, tmp_path / said)
        assert checkpoints(job) == (said == "on")
        losses.append(notes.losses)
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    assert len(losses[0]) == 12


@pytest.mark.parametrize(("free", "chosen"), [(1e12, False), (2.5e6, True), (1e6, False)])
def test_left_to_itself_it_is_used_where_memory_is_short(
    tiny_model: Path,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: float,
    chosen: bool,
) -> None:
    monkeypatch.setattr(footprint, "free_memory", lambda _: free)
    settings = ["stage.0.epochs=1", "evaluation.every_steps=0"]
    job, _ = trained(settings, library, tiny_model, tmp_path / "run")
    assert checkpoints(job) == chosen
