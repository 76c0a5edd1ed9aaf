"""What happens to speech between a mouth and a microphone: a pace, a room, noise.

Everything here gives the same on any number of threads: sums are numpy's own, never those of a BLAS.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from core.audio.files import SAMPLE_RATE

Sound = NDArray[np.float32]
"""Mono, 16 kHz, [n]."""

_FRAME = 400


def faster(samples: Sound, factor: float) -> Sound:
    """`samples` at `factor` times the pace, higher in pitch by as much: [about n / factor]."""
    resampled: Sound = soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE)
    return resampled


def reverberated(samples: Sound, rt60: float, direct: float, generator: np.random.Generator) -> Sound:
    """`samples` in a room. rt60: seconds until the room has fallen silent (by 60 dB); direct: energy of the
    direct sound over that of all reflections, dB, before these lose their highs. The direct sound is not
    delayed."""
    length = int(rt60 * SAMPLE_RATE)
    decay = np.exp(np.linspace(0.0, -6.9, length, dtype=np.float32))
    tail = generator.standard_normal(length, np.float32) * decay
    tail[: int(generator.uniform(0.002, 0.012) * SAMPLE_RATE)] = 0.0
    early = np.zeros(length, np.float32)
    at = generator.integers(int(0.002 * SAMPLE_RATE), min(length, int(0.04 * SAMPLE_RATE)), size=8)
    early[at] = generator.uniform(-0.5, 1.0, size=8) * decay[at]
    share = generator.uniform(0.2, 0.6)
    reflections = np.sqrt(share) * early / _length(early)
    reflections += np.sqrt(1.0 - share) * tail / _length(tail)
    size = fft_size(len(samples) + length)
    # Walls and air swallow high frequencies first.
    dull = low_pass(np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE), generator.uniform(2_000.0, 8_000.0), 1)
    response = 1.0 + 10.0 ** (-direct / 20.0) * np.fft.rfft(reflections, size) * dull
    return filtered(samples, response.astype(np.complex64), size)


def mixed(samples: Sound, noise: Sound, snr: float) -> Sound:
    """`samples` with `noise` of the same length, `snr` dB below their `speech_power`."""
    level = np.sqrt(speech_power(samples) / np.mean(np.square(noise))) * 10.0 ** (-snr / 20.0)
    return samples + np.float32(level) * noise


def speech_power(samples: Sound) -> float:
    """Mean power of the 25 ms frames within 30 dB of the loudest: what `normalize_level` levels by."""
    frames = samples[: max(_FRAME, len(samples) // _FRAME * _FRAME)].reshape(-1, min(_FRAME, len(samples)))
    power = np.einsum("fs,fs->f", frames, frames) / frames.shape[1]
    return float(power[power >= power.max() * 1e-3].mean())


def coloured(length: int, generator: np.random.Generator) -> Sound:
    """White to brown noise, in half of the cases swelling and fading."""
    size = fft_size(length)
    spectrum = generator.standard_normal(size + 2, np.float32).view(np.complex64)
    frequencies = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE).astype(np.float32)
    # Below 40 Hz brown noise would be all rumble.
    spectrum *= np.maximum(frequencies, np.float32(40.0)) ** np.float32(-generator.uniform(0.0, 1.0))
    noise = np.fft.irfft(spectrum, size).astype(np.float32, copy=False)[:length]
    if generator.random() < 0.5:
        loudness = 10.0 ** (generator.uniform(-8.0, 0.0, size=2 + length // 6_400) / 20.0)
        at = np.linspace(0.0, len(loudness) - 1.0, length, dtype=np.float32)
        noise = noise * np.interp(at, np.arange(len(loudness)), loudness).astype(np.float32)
    return noise


def low_pass(frequencies: NDArray[np.floating[Any]], edge: float, order: int) -> NDArray[np.float64]:
    """A Butterworth filter's magnitude."""
    response: NDArray[np.float64] = 1.0 / np.sqrt(1.0 + (frequencies / edge) ** (2 * order))
    return response


def filtered(samples: Sound, response: NDArray[np.complex64] | Sound, size: int) -> Sound:
    spectrum = np.fft.rfft(samples, size) * response
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32, copy=False)


def fft_size(length: int) -> int:
    """At least `length`, with small prime factors, which FFTs are quick for."""
    block = 1 << max(4, (length - 1).bit_length() - 4)
    return -(-length // block) * block


def _length(sound: Sound) -> np.float32:
    """Euclidean; numpy's norm would leave the sum to a BLAS."""
    length: np.float32 = np.sqrt(np.square(sound).sum())
    return length
