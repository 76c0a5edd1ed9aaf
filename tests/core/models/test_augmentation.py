"""Changed recordings: how much and how often, the same for the same seed, and never outside the window."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.audio.disturbances import speech_power
from core.audio.files import SAMPLE_RATE, SHORTEST_S, write_wav
from core.errors import UserError
from core.experiment.augmentation import AugmentationSpec, MaskSpec, NoiseSpec, RoomSpec, SpeedSpec
from core.models.augmentation import Augmentation
from core.models.family import LalmFamily, ModelInput, Samples

Noise = Callable[[int], Samples]
LONGEST = 30 * SAMPLE_RATE
EVERYTHING = AugmentationSpec(
    speed=SpeedSpec(probability=0.7),
    room=RoomSpec(probability=0.7),
    noise=NoiseSpec(probability=0.7),
    masks=MaskSpec(),
)


def speech(seconds: float = 1.0) -> Samples:
    """A voice: a buzz with pauses."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.2 * np.sign(np.sin(2 * np.pi * 120 * time)) * (np.sin(2 * np.pi * 3 * time) > -0.5)).astype(
        np.float32
    )


def sounds(spec: AugmentationSpec, samples: Samples, count: int) -> list[Samples]:
    augmentation = Augmentation(spec)
    return [augmentation.sound(samples, seed, LONGEST) for seed in range(count)]


def test_the_same_seed_changes_alike_another_one_otherwise_and_the_original_stays() -> None:
    before = speech()
    kept = before.copy()
    first, again = (sounds(EVERYTHING, before, 20) for _ in range(2))
    assert all(map(np.array_equal, first, again))
    assert len({sound.tobytes() for sound in first}) > 18
    assert np.array_equal(before, kept)
    assert {sound.dtype for sound in first} == {np.dtype(np.float32)}


def test_each_kind_is_done_as_often_as_asked_and_by_a_chance_of_its_own() -> None:
    before = speech(0.3)
    slower = AugmentationSpec(speed=SpeedSpec(probability=0.3, slowest=0.8, fastest=0.8))
    lengths = [len(sound) for sound in sounds(slower, before, 400)]
    assert 0.22 < sum(length != len(before) for length in lengths) / 400 < 0.38
    beside = slower.model_copy(update={"noise": NoiseSpec(probability=0.5)})
    assert [len(sound) for sound in sounds(beside, before, 400)] == lengths


def test_a_pace_is_within_its_range_and_moves_the_pitch() -> None:
    spec = AugmentationSpec(speed=SpeedSpec(probability=1, slowest=0.8, fastest=1.25))
    tone = np.sin(2 * np.pi * 500 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    factors = []
    for sound in sounds(spec, tone, 60):
        factors.append(len(tone) / len(sound))
        pitch = np.abs(np.fft.rfft(sound)).argmax() * SAMPLE_RATE / len(sound)
        assert pitch == pytest.approx(500 * factors[-1], rel=0.01)
    assert 0.8 <= min(factors) < 0.85
    assert 1.2 < max(factors) <= 1.2501


@pytest.mark.parametrize("room_left", [0, 1, 7, 1_000])
def test_what_is_slowed_down_still_fits_into_the_window(room_left: int) -> None:
    longest = SAMPLE_RATE
    before = speech()[: longest - room_left]
    augmentation = Augmentation(AugmentationSpec(speed=SpeedSpec(probability=1, slowest=0.5, fastest=0.6)))
    for seed in range(20):
        assert len(before) - 2 <= len(augmentation.sound(before, seed, longest)) <= longest


def test_what_is_made_faster_can_still_be_heard() -> None:
    spec = AugmentationSpec(speed=SpeedSpec(probability=1, slowest=2, fastest=2))
    shortest = round(SHORTEST_S * SAMPLE_RATE)
    for length in (shortest, shortest + 1, shortest + 900):
        assert len(sounds(spec, speech()[:length], 1)[0]) >= shortest


@pytest.mark.parametrize("own", [False, True], ids=["made", "own"])
def test_noise_is_as_far_below_the_speech_as_asked(own: bool, noise: Noise, tmp_path: Path) -> None:
    folder = None
    if own:
        (tmp_path / "inside").mkdir()
        write_wav(tmp_path / "inside" / "short.wav", noise(3_000))
        write_wav(tmp_path / "long.wav", noise(90_000))
        (tmp_path / "LICENSE.txt").write_text("no sound")
        folder = str(tmp_path)
    before, softest = speech(), 0.0
    for sound in sounds(
        AugmentationSpec(noise=NoiseSpec(probability=1, loudest_snr=3, softest_snr=20, folder=folder)),
        before,
        40,
    ):
        # It may have been made softer as a whole, not to pass a recording's peak.
        scale = float((sound @ before) / (before @ before))
        added = sound / scale - before
        snr = 10 * np.log10(speech_power(before) / np.mean(np.square(added)))
        assert 2.0 < snr < 21.0
        softest = max(softest, snr)
        assert np.abs(sound).max() <= 1.0
    assert softest > 15


def test_a_room_rings_on_as_long_as_asked() -> None:
    click = np.zeros(2 * SAMPLE_RATE, np.float32)
    click[100] = 0.5
    for rt60 in (0.2, 1.0):
        spec = AugmentationSpec(room=RoomSpec(probability=1, shortest_rt60=rt60, longest_rt60=rt60))
        for sound in sounds(spec, click, 10):
            assert len(sound) == len(click)
            assert np.abs(sound[:90]).max() < 0.01
            power = np.square(sound[100:].astype(np.float64))
            ends = np.searchsorted(np.cumsum(power), (1 - 1e-6) * power.sum()) / SAMPLE_RATE
            assert 0.4 * rt60 < ends <= rt60 + 0.01


def test_digital_silence_stays_silence() -> None:
    assert not any(sound.any() for sound in sounds(EVERYTHING, np.zeros(8_000, np.float32), 20))


@pytest.mark.parametrize("axis", [0, 1])
def test_masks_hide_little_and_only_what_was_recorded(axis: int) -> None:
    features = torch.randn(300, 80)
    augmentation = Augmentation(AugmentationSpec(masks=MaskSpec(longest_time=0.1, widest_band=0.25)))
    most_frames = most_bins = 0
    for seed in range(60):
        given = features.movedim(0, axis)
        masked = augmentation.masked(given, seed, frames_axis=axis, frames=200).movedim(axis, 0)
        assert torch.equal(masked[200:], features[200:])
        hidden = masked[:200] != features[:200]
        mean = features[:200].mean(0).expand(200, 80)
        assert torch.equal(masked[:200][hidden], mean[hidden])
        most_frames = max(most_frames, int(hidden.all(1).sum()))
        most_bins = max(most_bins, int(hidden.all(0).sum()))
    assert 20 < most_frames <= 40
    assert 20 < most_bins <= 40


def test_any_number_of_threads_changes_alike() -> None:
    code = (
        "import hashlib; from tests.core.models.test_augmentation import EVERYTHING, sounds, speech;"
        "print(hashlib.sha256(b''.join(s.tobytes() for s in sounds(EVERYTHING, speech(4.0), 8))).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": "", "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(said) == 1


def test_only_what_comes_with_a_seed_is_heard_otherwise(family: LalmFamily) -> None:
    family.augment(AugmentationSpec(masks=MaskSpec(), noise=NoiseSpec(probability=1)))
    plain = ModelInput(samples=speech())
    changed = ModelInput(samples=speech(), augmentation_seed=3)
    heard = family.collate([plain, changed, changed, ModelInput(samples=speech(), augmentation_seed=4)]).audio
    features = [each.features for each in heard]
    assert torch.equal(features[1], features[2])
    assert not torch.equal(features[0], features[1])
    assert not torch.equal(features[1], features[3])
    assert torch.equal(features[0], family.collate([plain]).audio[0].features)


def test_a_slower_recording_gets_the_tokens_it_lasts(family: LalmFamily) -> None:
    family.augment(AugmentationSpec(speed=SpeedSpec(probability=1, slowest=0.5, fastest=0.5)))
    usual, slow = (
        family.collate([ModelInput(samples=speech(), augmentation_seed=seed)]) for seed in (None, 1)
    )
    assert 1.9 < slow.audio[0].samples / usual.audio[0].samples < 2.1
    assert slow.input_ids.shape[1] > usual.input_ids.shape[1] + 20
    family.embed(slow)


def test_too_long_a_recording_is_refused_and_not_made_faster(family: LalmFamily, noise: Noise) -> None:
    family.augment(AugmentationSpec(speed=SpeedSpec(probability=1)))
    with pytest.raises(UserError, match="at most"):
        family.collate([ModelInput(samples=noise(9 * SAMPLE_RATE), augmentation_seed=1)])


def test_what_was_changed_is_not_remembered(family: LalmFamily, tmp_path: Path) -> None:
    family.remember_features(tmp_path)
    family.augment(EVERYTHING)
    family.embed(family.collate([ModelInput(samples=speech(), augmentation_seed=1)]))
    assert not list(tmp_path.rglob("*.features"))


def test_a_folder_without_noises_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()
    for folder, words in ((tmp_path, "no noises here"), (tmp_path / "gone", "folder of noises is missing")):
        with pytest.raises(UserError, match=words) as caught:
            Augmentation(AugmentationSpec(noise=NoiseSpec(folder=str(folder))))
        assert caught.value.where == str(folder)
