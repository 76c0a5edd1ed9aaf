"""The synthesised corpus in memory, with the target of every audio frame."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.teaspoon.corpus import Text
from core.teaspoon.features import EXTRA_FRAMES
from core.teaspoon.prompts import Prompts
from core.teaspoon.speech import SAMPLE_RATE

_CHECKED = 120
"""Utterances of each unseen voice set that are scored now and then while training."""
NOTHING = -100
"""Target of frames that carry no loss."""
_WARP = 0.165
"""Natural logarithm of the largest change of the vocal tract's length: factors of 0.85 to 1.18."""
_WARP_KNEE = 4_800.0
"""Above this frequency (Hz) the warped scale bends so that it ends where the true one does."""
_TIME_MASKS, _LONGEST_MASK = 2, 12
_MEL_MASKS, _BROADEST_MASK = 2, 10


@dataclass(frozen=True)
class Spoken:
    """One utterance. features: [frames + extra, 80] float16 (a view); pieces: the target token of every
    16 Hz audio frame; ends: the frame in which each token of the text ends; phones: the phone of every
    32 Hz step, as an index into the corpus's phone list."""

    text: Text
    voice: str
    features: NDArray[np.float16]
    pieces: NDArray[np.int16]
    ends: NDArray[np.int16]
    phones: NDArray[np.int16]

    @property
    def frames(self) -> int:
        return len(self.features) - EXTRA_FRAMES


@dataclass(frozen=True)
class Corpus:
    """The spoken corpus in memory: training utterances, unseen voices by name, and the engines' phones."""

    train: list[Spoken]
    checks: dict[str, list[Spoken]]
    phones: list[str]


@dataclass(frozen=True)
class AudioBatch:
    """features [batch, time, 80] float32, frames [batch], pieces [batch, 16 Hz], phones [batch, 32 Hz]."""

    features: Tensor
    frames: Tensor
    pieces: Tensor
    phones: Tensor


def load_corpus(speech: Path, prompts: Prompts) -> Corpus:
    """Everything that was synthesised into the folder `speech`."""
    phones: list[str] = []
    train = load(speech, "train", prompts, phones)
    checks = {
        name: load(speech, f"validation-{name}", prompts, phones)[:_CHECKED] for name in ("espeak", "ked")
    }
    return Corpus(train, checks, phones)


def load(folder: Path, part: str, prompts: Prompts, phone_list: list[str]) -> list[Spoken]:
    """All utterances of the shards whose name starts with `part`; new phones are added to `phone_list`."""
    index = {phone: number for number, phone in enumerate(phone_list)}
    utterances: list[Spoken] = []
    for file in sorted(folder.glob(f"{part}*.npz")):
        with np.load(file) as shard:
            features, lengths, rows = shard["features"], shard["lengths"], shard["rows"]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        for number, line in enumerate(rows):
            utterances.append(
                _utterance(
                    json.loads(str(line)), features[starts[number] : starts[number + 1]], prompts, index
                )
            )
    phone_list[:] = sorted(index, key=lambda phone: index[phone])
    return utterances


def _utterance(
    row: dict[str, object], features: NDArray[np.float16], prompts: Prompts, index: dict[str, int]
) -> Spoken:
    text = Text(
        str(row["text"]), str(row["domain"]), str(row["intent"]),
        tuple((str(slot), str(filler)) for slot, filler in row["slots"]),  # type: ignore[attr-defined]
    )  # fmt: skip
    frames = len(features) - EXTRA_FRAMES
    states = (frames - 1) // 2 + 1
    pieces, ends = _piece_frames(text.text, row["words"], (states - 2) // 2 + 1, prompts)  # type: ignore[arg-type]
    times = np.array([start for _, start in row["phones"]])  # type: ignore[attr-defined]
    numbers = np.array([index.setdefault(str(name), len(index)) for name, _ in row["phones"]])  # type: ignore[attr-defined]
    # Step s of the 32 Hz states looks at mel frames around 2 s.
    at = np.searchsorted(times, np.arange(states) * 2 + 0.5, side="right") - 1
    phones = np.where(at >= 0, numbers[at.clip(0)], NOTHING).astype(np.int16)
    return Spoken(text, str(row["voice"]), features, pieces, ends, phones)


def _piece_frames(
    text: str, words: Sequence[tuple[int, int, float, float]], frames: int, prompts: Prompts
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The token spoken in each 16 Hz frame, and the last frame of each token; a word's time is shared among
    its tokens by their letters."""
    borders: list[float] = []
    tokens: list[int] = []
    target = np.full(frames, prompts.silence, np.int16)
    for first, last, start, end in words:
        ids = [t for word in text[first:last].split() for t in prompts.encode(word)]
        letters = np.array(prompts.letters(ids))
        cuts = start + (end - start) * np.concatenate([[0.0], np.cumsum(letters) / letters.sum()])
        # Audio frame f covers mel frames 4 f to 4 f + 3: its middle is 4 f + 2.
        edges = np.clip(np.ceil((cuts - 2.0) / 4.0), 0, frames).astype(int)
        for number, token in enumerate(ids):
            target[edges[number] : edges[number + 1]] = token
        tokens += ids
        borders += list(edges[1:] - 1)
    return target, np.clip(np.array(borders, np.int16), 0, frames - 1)


def collate(items: Sequence[Spoken]) -> AudioBatch:
    """Pad to the longest of the batch."""
    time = max(len(item.features) for item in items)
    features = np.zeros((len(items), time, items[0].features.shape[1]), np.float32)
    steps = max(len(item.phones) for item in items)
    tokens = max(len(item.pieces) for item in items)
    phones = np.full((len(items), steps), NOTHING, np.int64)
    pieces = np.full((len(items), tokens), NOTHING, np.int64)
    for row, item in enumerate(items):
        features[row, : len(item.features)] = item.features
        phones[row, : len(item.phones)] = item.phones
        pieces[row, : len(item.pieces)] = item.pieces
    frames = torch.tensor([item.frames for item in items])
    return AudioBatch(torch.from_numpy(features), frames, torch.from_numpy(pieces), torch.from_numpy(phones))


def batches(items: Sequence[Spoken], size: int, rng: Random) -> Iterator[list[Spoken]]:
    """One epoch in batches of about equal length: `size` utterances of three seconds, fewer longer ones."""
    # Lengths are jittered so that an utterance meets other neighbours in every epoch.
    order = sorted(items, key=lambda item: item.frames * rng.uniform(0.93, 1.07))
    groups: list[list[Spoken]] = [[]]
    for item in order:
        if len(groups[-1]) >= max(4, min(2 * size, size * 192 // item.frames)):
            groups.append([])
        groups[-1].append(item)
    rng.shuffle(groups)
    yield from groups


def disturbed(batch: AudioBatch, strength: float, generator: torch.Generator) -> AudioBatch:
    """The batch through other microphones (`colour`) and, by `strength` 0 to 1, spoken by others (`warp`) and
    with gaps (`mask`, with this chance)."""
    features = colour(warp(batch.features, strength, generator), 1.0, generator)
    if float(torch.rand((), generator=generator)) < strength:
        features = mask(features, batch.frames, generator)
    return replace(batch, features=features)


def colour(features: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Random gain, tilt and one broad bump or dip of the spectrum, as microphones and rooms make them.

    strength 1 is about +-4 dB at each. features: [batch, time, 80] on Whisper's log scale (20 dB = 0.5).
    """
    count, bins = features.shape[0], features.shape[2]
    draw = torch.randn(count, 4, generator=generator)
    place = torch.linspace(-1.0, 1.0, bins)
    centre = torch.rand(count, 1, generator=generator) * 2.0 - 1.0
    bump = torch.exp(-(((place[None, :] - centre) / 0.35) ** 2))
    curve = 0.05 * draw[:, :1] + 0.10 * draw[:, 1:2] * place[None, :] + 0.10 * draw[:, 2:3] * bump
    return features + strength * curve[:, None, :]


def warp(features: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Every utterance as if spoken by someone with a longer or shorter vocal tract: the spectrum stretched
    by a factor of its own, 0.85 to 1.18 at strength 1, without change at strength 0.

    features: [batch, time, 80]. Every value stays between its neighbours, so silence stays silence.
    """
    count, bins = features.shape[0], features.shape[2]
    factor = torch.exp(_WARP * strength * (2.0 * torch.rand(count, 1, generator=generator) - 1.0))
    nyquist = SAMPLE_RATE / 2.0
    # The extractor's triangles stand at equal distances between 0 and Nyquist on the mel scale.
    step = _mel(torch.tensor(nyquist)) / (bins + 1)
    frequencies = _hertz(step * torch.arange(1, bins + 1))[None, :]
    # The knee lies at the same place before or behind the warping, whichever is lower.
    knee = _WARP_KNEE / torch.clamp(factor, min=1.0)
    above = nyquist - (nyquist - factor * knee) * (nyquist - frequencies) / (nyquist - knee)
    source = torch.where(frequencies <= knee, factor * frequencies, above)
    place = (_mel(source) / step - 1.0).clamp(0.0, bins - 1.0)
    # As a product with one small matrix for each utterance this is quicker than gathering.
    weights = (1.0 - (place[:, None, :] - torch.arange(bins)[None, :, None]).abs()).clamp(min=0.0)
    return features @ weights.to(features.device)


def mask(features: Tensor, frames: Tensor, generator: torch.Generator) -> Tensor:
    """Up to two stretches of up to 12 frames (at most a tenth of the utterance each) and up to two bands of
    up to 10 bins give way to the utterance's mean spectrum.

    features: [batch, time, 80]; frames: [batch], the true lengths; what lies behind them is not touched.
    """
    count, time, bins = features.shape
    lengths = frames.to("cpu", torch.float32)
    longest = (lengths / 10.0).floor().clamp(max=_LONGEST_MASK)
    hidden = _stretches(lengths, longest, _TIME_MASKS, time, generator)[:, :, None]
    whole, broadest = torch.full((count,), float(bins)), torch.full((count,), float(_BROADEST_MASK))
    hidden = hidden | _stretches(whole, broadest, _MEL_MASKS, bins, generator)[:, None, :]
    real = (torch.arange(time)[None, :] < lengths[:, None]).to(features.device)
    mean = (real[:, None, :].float() @ features) / real.sum(1)[:, None, None]
    return torch.where(hidden.to(features.device) & real[:, :, None], mean, features)


def _stretches(
    lengths: Tensor, longest: Tensor, number: int, size: int, generator: torch.Generator
) -> Tensor:
    """True on `number` random stretches of 0 to `longest` places within each length: [batch, size]."""
    draw = torch.rand(2, len(lengths), number, generator=generator)
    width = (draw[0] * (longest[:, None] + 1.0)).floor()
    start = (draw[1] * (lengths[:, None] - width + 1.0)).floor()
    place = torch.arange(size)[None, None, :]
    return ((place >= start[:, :, None]) & (place < (start + width)[:, :, None])).any(1)


def _mel(hertz: Tensor) -> Tensor:
    """Slaney's mel scale, which Whisper's filters use: linear up to 1 kHz, logarithmic above."""
    return torch.where(
        hertz < 1_000.0, 0.015 * hertz, 15.0 + (hertz.clamp(min=1.0) / 1_000.0).log() * (27.0 / math.log(6.4))
    )


def _hertz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15.0, mel / 0.015, 1_000.0 * ((mel - 15.0) * (math.log(6.4) / 27.0)).exp())
