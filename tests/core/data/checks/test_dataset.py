"""Checks say what would make scores wrong, and nothing about a sound dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.data.checks import check_dataset
from core.data.checks.splits import refuse_leaks
from core.data.library import Library
from core.data.problem import Problem
from core.data.utterance import Label, Slot, Split, Utterance
from core.errors import Cancelled, UserError
from tests.conftest import WavMaker


def utterance(
    key: str,
    split: Split,
    text: str | None = None,
    *,
    audio: Path | None = None,
    speaker: str = "",
    intent: str = "greet",
    slots: tuple[Slot, ...] = (),
) -> Utterance:
    return Utterance(0, "", key, split, Label(intent, slots), text, audio, 1.0, "en", speaker)


def check(library: Library, *utterances: Utterance) -> list[Problem]:
    library.add_dataset("d", "s", utterances)
    return check_dataset(library, "d")


@pytest.fixture
def sound(wav_file: WavMaker) -> list[Utterance]:
    return [
        utterance("a", "train", "good morning", audio=wav_file("a.wav", seconds=1.0), speaker="anna"),
        utterance("b", "validation", "good evening", audio=wav_file("b.wav", seconds=1.1), speaker="ben"),
        utterance("c", "test", "good night", audio=wav_file("c.wav", seconds=1.2), speaker="eva"),
    ]


def test_a_sound_dataset_has_no_problems(library: Library, sound: list[Utterance]) -> None:
    assert check(library, *sound) == []


def test_unusable_recordings_are_errors_that_name_file_and_utterance(
    library: Library, sound: list[Utterance], tmp_path: Path, wav_file: WavMaker
) -> None:
    whole = wav_file("whole.flac", seconds=3, kind="noise").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.wav").touch()
    bad = {
        "gone": tmp_path / "gone.wav",
        "cut": tmp_path / "cut.flac",
        "empty": tmp_path / "empty.wav",
        "short": wav_file("short.wav", seconds=0.02),
        "long": wav_file("long.wav", seconds=15.1),
    }
    problems = check(library, *sound, *(utterance(key, "train", audio=path) for key, path in bad.items()))
    assert [(p.severity, p.keys, p.where) for p in problems] == [
        ("error", (key,), str(path)) for key, path in bad.items()
    ]
    assert all(problem.remedy for problem in problems)
    assert "20 ms; 100 ms are needed" in problems[-2].what
    assert "15.1 s" in problems[-1].what


def test_the_window_is_the_base_models(library: Library, sound: list[Utterance]) -> None:
    library.add_dataset("d", "s", sound)
    assert len(check_dataset(library, "d", window_s=0.5)) == 3


def test_silence_is_a_warning(library: Library, sound: list[Utterance], wav_file: WavMaker) -> None:
    (problem,) = check(library, *sound, utterance("s", "train", audio=wav_file("s.wav", kind="silence")))
    assert (problem.severity, problem.kind, problem.keys) == ("warning", "silent", ("s",))


def test_leaks_between_splits_are_found(library: Library, sound: list[Utterance], wav_file: WavMaker) -> None:
    train = sound[0]
    problems = check(
        library,
        *sound,
        utterance("voice", "test", audio=wav_file("d.wav", seconds=1.3), speaker="anna"),
        utterance("words", "test", "Good evening!"),
        utterance("file", "validation", audio=train.audio),
    )
    assert [(p.severity, p.where) for p in problems] == [
        ("error", "train and validation"),
        ("warning", "train and test"),
        ("warning", "validation and test"),
    ]
    assert "1 recording is" in problems[0].what
    assert "anna" in problems[1].what
    assert "good evening" in problems[2].what


def test_a_recording_reached_by_a_link_is_the_same(
    library: Library, sound: list[Utterance], tmp_path: Path
) -> None:
    (tmp_path / "linked").symlink_to(tmp_path)
    (problem,) = check(library, *sound, utterance("l", "test", audio=tmp_path / "linked" / "a.wav"))
    assert (problem.severity, problem.where) == ("error", "train and test")


def test_leaks_across_datasets_are_refused_and_the_first_few_named(tmp_path: Path) -> None:
    def made(dataset: str, split: Split, *names: str) -> list[Utterance]:
        return [replace(utterance(n, split, audio=tmp_path / n), dataset=dataset) for n in names]

    names = [f"{number}.wav" for number in range(7)]
    with pytest.raises(UserError, match=r"7 recordings are in both train and test.* and 2 more") as caught:
        refuse_leaks(made("A", "train", "x", *names), made("B", "test", *names, "y"))
    assert f"{tmp_path / '0.wav'} (A/0.wav and B/0.wav)" in caught.value.what
    assert "6.wav" in caught.value.details
    with pytest.raises(UserError, match="1 recording is in both validation and test"):
        refuse_leaks(made("A", "validation", "x"), made("A", "test", "x"))
    with pytest.raises(UserError, match="1 recording is in both train and validation"):
        refuse_leaks([*made("A", "validation", "x"), *made("B", "train", "x")], made("A", "test", "y"))
    # Texts may be alike, and one recording may be tested twice.
    refuse_leaks([utterance("a", "train", "hello")], [utterance("b", "test", "hello")])
    refuse_leaks(made("A", "train", "x"), [*made("B", "test", "y"), *made("C", "test", "y")])


def test_a_text_with_two_labels_is_found(library: Library, sound: list[Utterance]) -> None:
    one, two = Slot("a", "x"), Slot("b", "y")
    (problem,) = check(
        library,
        *sound,
        utterance("first", "train", "wake me x y", slots=(one, two)),
        utterance("same", "train", "Wake me x, y.", slots=(two, one)),
        utterance("other", "train", "wake me x y", intent="alarm"),
    )
    assert (problem.where, problem.keys) == ("first", ("other",))
    assert "greet (a: x, b: y)" in problem.what
    assert "alarm" in problem.what


def test_labels_that_only_test_has_are_found(library: Library, sound: list[Utterance]) -> None:
    problems = check(
        library, *sound, utterance("n", "test", "new tango", intent="dance", slots=(Slot("style", "tango"),))
    )
    assert ["dance" in problems[0].what, "style" in problems[1].what] == [True, True]


def test_missing_splits_and_missing_test_speech_are_found(library: Library) -> None:
    problems = check(library, utterance("a", "test", "hello"), utterance("b", "train", "bye"))
    assert [problem.where for problem in problems] == ["validation", "test"]
    assert "recording" in problems[1].what


def test_a_check_tells_its_progress_and_can_be_stopped(library: Library, sound: list[Utterance]) -> None:
    library.add_dataset("d", "s", sound)
    told: list[tuple[int, int | None]] = []
    check_dataset(library, "d", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        check_dataset(library, "d", cancelled=lambda: True)


def test_an_unknown_dataset_is_named(library: Library) -> None:
    with pytest.raises(UserError, match="no dataset"):
        check_dataset(library, "nothing")
