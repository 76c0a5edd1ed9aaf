"""Disturbed speech stays true to its times, and is disturbed as often and as much as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.audio.disturbances import reverberated, speech_power
from core.teaspoon import augmentation, corpus
from core.teaspoon.augmentation import coded, disturb, noisy, padded
from core.teaspoon.speech import SAMPLE_RATE, Phone, Speech, Word
from core.teaspoon.spoken_corpus import mask, warp
from core.teaspoon.voices import Voice

Sound = NDArray[np.float32]
_TEN_MS = SAMPLE_RATE // 100


def _speech(seconds: float = 1.0, seed: int = 0) -> Sound:
    """Noise that is louder and softer from one twentieth of a second to the next, with a pause."""
    generator = np.random.default_rng(seed)
    length = int(seconds * SAMPLE_RATE)
    loudness = np.repeat(generator.uniform(0.0, 1.0, 1 + length // 800) ** 2, 800)[:length]
    loudness[length // 3 : length // 2] = 0.0
    return (0.2 * loudness * generator.standard_normal(length)).astype(np.float32)


def _lag(before: Sound, after: Sound) -> int:
    """By how many samples `after` is late."""
    size = 1 << (2 * len(before)).bit_length()
    match = np.fft.irfft(np.conj(np.fft.rfft(before, size)) * np.fft.rfft(after, size))
    best = int(np.argmax(match))
    return best if best < size // 2 else best - size


def test_what_is_said_is_said_at_the_same_time() -> None:
    others = [_speech(0.7, seed) for seed in range(5, 9)]
    for seed in range(120):
        before = _speech(1.0 + seed / 480, seed)
        after = disturb(before, Random(seed), others)
        assert after.dtype == np.float32
        assert after.shape == before.shape
        assert np.isfinite(after).all()
        assert abs(_lag(before, after)) <= _TEN_MS, seed


def test_the_same_seed_disturbs_the_same_way_and_leaves_the_original_alone() -> None:
    before = _speech()
    kept = before.copy()
    for seed in range(20):
        assert np.array_equal(disturb(before, Random(seed)), disturb(before, Random(seed)))
    assert np.array_equal(before, kept)


def test_a_third_stays_clean_and_few_are_coded(monkeypatch: pytest.MonkeyPatch) -> None:
    codecs = []

    def counted(samples: Sound, generator: np.random.Generator) -> Sound:
        codecs.append(1)
        return samples

    monkeypatch.setattr(augmentation, "coded", counted)
    before = _speech(0.3)
    count = 600
    clean = sum(np.array_equal(disturb(before, Random(seed)), before) for seed in range(count))
    assert 0.3 < clean / count < 0.42
    assert 0.05 < len(codecs) / count <= 0.15


def test_silence_stays_silence() -> None:
    for seed in range(10):
        assert not disturb(np.zeros(8_000, np.float32), Random(seed)).any()


@pytest.mark.parametrize("snr", [5.0, 20.0, 40.0])
def test_noise_is_as_far_below_the_speech_as_asked(snr: float) -> None:
    before = _speech()
    others = [_speech(0.7, seed) for seed in range(5, 9)]
    for seed in range(25):
        after = noisy(before, snr, np.random.default_rng(seed), others)
        noise = float(np.mean(np.square(after - before, dtype=np.float64)))
        assert 10.0 * np.log10(speech_power(before) / noise) == pytest.approx(snr, abs=0.1)


def test_a_room_rings_on_and_never_speaks_first() -> None:
    for seed in range(20):
        click = np.zeros(SAMPLE_RATE, np.float32)
        click[4_000] = 1.0
        heard = reverberated(click, 0.4, 0.0, np.random.default_rng(seed))
        assert int(np.argmax(np.abs(heard))) == 4_000
        assert np.abs(heard[:3_900]).max() < 0.01
        reflections = np.square(heard[4_030:])
        assert 0.1 < reflections.sum() < 1.1
        assert reflections[:3_200].sum() > 0.9 * reflections.sum()


def test_codecs_keep_length_and_time() -> None:
    for seed in range(12):
        before = _speech(0.5 + 0.0113 * seed, seed)
        after = coded(before, np.random.default_rng(seed))
        assert after.dtype == np.float32
        assert after.shape == before.shape
        assert not np.array_equal(after, before)
        assert abs(_lag(before, after)) <= _TEN_MS


@pytest.mark.parametrize("symbols", [("a", "b"), ("pau", "a", "b", "pau"), ("a", "_", "b", "_")])
def test_silence_around_speech_moves_its_times(symbols: tuple[str, ...]) -> None:
    samples = _speech()
    phones = tuple(Phone(symbol, 0.2 * index) for index, symbol in enumerate(symbols))
    speech = Speech(samples, phones, (Word(0, 2, 0.1, 0.3), Word(2, 4, 0.3, 0.9)))
    silence = "pau" if "pau" in symbols else "_"
    leads = set()
    for seed in range(20):
        longer = padded(speech, Random(seed))
        lead = round((longer.words[0].start - 0.1) * SAMPLE_RATE)
        leads.add(lead)
        assert np.array_equal(longer.samples[lead : lead + len(samples)], samples)
        assert not longer.samples[:lead].any()
        assert not longer.samples[lead + len(samples) :].any()
        assert 0 <= lead <= 0.6 * SAMPLE_RATE
        assert len(longer.samples) - len(samples) - lead <= 0.6 * SAMPLE_RATE
        assert longer.words[1].end == pytest.approx(0.9 + lead / SAMPLE_RATE)
        assert longer.phones[0] == Phone(silence, 0.0)
        assert longer.phones[-1].symbol == silence
        assert all(one.start <= two.start for one, two in pairwise(longer.phones))
        spoken = next(p for p in longer.phones if p.symbol == "b")
        assert spoken.start == pytest.approx(0.2 * symbols.index("b") + lead / SAMPLE_RATE)
    assert len(leads) > 15


class _Talkers:
    """Every text takes one second and is one word from 0.25 s to 0.75 s."""

    def say_all(self, voice: Voice, texts: Sequence[str], rng: Random) -> Iterator[Speech]:
        for text in texts:
            yield Speech(_speech(1.0, len(text)), (Phone("pau", 0.0),), (Word(0, len(text), 0.25, 0.75),))


def test_only_training_speech_is_padded_and_disturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "Speakers", _Talkers)
    monkeypatch.setattr(corpus, "SHARD", 60)
    disturbed = []

    def noted(samples: Sound, rng: Random, others: Sequence[Sound]) -> Sound:
        disturbed.append(len(others))
        return samples

    monkeypatch.setattr(corpus, "disturb", noted)
    starts: dict[str, list[float]] = {}
    for name in ("train-x", "validation-x"):
        part = corpus.Part(name, 1, (Voice("flite", "slt"),), (1.0, 1.0))
        corpus._make_shard((part, 0, tmp_path, frozenset()))
        with np.load(tmp_path / f"{name}-000.npz") as shard:
            rows = [json.loads(str(row)) for row in shard["rows"]]
            assert shard["lengths"].sum() == len(shard["features"])
        starts[name] = [row["words"][0][2] for row in rows]
    assert starts["validation-x"] == [16.0] * 60
    moved = [start for start in starts["train-x"] if start > 16.0]
    assert 10 < len(moved) < 32
    assert disturbed == [-(-index // 4) for index in range(60)]


def test_parts_are_known_by_their_names() -> None:
    parts = {part.name: part for part in corpus.PARTS}
    assert {name for name, part in parts.items() if not part.training} == {
        "validation-espeak",
        "validation-ked",
    }


def test_warping_by_nothing_changes_nothing() -> None:
    features = torch.rand(4, 50, 80)
    unchanged = warp(features, 0.0, torch.Generator().manual_seed(1))
    torch.testing.assert_close(unchanged, features, atol=1e-3, rtol=0.0)


def test_warping_moves_a_formant_within_bounds_and_invents_no_level() -> None:
    count, place = 64, 40
    features = torch.full((count, 3, 80), -0.5)
    features[:, 1, place] = 1.0
    features[:, 2] = torch.linspace(-1.0, 1.0, 80)
    warped = warp(features, 1.0, torch.Generator().manual_seed(2))
    assert warped.shape == features.shape
    torch.testing.assert_close(warped[:, 0], features[:, 0])
    assert float(warped.min()) >= -1.0001
    assert float(warped.max()) <= 1.0001
    moved = (warped[:, 1].argmax(-1) - place).tolist()
    # 1.18 times the frequency is 4.3 of the 80 bins.
    assert min(moved) in range(-5, -2)
    assert max(moved) in range(3, 6)
    assert (warped[:, 2].diff(dim=-1) >= -1e-4).all()


def test_masks_hide_little_and_only_what_was_recorded() -> None:
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(16, 300, 80)
    frames = torch.arange(16) * 18 + 20
    most_frames = most_bins = 0
    for _ in range(20):
        masked = mask(features, frames, generator)
        changed = masked != features
        for row, length in enumerate(frames.tolist()):
            assert not changed[row, length:].any()
            mean = features[row, :length].mean(0).expand(300, 80)
            torch.testing.assert_close(masked[row][changed[row]], mean[changed[row]], atol=1e-5, rtol=0.0)
            hidden_frames = int(changed[row, :length].all(1).sum())
            hidden_bins = int(changed[row, :length].all(0).sum())
            assert hidden_frames <= min(24, 2 * (length // 10))
            assert hidden_bins <= 20
            most_frames, most_bins = max(most_frames, hidden_frames), max(most_bins, hidden_bins)
    assert most_frames > 12
    assert most_bins > 10
