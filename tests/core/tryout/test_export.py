"""What is exported says all there is, comes back as a dataset, and is whole or not there."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.data.importers import import_dataset
from core.data.library import Library
from core.data.utterance import Label, Slot
from core.errors import Cancelled, UserError
from core.tryout.correcting import Wanted, save_correction
from core.tryout.export import export_exchanges
from core.tryout.kept import HistoryQuery
from core.tryout.store import TryoutStore
from tests.core.tryout.conftest import Say, answer

RIGHT = Label("lamp_off", (Slot("room", "hall"), Slot("when", "now"), Slot("room", "attic")))


@pytest.fixture
def spoken(store: TryoutStore, library: Library, say: Say) -> TryoutStore:
    """Two recordings, the first corrected, and a text, corrected too."""
    say(
        "a", at=1.0, spoken=True, answers=(answer(), answer(model="other", datasets=("demo",), compared=True))
    )
    say("b", at=2.0, spoken=True)
    say("c", at=3.0, text="a text")
    for id_, text, split in (("a", "", "test"), ("c", "a text", "train")):
        kept = store.exchange(id_)
        assert kept is not None
        save_correction(store, library, kept, Wanted(RIGHT, text, "corrections", split, "ann", "en"))  # type: ignore[arg-type]
    return store


def export(store: TryoutStore, library: Library, target: Path, search: str = "") -> int:
    return export_exchanges(store.find(HistoryQuery(search=search)), library, target)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_the_manifest_comes_back_with_the_same_labels_and_sound(
    spoken: TryoutStore, library: Library, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "out"
    if form == "zip":
        assert export(spoken, library, tmp_path / "out.zip") == 2
        with zipfile.ZipFile(tmp_path / "out.zip") as archive:
            archive.extractall(folder)
    else:
        assert export(spoken, library, folder) == 2
    import_dataset(library, "jsonl", [folder / "manifest.jsonl"], "again")
    before, after = (list(library.utterances([name])) for name in ("corrections", "again"))
    said = lambda each: (each.key, each.label, each.text, each.split, each.speaker, each.language)  # noqa: E731
    assert [said(each) for each in after] == [said(each) for each in before]
    assert after[0].audio is not None
    assert before[0].audio is not None
    assert after[0].audio.read_bytes() == before[0].audio.read_bytes()
    assert after[1].audio is None


def test_every_exchange_has_its_line_and_its_recording(
    spoken: TryoutStore, library: Library, tmp_path: Path
) -> None:
    export(spoken, library, tmp_path / "out")
    first, second, third = lines(tmp_path / "out" / "exchanges.jsonl")
    assert [each["model"] for each in first["answers"]] == ["run-1", "other"]
    assert first["answers"][0]["prediction"]["intent"] == "lamp_on"
    assert first["correction"]["slots"] == [{"room": "hall"}, {"when": "now"}, {"room": "attic"}]
    assert soundfile.info(tmp_path / "out" / second["audio"]).duration == 0.5
    assert (third["text"], third["audio"], second["correction"]) == ("a text", None, None)


def test_only_what_was_found_goes_out(spoken: TryoutStore, library: Library, tmp_path: Path) -> None:
    assert export(spoken, library, tmp_path / "out", "a text") == 1
    assert [each["id"] for each in lines(tmp_path / "out" / "exchanges.jsonl")] == ["c"]
    assert not (tmp_path / "out" / "audio").exists()


def test_a_label_that_was_corrected_in_the_library_since_counts(
    spoken: TryoutStore, library: Library, tmp_path: Path
) -> None:
    (key,) = [each.key for each in library.utterances(["corrections"]) if each.text is None]
    library.edits.set_label("corrections", key, Label("greet"), "ann")
    export(spoken, library, tmp_path / "out")
    assert lines(tmp_path / "out" / "manifest.jsonl")[0]["intent"] == "greet"
    library.delete_dataset("corrections")
    export(spoken, library, tmp_path / "later")
    assert lines(tmp_path / "later" / "manifest.jsonl")[0]["intent"] == "lamp_off"


def test_a_lost_recording_is_said_and_holds_nothing_up(
    spoken: TryoutStore, library: Library, tmp_path: Path
) -> None:
    (spoken.paths.takes / "b.wav").unlink()
    export(spoken, library, tmp_path / "out")
    lost = lines(tmp_path / "out" / "exchanges.jsonl")[1]
    assert (lost["audio"], lost["recording_missing"]) == (None, True)


def test_without_corrections_there_is_no_manifest(
    store: TryoutStore, library: Library, say: Say, tmp_path: Path
) -> None:
    say("a", text="hello")
    assert export(store, library, tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["exchanges.jsonl"]


def test_nothing_is_overwritten_but_a_zip_that_was_chosen(
    spoken: TryoutStore, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        export(spoken, library, tmp_path / "out")
    (tmp_path / "out.zip").write_bytes(b"old")
    export(spoken, library, tmp_path / "out.zip")
    assert zipfile.is_zipfile(tmp_path / "out.zip")
    with pytest.raises(UserError, match="nothing to export"):
        export(spoken, library, tmp_path / "none.zip", "never said")


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_cancelled_export_leaves_nothing(
    spoken: TryoutStore, library: Library, tmp_path: Path, name: str
) -> None:
    there = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        export_exchanges(spoken.find(HistoryQuery()), library, tmp_path / name, cancelled=lambda: True)
    assert sorted(tmp_path.iterdir()) == there
