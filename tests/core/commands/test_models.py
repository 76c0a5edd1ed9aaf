"""`spoonful models`: with the small Hub of `tests.core.models.hub` where one is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands import models
from core.experiment.computer import Computer
from core.models.downloaded import downloaded
from tests.core.commands.conftest import Spoonful
from tests.core.models.hub import TinyHub

BILLION = 1_000_000_000


@pytest.fixture(autouse=True)
def _a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "this_computer", lambda: Computer(16 * BILLION, 12 * BILLION))


def test_the_list_says_what_is_here_and_what_fits(spoonful: Spoonful) -> None:
    printed = spoonful("models", "list")
    assert printed.code == 0
    (teaspoon,) = (line for line in printed.out.splitlines() if line.startswith("teaspoon"))
    (large,) = (line for line in printed.out.splitlines() if line.startswith("Qwen/Qwen2-Audio-7B-Instruct"))
    assert "yes" in teaspoon
    assert "Fits" in teaspoon
    assert "Does not fit: needs about 35 GB, this computer has 16 GB" in large
    entry = spoonful("models", "list", "--json").json["models"][1]
    assert entry["name"] == "Qwen/Qwen2-Audio-7B-Instruct"
    assert entry["memory"]["LoRA"]["fit"] == "too large"
    assert entry["folder"] is None
    assert (entry["licence"], entry["download_bytes"]) == ("Apache-2.0", 16_800_000_000)


def test_with_a_card_fewer_bits_are_shown(spoonful: Spoonful, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        models, "this_computer", lambda: Computer(32 * BILLION, 9 * BILLION, 12 * BILLION, 11 * BILLION)
    )
    memory = spoonful("models", "show", "Qwen/Qwen2-Audio-7B-Instruct", "--json").json["memory"]
    assert {way: found["fit"] for way, found in memory.items()} == {
        "LoRA": "too large",
        "LoRA, 8 bits": "tight",
        "LoRA, 4 bits": "fits",
        "All weights": "too large",
    }
    experts = spoonful("models", "show", "Qwen/Qwen3-Omni-30B-A3B-Instruct", "--json").json
    assert experts["memory"].keys() == {"LoRA", "All weights"}


def test_a_folder_is_shown_from_its_files(spoonful: Spoonful, tiny_model: Path) -> None:
    printed = spoonful("models", "show", tiny_model)
    assert printed.code == 0
    assert str(tiny_model) in printed.out
    assert "qwen2_audio" in printed.out
    assert "Fits" in printed.out


def test_of_an_unknown_model_the_hub_can_tell(spoonful: Spoonful, online_hub: TinyHub) -> None:
    printed = spoonful("models", "show", "some/model")
    assert printed.code == 2
    assert "spoonful models check some/model" in printed.err
    online_hub.parameters = 3 * BILLION
    checked = spoonful("models", "check", "some/model", "--json")
    assert checked.code == 0
    assert checked.json["can_be_tuned"]
    assert checked.json["download_bytes"] == online_hub.size
    assert checked.json["revision"] == online_hub.revision
    assert "model.safetensors" not in online_hub.fetched


def test_a_model_that_does_not_fit_is_not_downloaded_by_mistake(
    spoonful: Spoonful, online_hub: TinyHub
) -> None:
    online_hub.parameters = 70 * BILLION
    assert spoonful("models", "check", "some/model").code == 1
    refused = spoonful("models", "download", "some/model")
    assert refused.code == 2
    assert "Does not fit" in refused.err
    assert "--anyway" in refused.err
    assert downloaded("some/model") is None
    assert spoonful("models", "download", "some/model", "--anyway").code == 0
    assert downloaded("some/model") is not None


def test_a_download_tells_its_progress_and_the_revision(spoonful: Spoonful, online_hub: TinyHub) -> None:
    printed = spoonful("models", "download", "some/model")
    assert printed.code == 0
    assert "downloading some/model: " in printed.err
    assert online_hub.revision in printed.out
    again = spoonful("models", "download", "some/model", "--json")
    assert again.json["revision"] == online_hub.revision
    shown = spoonful("models", "show", "some/model", "--json").json
    assert (shown["folder"], shown["revision"]) == (again.json["folder"], online_hub.revision)


def test_what_is_built_in_is_not_downloaded(spoonful: Spoonful) -> None:
    printed = spoonful("models", "download", "teaspoon")
    assert printed.code == 2
    assert "already" in printed.err


def test_offline_is_told_in_words(spoonful: Spoonful) -> None:
    printed = spoonful("models", "download", "some/model")
    assert printed.code == 2
    assert "HF_HUB_OFFLINE" in printed.err
