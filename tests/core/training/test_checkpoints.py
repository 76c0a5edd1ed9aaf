"""Checkpoints on a disk that fills up, lies, or is attacked."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.experiment.weights import LoraSpec
from core.models.family import LalmFamily
from core.models.lora import LoraAdapter, add_adapter
from core.storage import files
from core.storage.files import DiskFull
from core.training import checkpoints
from core.training.checkpoints import (
    Position,
    load_checkpoint,
    publish_weights,
    replace_folder,
    save_checkpoint,
)


@pytest.fixture
def adapted(family: LalmFamily) -> LoraAdapter:
    return add_adapter(family, LoraSpec(rank=2, alpha=4, dropout=0.0))


def save(folder: Path, adapted: LoraAdapter, step: int) -> None:
    save_checkpoint(
        folder, adapted, Position(1, 3, step), optimizer={"state": {}}, scheduler={"last_epoch": 3}
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_saved_comes_back_and_the_two_newest_are_kept(adapted: LoraAdapter, tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None
    for step in (5, 10, 100):
        save(tmp_path, adapted, step)
    drawn = torch.rand(4)
    assert names(tmp_path) == ["step-000010", "step-000100"]
    saved = load_checkpoint(tmp_path)
    assert saved is not None
    assert saved.position == Position(1, 3, 100)
    assert saved.optimizer == {"state": {}}
    saved.restore_random()
    assert torch.equal(torch.rand(4), drawn)


def test_a_full_disk_leaves_the_earlier_checkpoint_whole(
    adapted: LoraAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, adapted, 5)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UserError, match="disk is full"):
        save(tmp_path, adapted, 10)
    monkeypatch.undo()
    assert names(tmp_path) == ["step-000005"]
    saved = load_checkpoint(tmp_path)
    assert saved is not None
    assert saved.position.global_step == 5


def test_what_a_crash_left_half_written_is_no_checkpoint_and_is_swept(
    adapted: LoraAdapter, tmp_path: Path
) -> None:
    (tmp_path / ".writing-torn").mkdir()
    assert load_checkpoint(tmp_path) is None
    save(tmp_path, adapted, 5)
    assert names(tmp_path) == ["step-000005"]


def test_as_many_are_kept_as_asked_for(adapted: LoraAdapter, tmp_path: Path) -> None:
    for step in range(1, 6):
        save_checkpoint(tmp_path, adapted, Position(0, 1, step), optimizer=None, scheduler=None, keep=3)
    assert names(tmp_path) == ["step-000003", "step-000004", "step-000005"]


def test_without_enough_space_nothing_is_written_and_the_earlier_checkpoint_stays(
    adapted: LoraAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "checkpoints", adapted, 5)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    monkeypatch.setattr(adapted, "save", lambda _: pytest.fail("it was written"))
    for folder in ("checkpoints", "none yet"):
        with pytest.raises(DiskFull, match=r"almost full: 1 MB are left, but 3[4-9] MB are needed"):
            save(tmp_path / folder, adapted, 10)
    assert names(tmp_path / "checkpoints") == ["step-000005"]


def rewrite(checkpoint: Path, **changes: object) -> None:
    """Change entries of a saved state; None removes one."""
    state = torch.load(checkpoint / "state.pt", weights_only=True) | changes
    torch.save({key: value for key, value in state.items() if value is not None}, checkpoint / "state.pt")


def test_a_checkpoint_of_an_earlier_version_is_gone_on_from(adapted: LoraAdapter, tmp_path: Path) -> None:
    save(tmp_path, adapted, 5)
    rewrite(tmp_path / "step-000005", format=None, largest=None)
    saved = load_checkpoint(tmp_path)
    assert saved is not None
    assert (saved.position, saved.largest) == (Position(1, 3, 5), None)
    assert saved.optimizer == {"state": {}}


def test_a_checkpoint_of_a_newer_version_says_so(adapted: LoraAdapter, tmp_path: Path) -> None:
    save(tmp_path, adapted, 5)
    rewrite(tmp_path / "step-000005", format=99)
    with pytest.raises(UserError, match="newer Spoonful") as caught:
        load_checkpoint(tmp_path)
    assert "Update Spoonful" in caught.value.remedy


def test_everything_in_a_checkpoint_is_on_the_disk_before_it_has_its_name(
    adapted: LoraAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, target = set(), tmp_path / "step-000005"
    fsync = os.fsync

    def watched(handle: int) -> None:
        if not target.exists():
            synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    save(tmp_path, adapted, 5)
    assert {path.stat().st_ino for path in target.rglob("*")} <= synced


def test_a_damaged_checkpoint_is_told_in_words(adapted: LoraAdapter, tmp_path: Path) -> None:
    save(tmp_path, adapted, 5)
    (tmp_path / "step-000005" / "state.pt").write_bytes(b"torn")
    with pytest.raises(UserError, match="damaged") as caught:
        load_checkpoint(tmp_path)
    assert caught.value.where.endswith("step-000005")


def test_a_checkpoint_that_would_run_code_is_not_opened(adapted: LoraAdapter, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (exec, ("raise SystemExit('opened')",))

    save(tmp_path, adapted, 5)
    (tmp_path / "step-000005" / "state.pt").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(UserError, match="damaged"):
        load_checkpoint(tmp_path)


def test_the_newest_adapter_is_published_in_place_of_an_earlier_one(
    adapted: LoraAdapter, tmp_path: Path
) -> None:
    folder, target = tmp_path / "checkpoints", tmp_path / "adapter"
    publish_weights(folder, target)
    assert not target.exists()
    save(folder, adapted, 5)
    publish_weights(folder, target)
    first = (target / "adapter_model.safetensors").read_bytes()
    with torch.no_grad():
        for weight in adapted.parameters:
            weight.add_(1)
    save(folder, adapted, 6)
    publish_weights(folder, target)
    assert names(target) == ["adapter_config.json", "adapter_model.safetensors"]
    assert (target / "adapter_model.safetensors").read_bytes() != first
    assert names(tmp_path) == ["adapter", "checkpoints"]


def test_an_error_while_replacing_keeps_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    replace_folder(target, lambda folder: (folder / "old").touch())

    def fail(folder: Path) -> None:
        (folder / "new").touch()
        raise PermissionError(errno.EACCES, "no")

    with pytest.raises(UserError, match="may not write"):
        checkpoints.replace_folder(target, fail)
    assert names(target) == ["old"]
    assert names(tmp_path) == ["folder"]


def test_a_full_disk_is_said_when_an_adapter_is_published_and_the_earlier_one_stays(
    adapted: LoraAdapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, target = tmp_path / "checkpoints", tmp_path / "adapter"
    save(folder, adapted, 5)
    publish_weights(folder, target)
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def full(source: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(UserError, match="disk is full"):
        publish_weights(folder, target)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert not list(tmp_path.glob(".writing-*"))
