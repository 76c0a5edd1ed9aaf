"""A run whose base model is not here yet fetches it first, in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Cancelled, UserError
from core.experiment.computer import Computer
from core.models.downloaded import downloaded
from core.training.base_model import fetch_base_model
from tests.core.models.hub import CHUNK, TinyHub
from tests.core.training.world import Notes, experiment

LAPTOP = Computer(16_000_000_000, 12_000_000_000)


def test_the_download_is_told_as_the_runs_activity(online_hub: TinyHub) -> None:
    notes = Notes()
    fetch_base_model(experiment(Path("some/model")), notes)
    assert notes.activities[0] == "looking for some/model on the Hub"
    assert notes.activities[-1].startswith("downloading some/model: ")
    assert downloaded("some/model") is not None
    again = Notes()
    fetch_base_model(experiment(Path("some/model")), again)
    assert again.activities == []


def test_a_folder_is_not_looked_for(tiny_model: Path) -> None:
    notes = Notes()
    fetch_base_model(experiment(tiny_model), notes)
    assert notes.activities == []


def test_a_run_can_be_stopped_while_it_downloads(
    online_hub: TinyHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    online_hub.waits_at = 3 * CHUNK
    notes = Notes()

    def should_stop() -> bool:
        if "model.safetensors" in online_hub.fetched:
            online_hub.goes_on.set()
            return True
        return False

    monkeypatch.setattr(notes, "should_stop", should_stop)
    with pytest.raises(Cancelled):
        fetch_base_model(experiment(Path("some/model")), notes)
    assert downloaded("some/model") is None


def test_a_model_too_large_for_this_computer_is_refused_before_its_weights_come(online_hub: TinyHub) -> None:
    online_hub.parameters = 8_400_000_000
    with pytest.raises(UserError, match="Does not fit: needs about 34 GB, this computer has 16 GB"):
        fetch_base_model(experiment(Path("some/model")), Notes(), LAPTOP)
    assert online_hub.fetched == ["config.json"]
