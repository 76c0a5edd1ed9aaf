"""What the checks say about recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.data.checks.recordings import recording_problems
from core.data.problem import Problem
from core.data.progress import never
from core.data.utterance import Label, Split, Utterance
from tests.core.audio.test_measures import RATE, noise, speech_like

PAUSE = np.zeros(3 * RATE)


def utterance(path: Path, *, key: str = "a", text: str | None = None, split: Split = "train") -> Utterance:
    return Utterance(0, "d", key, split, Label("order"), text, path, language="en")


def found(*utterances: Utterance) -> list[Problem]:
    return list(recording_problems(utterances, 15, None, never))


def saved(path: Path, samples: NDArray[np.float64], rate: int = RATE) -> Path:
    soundfile.write(path, np.clip(samples, -1, 1), rate)
    return path


def test_a_good_recording_has_no_problems(tmp_path: Path) -> None:
    assert not found(utterance(saved(tmp_path / "a.wav", speech_like(3, -20) + noise(3, -60))))


@pytest.mark.parametrize(
    ("samples", "rate", "kind", "told"),
    [
        (np.clip(8 * speech_like(2, -15), -0.9, 0.9), RATE, "clipped", "samples are cut off"),
        (speech_like(2, -48), RATE, "too quiet", "-48 dBFS"),
        (speech_like(2, -20) + noise(2, -26), RATE, "noisy", "dB above the noise"),
        (np.concatenate([PAUSE, speech_like(2, -20)]), RATE, "silence before", "3.0 s before"),
        (np.concatenate([speech_like(2, -20), PAUSE]), RATE, "silence behind", "3.1 s behind"),
        (speech_like(1, -20), 8_000, "low sample rate", "nothing above 4 kHz"),
        (np.stack([speech_like(2, -20), -speech_like(2, -20)], axis=1), RATE, "channels", "cancel"),
    ],
)
def test_each_defect_is_told_with_the_utterance_it_concerns(
    tmp_path: Path, samples: NDArray[np.float64], rate: int, kind: str, told: str
) -> None:
    path = saved(tmp_path / "a.wav", samples, rate)
    (problem,) = found(utterance(path))
    assert (problem.severity, problem.kind, problem.keys) == ("warning", kind, ("a",))
    assert problem.where == str(path)
    assert told in problem.what
    assert problem.remedy


@pytest.mark.parametrize(("split", "severity", "key"), [("train", "warning", "b"), ("test", "error", "a")])
def test_the_same_sound_under_two_names_is_an_error_across_splits(
    tmp_path: Path, split: Split, severity: str, key: str
) -> None:
    one, two = (saved(tmp_path / name, speech_like(2, -20)) for name in ("one.wav", "two.wav"))
    (problem,) = found(utterance(one), utterance(two, key="b", split=split))
    assert (problem.severity, problem.kind) == (severity, "same sound twice")
    # What is learned from is set aside: a test set stays what it is.
    assert problem.keys == (key,)


def test_a_recording_much_longer_than_its_text_is_found(tmp_path: Path) -> None:
    usual = [
        utterance(
            saved(tmp_path / f"{n}.wav", speech_like(2, -20, seed=n)), key=str(n), text="one coffee please"
        )
        for n in range(24)
    ]
    wrong = utterance(saved(tmp_path / "w.wav", speech_like(10, -20)), key="w", text="one coffee")
    (problem,) = found(*usual, wrong)
    assert (problem.kind, problem.keys) == ("unusual length", ("w",))
    assert "times as long as usual" in problem.what
