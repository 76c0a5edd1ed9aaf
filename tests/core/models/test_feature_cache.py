"""The feature cache: nothing is computed twice, and nothing wrong is ever read."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.models.cache_folder import cache_size, clear_cache
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.feature_cache import FeatureCache
from tests.core.models.cache_writer import kill_a_writer
from tests.core.models.fixtures import load_tiny

Noise = Callable[[int], Samples]


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path, "a tower")


def features(number: float, count: int = 5) -> torch.Tensor:
    return torch.full((count, 4), float(number))


def embedded(family: LalmFamily, *clips: Samples) -> torch.Tensor:
    with torch.no_grad():
        return family.embed(family.collate([ModelInput(samples=clip) for clip in clips]))


def test_what_was_put_comes_back_in_every_format(cache: FeatureCache, noise: Noise) -> None:
    key = cache.key(noise(9_000))
    assert cache.get(key) is None
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        cache.put(key, features(0.5).to(dtype))
        found = cache.get(key)
        assert found is not None
        assert found.dtype == dtype
        assert torch.equal(found, features(0.5).to(dtype))


def test_another_recording_and_another_tower_have_other_names(tmp_path: Path, noise: Noise) -> None:
    clip, cache = noise(9_000), FeatureCache(tmp_path, "a tower")
    names = {cache.key(clip), cache.key(noise(9_000)), FeatureCache(tmp_path, "another").key(clip)}
    assert len(names) == 3
    assert cache.key(clip.copy()) in names


def test_a_known_recording_never_reaches_the_tower_and_sounds_the_same(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, noise: Noise, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [noise(9_000), noise(70_000), noise(30_500)]
    direct = embedded(family, *clips)
    family.remember_features(tmp_path)
    assert torch.equal(embedded(family, *clips), direct)
    assert cache_size(tmp_path).entries == 3

    def forbidden(*_: object) -> None:
        raise AssertionError("the audio tower was used")

    later = load_tiny(tiny_model)
    later.remember_features(tmp_path)
    monkeypatch.setattr(later.model.model.audio_tower.conv1, "forward", forbidden)
    assert torch.equal(embedded(later, *clips), direct)
    # Alone, or in another company, it is the same to the last digit.
    assert torch.equal(embedded(later, clips[0])[0], embedded(family, clips[0])[0])
    with pytest.raises(AssertionError, match="tower was used"):
        embedded(later, noise(9_000))


def test_the_same_weights_with_other_heads_are_another_tower(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, noise: Noise
) -> None:
    family.remember_features(tmp_path / "cache")
    folder = shutil.copytree(tiny_model, tmp_path / "other")
    config = json.loads((folder / "config.json").read_text())
    config["audio_config"]["encoder_attention_heads"] = 1
    (folder / "config.json").write_text(json.dumps(config))
    other = load_tiny(folder)
    other.remember_features(tmp_path / "cache")
    clip = noise(9_000)
    (ours,), (theirs,) = (each.collate([ModelInput(samples=clip)]).audio for each in (family, other))
    assert ours.key != theirs.key


def test_another_tower_does_not_use_what_this_one_made(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, noise: Noise
) -> None:
    clip = noise(9_000)
    family.remember_features(tmp_path)
    before = embedded(family, clip)
    other = load_tiny(tiny_model)
    with torch.no_grad():
        other.model.model.audio_tower.conv1.weight.mul_(1.5)
    other.remember_features(tmp_path)
    assert not torch.equal(embedded(other, clip), before)


@pytest.mark.expects_log("damaged entry")
@pytest.mark.parametrize("harm", [lambda data: data[:-3], lambda data: data[:-3] + b"\0\0\0", lambda _: b""])
def test_a_damaged_entry_is_removed_and_made_again(
    cache: FeatureCache, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    cache.put("ab12", features(1))
    (entry,) = tmp_path.glob("*/*.features")
    entry.write_bytes(harm(entry.read_bytes()))
    assert cache.get("ab12") is None
    assert not entry.exists()
    cache.put("ab12", features(1))
    assert cache.get("ab12") is not None


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    one = len_of_entry(tmp_path / "probe")
    cache = FeatureCache(tmp_path / "cache", "a tower", limit=10 * one)
    for number in range(10):
        cache.put(f"{number:04d}", features(number))
        entry = tmp_path / "cache" / "00" / f"{number:04d}.features"
        os.utime(entry, (1_000_000 + number, 1_000_000 + number))
    assert cache.get("0000") is not None  # used just now
    cache.put("0010", features(10))
    assert cache_size(tmp_path / "cache").size <= 10 * one
    assert cache.get("0000") is not None
    assert cache.get("0001") is None
    assert cache.get("0010") is not None


def len_of_entry(folder: Path) -> int:
    FeatureCache(folder, "a tower").put("0000", features(0))
    return cache_size(folder).size


def test_an_entry_that_cannot_be_marked_as_used_is_used_all_the_same(
    cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put("ab12", features(1))

    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(os, "utime", refused)
    found = cache.get("ab12")
    assert found is not None
    assert torch.equal(found, features(1))


def test_clearing_while_an_entry_is_written_does_not_switch_the_cache_off(
    cache: FeatureCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put("ab12", features(1))
    write = Path.write_bytes

    def write_and_be_cleared(file: Path, content: bytes) -> None:
        write(file, content)
        clear_cache(tmp_path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", write_and_be_cleared)
        cache.put("cd34", features(2))
    assert cache.get("ab12") is None
    assert cache.get("cd34") is None
    cache.put("cd34", features(2))
    assert cache.get("cd34") is not None


@pytest.mark.expects_log("takes no more: .*No space left")
def test_a_full_disk_is_noted_and_hurts_nothing(
    cache: FeatureCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def full(_self: Path, target: object) -> None:
        asked.append(target)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put("ab12", features(1))
    cache.put("cd34", features(1))
    assert len(asked) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(os.name != "posix", reason="kills a process the POSIX way")
def test_a_writer_killed_at_any_moment_leaves_nothing_half_written(tmp_path: Path) -> None:
    read = corrupt = 0
    for _ in range(3):
        found = kill_a_writer(tmp_path)
        read, corrupt = read + found.read, corrupt + found.corrupt
    assert read > 40
    assert corrupt == 0
