from __future__ import annotations

from pathlib import Path

from tests.core.commands.conftest import Spoonful


def test_what_stages_see_is_shown_and_listed(spoonful: Spoonful, experiment: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.tsv"
    done = spoonful("mix", experiment, "--list", file)
    assert done.code == 0
    assert "mixed" in done.out
    assert f"rows written to {file}" in done.out
    assert len(file.read_text().splitlines()) == 1 + 4 + 1

    told = spoonful("mix", experiment, "--set", "data.speech.share=1.0", "--json").json
    assert [(part["modality"], part["pairs"]) for part in told["parts"]] == [("speech", 2), ("text", 4)]


def test_an_experiment_that_cannot_run_is_refused(spoonful: Spoonful, experiment: Path) -> None:
    done = spoonful("mix", experiment, "--set", 'data.train=["nothing"]')
    assert done.code == 2
    assert "no dataset" in done.err
