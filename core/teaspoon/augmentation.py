"""What happens to speech between a mouth and a file: a room, noise, a microphone, clipping, a codec.

Synthesised speech has none of it. `padded` and `disturb` are applied once per utterance before its features
are computed; both keep the times of words and phones true.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import soundfile
import soxr

from core.audio.disturbances import Sound, coloured, fft_size, filtered, low_pass, mixed, reverberated
from core.teaspoon.speech import SAMPLE_RATE, Phone, Speech, Word

_CLEAN = 0.35
_MILD = 0.35
_BABBLE = 0.3
_LONGEST_SILENCE = 0.6
_SILENCES = ("_", "pau")
"""How the engines write silence: espeak, and flite and festival."""
_NARROW_RATE = 8_000
_CURVE_KNOTS = np.geomspace(20.0, SAMPLE_RATE / 2, 96)


@dataclass(frozen=True)
class _Harshness:
    """Chance of each disturbance, and its range. rt60: seconds; direct: direct-to-reverberant ratio, dB;
    snr: dB; curve: largest rise or dip of the equaliser, dB."""

    room: float
    rt60: tuple[float, float]
    direct: tuple[float, float]
    noise: float
    snr: tuple[float, float]
    equaliser: float
    curve: float
    band: float
    clipping: float
    codec: float


_MILDLY = _Harshness(
    room=0.4, rt60=(0.1, 0.4), direct=(5.0, 18.0), noise=0.85, snr=(20.0, 40.0),
    equaliser=0.6, curve=5.0, band=0.2, clipping=0.05, codec=0.1,
)  # fmt: skip
_STRONGLY = _Harshness(
    room=0.75, rt60=(0.2, 0.7), direct=(-3.0, 10.0), noise=0.9, snr=(5.0, 25.0),
    equaliser=0.7, curve=10.0, band=0.5, clipping=0.2, codec=0.3,
)  # fmt: skip


def padded(speech: Speech, rng: Random) -> Speech:
    """`speech` with up to 0.6 s of digital silence before and as much again behind it, its times shifted.

    Pad before `disturb`: then the room rings on in the silence and the noise fills it.
    """
    lead, tail = (int(rng.uniform(0.0, _LONGEST_SILENCE) * SAMPLE_RATE) for _ in range(2))
    shift = lead / SAMPLE_RATE
    phones = [Phone(phone.symbol, phone.start + shift) for phone in speech.phones]
    # A phone lasts until the next one starts, and the first silence reaches back to the beginning.
    silence = next((p.symbol for p in phones if p.symbol in _SILENCES), _SILENCES[0])
    if phones and phones[0].symbol in _SILENCES:
        phones[0] = Phone(phones[0].symbol, 0.0)
    else:
        phones.insert(0, Phone(silence, 0.0))
    if phones[-1].symbol not in _SILENCES:
        phones.append(Phone(silence, shift + len(speech.samples) / SAMPLE_RATE))
    words = tuple(Word(w.first, w.last, w.start + shift, w.end + shift) for w in speech.words)
    return Speech(np.pad(speech.samples, (lead, tail)), tuple(phones), words)


def disturb(samples: Sound, rng: Random, others: Sequence[Sound] = ()) -> Sound:
    """The utterance as a real recording might have it: 35 % come back as they are, 35 % mildly and 30 %
    strongly disturbed.

    samples: mono, 16 kHz, float32, shape [n]; others: speech that babble is made of. Returns the same type
    and shape. What was said at a time is still said at that time; how loud it is may change.
    """
    generator = np.random.default_rng(rng.getrandbits(64))
    fate = generator.random()
    if fate < _CLEAN or not samples.any():
        return samples
    how = _MILDLY if fate < _CLEAN + _MILD else _STRONGLY
    if generator.random() < how.room:
        samples = reverberated(
            samples, generator.uniform(*how.rt60), generator.uniform(*how.direct), generator
        )
    if generator.random() < how.noise:
        samples = noisy(samples, generator.uniform(*how.snr), generator, others)
    if generator.random() < how.equaliser:
        samples = equalised(samples, how.curve, how.band, generator)
    # Only now is there a recording level, which clipping and codecs depend on.
    samples = samples * np.float32(10.0 ** (generator.uniform(-26.0, -1.0) / 20.0) / np.abs(samples).max())
    if generator.random() < how.clipping:
        samples = clipped(samples, generator.uniform(1.5, 6.0))
    if generator.random() < how.codec:
        samples = coded(samples, generator)
    return samples


def noisy(samples: Sound, snr: float, generator: np.random.Generator, others: Sequence[Sound] = ()) -> Sound:
    """`samples` with coloured noise, hum, clicks or a babble of `others`, `snr` dB below `speech_power`."""
    if others and generator.random() < _BABBLE:
        noise = _babble(others, len(samples), generator)
    else:
        kinds = (coloured, coloured, _hum, _clicks)
        noise = kinds[generator.integers(len(kinds))](len(samples), generator)
    return mixed(samples, noise, snr)


def equalised(samples: Sound, curve: float, band: float, generator: np.random.Generator) -> Sound:
    """`samples` through a microphone with a wavy response (up to `curve` dB) and, in a share `band` of the
    cases each, without the lowest or the highest frequencies. Zero phase: nothing moves in time."""
    knots = np.concatenate([[0.0], generator.uniform(-curve, curve, size=6)])
    bends = np.linspace(0.0, np.log(SAMPLE_RATE / 40), len(knots))
    response = 10.0 ** (np.interp(np.log(_CURVE_KNOTS / 20.0), bends, knots) / 20.0)
    low, high = generator.random(2) < band
    telephone = low and high
    if low:
        edge = generator.uniform(200.0, 400.0) if telephone else generator.uniform(80.0, 300.0)
        response *= low_pass(edge / _CURVE_KNOTS, 1.0, 4)
    if high:
        edge = generator.uniform(3_000.0, 3_800.0) if telephone else generator.uniform(3_000.0, 7_000.0)
        response *= low_pass(_CURVE_KNOTS, edge, 6)
    # The spare samples keep the filter's ringing from reaching round to the other end.
    size = fft_size(len(samples) + 1_024)
    frequencies = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE)
    return filtered(samples, np.interp(frequencies, _CURVE_KNOTS, response).astype(np.float32), size)


def clipped(samples: Sound, drive: float) -> Sound:
    """Softly overdriven by the factor `drive`, its peak kept."""
    peak = np.float32(np.abs(samples).max())
    limited: Sound = np.tanh(samples * (np.float32(drive) / peak)) * peak
    return limited


def coded(samples: Sound, generator: np.random.Generator) -> Sound:
    """`samples`, with peaks below 1, through Opus at about 7 to 25 kbit/s, GSM 6.10 or mu-law.

    The last two work at 8 kHz. None of them, as libsndfile has them, delays the sound.
    """
    kind = generator.integers(3)
    if kind == 0:
        return _fitted(
            _through(samples, SAMPLE_RATE, "OGG", "OPUS", generator.uniform(0.93, 1.0)), len(samples)
        )
    narrow = soxr.resample(samples, SAMPLE_RATE, _NARROW_RATE, quality="MQ")
    heard = _through(narrow, _NARROW_RATE, "WAV", "GSM610" if kind == 1 else "ULAW")
    return _fitted(soxr.resample(heard, _NARROW_RATE, SAMPLE_RATE, quality="MQ"), len(samples))


def _through(samples: Sound, rate: int, form: str, subtype: str, compression: float | None = None) -> Sound:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=form, subtype=subtype, compression_level=compression)
    file.seek(0)
    heard: Sound = soundfile.read(file, dtype="float32")[0]
    return heard


def _fitted(samples: Sound, length: int) -> Sound:
    """Codecs work in blocks and may hand back a little more or less than they got."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def _hum(length: int, generator: np.random.Generator) -> Sound:
    """Mains hum of 50 or 60 Hz with up to 20 harmonics, above a faint hiss."""
    mains = generator.choice([50.0, 60.0])
    # A tenth of a second holds whole periods of both, so it can be repeated.
    time = np.arange(SAMPLE_RATE // 10) / SAMPLE_RATE
    overtones = np.arange(1, 21)
    strengths = generator.uniform(0.0, 1.0, size=20) * overtones ** -generator.uniform(0.3, 1.5)
    turns = np.outer(overtones * mains, time) + generator.random((20, 1))
    hum = np.resize((strengths @ np.sin(2.0 * np.pi * turns)).astype(np.float32), length)
    hiss = np.float32(generator.uniform(0.01, 0.2) * strengths.max())
    return hum + hiss * generator.standard_normal(length, np.float32)


def _clicks(length: int, generator: np.random.Generator) -> Sound:
    """A few clicks a second (keys, plosives of a cable), above hiss that carries most of the power."""
    noise = generator.standard_normal(length, np.float32)
    size = 48
    shape = np.exp(np.linspace(0.0, -5.0, size, dtype=np.float32))
    for _ in range(1 + generator.poisson(3.0 * length / SAMPLE_RATE)):
        at = int(generator.integers(max(1, length - size)))
        end = min(length, at + size)
        burst = generator.standard_normal(size, np.float32) * shape
        noise[at:end] += np.float32(generator.uniform(4.0, 20.0)) * burst[: end - at]
    return noise


def _babble(others: Sequence[Sound], length: int, generator: np.random.Generator) -> Sound:
    """Three to six of `others` at once, each equally loud, from anywhere in their sentence on."""
    mix = np.zeros(length, np.float32)
    for index in generator.integers(len(others), size=generator.integers(3, 7)):
        other = others[index]
        start = int(generator.integers(len(other)))
        mix += np.resize(np.concatenate([other[start:], other[:start]]), length) / np.float32(
            np.linalg.norm(other) / np.sqrt(len(other))
        )
    return mix
