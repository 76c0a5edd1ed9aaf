from __future__ import annotations

from pathlib import Path

from core.data.library import Library
from core.data.utterance import Label
from core.runs.store import RunStore
from tests.core.commands.conftest import Spoonful


def test_changes_are_told_and_what_a_new_import_loses_is_said(
    spoonful: Spoonful, dataset: str, store: RunStore, manifest: Path
) -> None:
    library = Library(store.db, store.paths)
    key = next(library.utterances([dataset])).key
    library.edits.set_text(dataset, key, "dim the lamp", "ann")
    library.edits.set_label(dataset, key, Label("lamp_dim"), "ben")

    shown = spoonful("datasets", "history", dataset).out
    assert "turn on lamp 0" in shown
    assert "dim the lamp" in shown
    told = spoonful("datasets", "history", dataset, "--key", key, "--json").json
    assert [change["author"] for change in told["changes"]] == ["ben", "ann"]

    again = spoonful("datasets", "import", "--name", dataset, manifest, "--replace")
    assert again.code == 0
    assert "2 changes made by hand before went with the dataset" in again.out + again.err
    assert "dim the lamp" in spoonful("datasets", "history", dataset).out
    assert "made by hand" not in spoonful("datasets", "import", "--name", dataset, manifest, "--replace").out
