"""Datasets of the Hugging Face Hub, as far as they can be had without it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from core.data.exporters import export_utterances
from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.fixture
def published(tmp_path: Path, wav_file: WavMaker) -> Path:
    label = Label("lamp_on", (Slot("room", "hall"),))
    said = [
        Utterance(0, "d", "a", "train", label, "hall light", wav_file("a.wav"), 1.0, "en", "anna"),
        Utterance(0, "d", "b", "test", Label("stop"), "stop", None),
    ]
    export_utterances(said, "parquet", tmp_path / "published")
    return tmp_path / "published"


def test_what_the_library_loads_is_imported(library: Library, published: Path) -> None:
    summary = import_dataset(library, "hub", [published], "new")
    first, second = library.utterances(["new"])
    assert first.label == Label("lamp_on", (Slot("room", "hall"),))
    assert (first.key, first.text, first.speaker, first.split) == ("a", "hall light", "anna", "train")
    assert first.audio is not None
    assert first.audio.parent == published.parent / "published-audio"
    assert (second.text, second.audio, second.split) == ("stop", None, "test")
    assert any("recordings inside were written to" in note for note in summary.notes)


def test_an_unknown_configuration_is_refused(library: Library, published: Path) -> None:
    with pytest.raises(UserError, match="configuration de") as caught:
        import_dataset(library, "hub", [published], "new", options=Options(configuration="de"))
    assert "--configuration" in caught.value.remedy


def test_without_a_network_an_id_is_refused_in_words(library: Library) -> None:
    with pytest.raises(UserError, match=r"somebody/spoken-orders: The Hugging Face Hub cannot be reached"):
        import_dataset(library, "hub", [Path("somebody/spoken-orders")], "new")
    assert detect([Path("somebody/spoken-orders")]) is None


@pytest.mark.parametrize("named", ["orders", "a/b/c", "../orders", "no such/name"])
def test_what_is_no_id_is_not_looked_for(library: Library, named: str) -> None:
    with pytest.raises(UserError, match="no dataset of the Hugging Face Hub"):
        import_dataset(library, "hub", [Path(named)], "new")


@pytest.mark.skipif(find_spec("torchcodec") is not None, reason="the package is here")
def test_what_needs_another_package_is_told_with_a_way_round(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    said = [Utterance(0, "d", "a", "train", Label("stop"), "stop", wav_file("a.wav"), 1.0)]
    export_utterances(said, "audiofolder", tmp_path / "out")
    with pytest.raises(UserError, match="torchcodec") as caught:
        import_dataset(library, "hub", [tmp_path / "out"], "new")
    assert "import their folder" in caught.value.remedy
    assert import_dataset(library, None, [tmp_path / "out"], "new").utterances == 1
