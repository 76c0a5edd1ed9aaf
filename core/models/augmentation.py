"""Recordings changed each time they are heard in training: pace, room and noise, and masks on the features.

What is done to one follows from its seed alone: it is the same in a resumed run and on any number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from core.audio.disturbances import coloured, faster, mixed, reverberated
from core.audio.files import SAMPLE_RATE, SHORTEST_S, read_audio
from core.errors import UserError
from core.experiment.augmentation import AugmentationSpec, NoiseSpec, RoomSpec, SpeedSpec
from core.models.family import Samples

_SPEED, _ROOM, _NOISE, _MASKS = range(4)
"""What a seed is used for; one kind of change more or less leaves the others as they were."""
_DIRECT_DB: Final = (0.0, 15.0)
"""Energy of the direct sound over all reflections: somebody at arm's length to the other side of a room."""
_SOUND_FILES: Final = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3"})


class Augmentation:
    """What an experiment asks for."""

    def __init__(self, spec: AugmentationSpec) -> None:
        """Raises UserError when the folder of noises holds none."""
        self._spec = spec
        self._noises = noise_files(spec)

    def sound(self, samples: Samples, seed: int, longest: int) -> Samples:
        """The recording as it is heard with this seed. longest: samples that may come out, no fewer than came
        in. Raises UserError when a noise cannot be read."""
        spec = self._spec
        if spec.speed is not None and _chance(seed, _SPEED).random() < spec.speed.probability:
            samples = _at_another_pace(samples, spec.speed, _chance(seed, _SPEED, 1), longest)
        if spec.room is not None and _chance(seed, _ROOM).random() < spec.room.probability:
            samples = _in_a_room(samples, spec.room, _chance(seed, _ROOM, 1))
        if spec.noise is not None and _chance(seed, _NOISE).random() < spec.noise.probability:
            samples = self._in_noise(samples, spec.noise, _chance(seed, _NOISE, 1))
        peak = np.abs(samples).max()
        # As loud as a recording can be; the noise stays as far below the speech.
        return samples / peak if peak > 1 else samples

    def masked(self, features: Tensor, seed: int, *, frames_axis: int, frames: int) -> Tensor:
        """The features with some stretches and bands replaced by their mean over time.

        features: two axes, of which `frames_axis` is time. frames: those of them that hold sound; what lies
        behind is neither changed nor counted.
        """
        spec, chance = self._spec.masks, _chance(seed, _MASKS)
        if spec is None or chance.random() >= spec.probability:
            return features
        by_time = features.movedim(frames_axis, 0).clone()
        heard = by_time[:frames]
        mean = heard.mean(0)
        hidden = torch.zeros(heard.shape, dtype=torch.bool)
        for _ in range(spec.times):
            hidden[_stretch(frames, spec.longest_time, chance), :] = True
        for _ in range(spec.bands):
            hidden[:, _stretch(heard.shape[1], spec.widest_band, chance)] = True
        by_time[:frames] = torch.where(hidden, mean, heard)
        return by_time.movedim(0, frames_axis)

    def _in_noise(self, samples: Samples, spec: NoiseSpec, chance: np.random.Generator) -> Samples:
        snr = chance.uniform(spec.loudest_snr, spec.softest_snr)
        if spec.folder is None:
            noise = coloured(len(samples), chance)
        else:
            file = self._noises[int(chance.integers(len(self._noises)))]
            noise = _piece_of(read_audio(file), samples, chance)
        # Neither speech nor noise has a level where there is only digital silence.
        return mixed(samples, noise, snr) if samples.any() and noise.any() else samples


def noise_files(spec: AugmentationSpec) -> Sequence[Path]:
    """The sound files in the folder of noises, in a fixed order; none where no folder is named. Raises
    UserError when it holds none."""
    if spec.noise is None or spec.noise.folder is None:
        return ()
    folder = Path(spec.noise.folder).expanduser()
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SOUND_FILES)
    if not files:
        raise UserError(
            "There are no noises here." if folder.is_dir() else "The folder of noises is missing.",
            where=str(folder),
            remedy="Put WAV, FLAC, Ogg or MP3 files there, or leave out augmentation.noise.folder.",
        )
    return files


def _chance(*seed: int) -> np.random.Generator:
    # The length goes in because numpy takes (1,) and (1, 0) for the same.
    return np.random.default_rng((len(seed), *seed))


def _at_another_pace(samples: Samples, spec: SpeedSpec, chance: np.random.Generator, longest: int) -> Samples:
    factor = chance.uniform(spec.slowest, spec.fastest)
    # Resampling may give a sample more than the quotient says.
    slowest, fastest = len(samples) / (longest - 1), len(samples) / (SHORTEST_S * SAMPLE_RATE + 1)
    return faster(samples, max(min(factor, fastest), slowest))


def _in_a_room(samples: Samples, spec: RoomSpec, chance: np.random.Generator) -> Samples:
    rt60 = chance.uniform(spec.shortest_rt60, spec.longest_rt60)
    return reverberated(samples, rt60, chance.uniform(*_DIRECT_DB), chance)


def _piece_of(noise: Samples, samples: Samples, chance: np.random.Generator) -> Samples:
    """As much of the noise as there is speech, from anywhere in it on, around and around."""
    start = int(chance.integers(len(noise)))
    return np.resize(np.concatenate([noise[start:], noise[:start]]), len(samples))


def _stretch(size: int, largest: float, chance: np.random.Generator) -> slice:
    """A random part of `size` places, at most the share `largest` of them."""
    width = int(chance.integers(int(largest * size) + 1))
    start = int(chance.integers(size - width + 1))
    return slice(start, start + width)
