"""Making speech: a whole new dataset that says of each recording what it is, or nothing at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import soundfile

from core.audio.files import audio_info
from core.data import synthesis
from core.data.checks import check_dataset
from core.data.library import Library
from core.data.synthesis import default_name, make_speech, sweep
from core.data.synthesis.choosing import SpeechPlan
from core.data.synthesis.engines import find_engine, find_voice
from core.data.utterance import Label, Slot, Split, Utterance
from core.errors import Cancelled, UserError
from core.paths import AppPaths
from core.storage.files import DiskFull
from tests.conftest import WavMaker
from tests.fake_engines import install


def order(key: str, text: str, split: Split = "train", **more: object) -> Utterance:
    label = Label("order", (Slot("drink", "tea"),))
    return Utterance(0, "", key, split, label, text, language="en-GB", origin='{"x": 1}', **more)  # type: ignore[arg-type]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Library, wav_file: WavMaker) -> SpeechPlan:
    """Of "orders": 3 texts to train on, one that is recorded, one that is quarantined, one to test on."""
    install(tmp_path / "bin", monkeypatch, "espeak-ng")
    library.add_dataset(
        "orders",
        "made",
        [
            order("a", "one tea"),
            order("b", "two teas please"),
            order("c", "three"),
            order("d", "four", audio=wav_file("d.wav"), duration_s=1.0, speaker="anna"),
            order("e", "five"),
            order("f", "six", "test"),
        ],
    )
    library.quarantine("orders", ["e"], "by hand")
    engine = find_engine("espeak-ng")
    return SpeechPlan("orders", tuple(find_voice(engine, name) for name in ("en-gb", "en-us+f3")))


def files(paths: AppPaths) -> list[Path]:
    return sorted(paths.audio.rglob("*"))


def made(library: Library, name: str) -> Iterator[Utterance]:
    return library.utterances([name])


def test_the_new_dataset_holds_copies_with_recordings_that_say_what_they_are(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    seen: list[tuple[int, int | None]] = []
    name = default_name("orders")
    result = make_speech(library, app_paths, plan, name, progress=lambda *count: seen.append(count))

    assert name == "orders spoken"
    found = {utterance.key: utterance for utterance in made(library, name)}
    assert list(found) == ["a", "b", "c"]
    originals = {utterance.key: utterance for utterance in made(library, "orders")}
    for key, seconds in (("a", 0.6), ("b", 0.9), ("c", 0.3)):
        spoken = found[key]
        assert spoken.synthetic in ("espeak-ng: en-gb", "espeak-ng: en-us+f3")
        assert spoken.speaker == spoken.synthetic
        assert spoken.duration_s == pytest.approx(seconds, abs=0.01)
        assert spoken.audio is not None
        assert spoken.audio.is_relative_to(app_paths.audio)
        info = audio_info(spoken.audio)
        assert (info.sample_rate, info.channels, spoken.audio.suffix) == (16_000, 1, ".flac")
        assert info.duration_s == pytest.approx(spoken.duration_s)
        bare = replace(
            spoken,
            id=originals[key].id,
            dataset="orders",
            audio=None,
            duration_s=None,
            speaker="",
            synthetic="",
        )
        assert bare == originals[key]
    assert (result.recordings, result.unsaid, result.notes) == (3, (), ())
    assert result.minutes == pytest.approx(1.8 / 60, rel=0.02)
    assert sum(result.voices.values()) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]
    summary = library.dataset(name)
    assert (summary.synthetic, summary.counts["train"]["speech"]) == (3, 3)
    assert library.dataset("orders").synthetic == 0
    assert len([path for path in files(app_paths) if path.is_file()]) == 3


def test_the_same_plan_speaks_the_same_once_more(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    for name in ("first", "second"):
        make_speech(library, app_paths, replace(plan, vary_pace=True), name)
    for one, other in zip(made(library, "first"), made(library, "second"), strict=True):
        assert (one.key, one.speaker, one.duration_s) == (other.key, other.speaker, other.duration_s)
        assert one.audio != other.audio


def test_texts_that_cannot_be_said_are_told(library: Library, app_paths: AppPaths, plan: SpeechPlan) -> None:
    library.add_dataset("odd", "made", [order("a", "one tea"), order("b", "?!"), order("c", "...")])
    result = make_speech(library, app_paths, replace(plan, dataset="odd"), "odd spoken")
    assert result.unsaid == ("b", "c")
    assert '2 texts were left out (the engine makes no sound of it): b "?!", c "..."' in result.notes[0]
    assert [utterance.key for utterance in made(library, "odd spoken")] == ["a"]

    library.add_dataset("mute", "made", [order("b", "?!")])
    with pytest.raises(UserError, match="no sound for any of these texts"):
        make_speech(library, app_paths, replace(plan, dataset="mute"), "mute spoken")
    assert "mute spoken" not in library.names()


def test_it_is_told_when_a_language_is_taken_for_granted_and_when_splits_share_a_voice(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    texts = [replace(order(f"{n}", "tea", ("train", "test")[n % 2]), language="") for n in range(4)]
    library.add_dataset("bare", "made", texts)
    plan = replace(plan, dataset="bare", voices=plan.voices[:1], splits=("train", "test"))
    language, voices = make_speech(library, app_paths, plan, "bare spoken").notes
    assert "4 texts do not say a language; it was taken to be that of espeak-ng: en-gb" in language
    assert "In all of test, train the same voices speak: espeak-ng: en-gb" in voices


def test_a_name_that_is_taken_or_bad_is_refused_before_anything_is_spoken(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    for name, words in (("orders", "already a dataset"), ("a/b", "cannot be a dataset's name")):
        with pytest.raises(UserError, match=words):
            make_speech(library, app_paths, plan, name, progress=lambda *_count: pytest.fail("it spoke"))
    with pytest.raises(UserError, match="no dataset named"):
        make_speech(library, app_paths, replace(plan, dataset="order"), "x")
    assert files(app_paths) == []


@pytest.mark.parametrize("stop_after", [0, 2, 4])
def test_a_cancelled_making_leaves_nothing(
    library: Library, app_paths: AppPaths, plan: SpeechPlan, stop_after: int
) -> None:
    asked = iter(range(100))
    with pytest.raises(Cancelled):
        make_speech(library, app_paths, plan, "x", cancelled=lambda: next(asked) >= stop_after)
    assert library.names() == ["orders"]
    assert files(app_paths) == []


def test_an_engine_that_fails_leaves_nothing_and_the_utterance_is_named(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    library.add_dataset("bad", "made", [order("a", "one tea"), order("b", "a broken cup")])
    with pytest.raises(UserError) as raised:
        make_speech(library, app_paths, replace(plan, dataset="bad"), "x")
    assert raised.value.where == "bad/b"
    assert "the voice file is damaged" in raised.value.what
    assert library.names() == ["bad", "orders"]
    assert files(app_paths) == []


def test_a_full_disk_is_told_before_anything_is_spoken(
    library: Library, app_paths: AppPaths, plan: SpeechPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1000))
    with pytest.raises(DiskFull):
        make_speech(library, app_paths, plan, "x", progress=lambda *_count: pytest.fail("it spoke"))
    assert files(app_paths) == []


def test_what_a_crash_left_is_swept_and_nothing_else(
    library: Library, app_paths: AppPaths, plan: SpeechPlan
) -> None:
    """A making that was killed: before its dataset was stored, and just after."""
    make_speech(library, app_paths, plan, "stored")
    first = next(made(library, "stored")).audio
    assert first is not None
    stored, half, alive = first.parent, app_paths.audio / "half-1234", app_paths.audio / "alive-1234"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    for folder, owner, name in ((stored, ended, "stored"), (half, ended, "half"), (alive, other, "alive")):
        folder.mkdir(exist_ok=True)
        soundfile.write(folder / "x.flac", [0.0] * 100, 16_000)
        folder.with_name(f"{folder.name}.unfinished").write_text(f"{owner.pid}\n{name}")
    sweep(library, app_paths)
    other.communicate(b"\n")

    assert first.exists()
    assert not half.exists()
    assert (alive / "x.flac").exists()
    assert [path.name for path in app_paths.audio.glob("*.unfinished")] == ["alive-1234.unfinished"]
    sweep(library, app_paths)
    assert sorted(app_paths.audio.iterdir()) == [stored]


def test_a_killed_process_leaves_what_the_next_making_sweeps(
    library: Library, app_paths: AppPaths, plan: SpeechPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two recordings, for which the crash is played by an exit that cleans up nothing."""
    code = (
        "import os; from core.data import synthesis; from core.data.library import Library;"
        "from core.data.synthesis.choosing import SpeechPlan; from core.data.synthesis.engines import *;"
        "from core.paths import AppPaths; from core.storage.database import open_database;"
        "paths = AppPaths.default(); db = open_database(paths.database);"
        "voice = find_voice(find_engine('espeak-ng'), 'en-gb');"
        "synthesis.make_speech(Library(db, paths), paths, SpeechPlan('orders', (voice,)), 'x',"
        " progress=lambda done, total: os._exit(9))"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == 9
    assert any(path.suffix == ".flac" for path in files(app_paths))
    assert "x" not in library.names()

    make_speech(library, app_paths, plan, "x")
    assert len(list(app_paths.audio.iterdir())) == 1
    assert len(list(app_paths.audio.rglob("*.flac"))) == 3


def test_a_test_split_of_synthetic_speech_is_warned_of(
    library: Library, app_paths: AppPaths, plan: SpeechPlan, wav_file: WavMaker
) -> None:
    make_speech(library, app_paths, replace(plan, splits=("train", "test")), "x")
    (problem,) = [p for p in check_dataset(library, "x") if p.kind == "synthetic test speech"]
    assert problem.severity == "warning"
    assert "1 test recording is synthetic" in problem.what
    assert "say nothing about people's voices" in problem.what
    # Without it nothing at all would be left to test on.
    assert problem.keys == ()

    person = order("g", "seven", "test", audio=wav_file("g.wav"), duration_s=1.0, speaker="eva")
    library.add_dataset("both", "made", [*made(library, "x"), person])
    (problem,) = [p for p in check_dataset(library, "both") if p.kind == "synthetic test speech"]
    assert problem.keys == ("f",)
    library.quarantine("both", problem.keys, problem.kind)
    assert "synthetic test speech" not in [p.kind for p in check_dataset(library, "both")]
    assert library.dataset("both").synthetic == 3
    # To learn from, it is fine.
    assert synthesis.default_name("both") == "both spoken"
