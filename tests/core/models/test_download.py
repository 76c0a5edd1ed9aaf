"""Downloads with the real huggingface_hub, from a small Hub on this computer."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import Cancelled, UserError
from core.models.download import Offer, download, download_words, look_up
from core.models.downloaded import downloaded, has_all_weights
from core.models.loading import base_model_fingerprint, base_model_parameters, load_family
from tests.core.models.hub import CHUNK, TinyHub

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def hub(online_hub: TinyHub) -> TinyHub:
    return online_hub


def fetch(hub: TinyHub) -> Path:
    return download(hub.hub_id, progress=lambda *_: None)


def test_a_model_comes_whole_and_loads_afterwards(hub: TinyHub) -> None:
    assert downloaded(hub.hub_id) is None
    told: list[tuple[int, int]] = []
    assert base_model_parameters(hub.hub_id) is None
    folder = download(hub.hub_id, progress=lambda done, total: told.append((done, total)))
    assert base_model_parameters(hub.hub_id) == base_model_parameters(str(hub.folder))
    assert downloaded(hub.hub_id) == folder
    assert folder.name == hub.revision
    # A run notes this, and refuses to go on with another.
    assert base_model_fingerprint(hub.hub_id) == f"some/model@{hub.revision}"
    assert told[-1] == (hub.size, hub.size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    family = load_family(hub.hub_id, dtype=torch.float32, device=torch.device("cpu"))
    assert family.model.config.model_type == "qwen2_audio"


def test_neither_pickles_nor_code_nor_a_second_copy_of_the_weights_are_fetched(hub: TinyHub) -> None:
    for name in ("pytorch_model.bin", "modeling.py", "consolidated.safetensors"):
        (hub.folder / name).write_bytes(b"never asked for")
    folder = fetch(hub)
    assert "model.safetensors" in hub.fetched
    assert not {"pytorch_model.bin", "modeling.py", "consolidated.safetensors"} & set(hub.fetched)
    assert {file.suffix for file in folder.iterdir()} <= {".json", ".jinja", ".safetensors"}


def test_an_adapter_that_belongs_to_the_model_comes_along(hub: TinyHub) -> None:
    for name in (
        "speech-lora/adapter_model.safetensors",
        "speech-lora/adapter_config.json",
        "onnx/model.json",
    ):
        (hub.folder / name).parent.mkdir(exist_ok=True)
        (hub.folder / name).write_bytes(b"{}")
    folder = fetch(hub)
    assert (folder / "speech-lora" / "adapter_model.safetensors").is_file()
    assert (folder / "speech-lora" / "adapter_config.json").is_file()
    assert not (folder / "onnx").exists()


def test_a_broken_connection_is_taken_up_where_it_broke(hub: TinyHub) -> None:
    hub.breaks_at = 5 * CHUNK
    told: list[int] = []
    folder = download(hub.hub_id, progress=lambda done, _: told.append(done))
    assert hub.fetched.count("model.safetensors") == 2
    assert (folder / "model.safetensors").read_bytes() == (hub.folder / "model.safetensors").read_bytes()
    assert told[-1] == hub.size  # nothing was counted twice


def test_a_stopped_download_leaves_and_the_next_one_fetches_only_what_is_missing(hub: TinyHub) -> None:
    hub.waits_at = 3 * CHUNK

    def stop() -> bool:
        in_the_midst = "model.safetensors" in hub.fetched
        if in_the_midst:
            hub.goes_on.set()
        return in_the_midst

    with pytest.raises(Cancelled):
        download(hub.hub_id, progress=lambda *_: None, should_stop=stop)
    assert downloaded(hub.hub_id) is None
    finished = set(hub.fetched) - {"model.safetensors"}
    assert finished
    hub.fetched.clear()
    folder = fetch(hub)
    assert downloaded(hub.hub_id) == folder
    assert not finished & set(hub.fetched)


def test_a_model_that_is_here_is_not_fetched_again(hub: TinyHub) -> None:
    fetch(hub)
    hub.fetched.clear()
    fetch(hub)
    assert hub.fetched == []


def test_shards_named_by_an_index_must_all_be_there(hub: TinyHub) -> None:
    weights = load_file(hub.folder / "model.safetensors")
    names = sorted(weights)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for shard, part in shards.items():
        save_file({name: weights[name] for name in part}, hub.folder / shard, metadata={"format": "pt"})
    (hub.folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {name: shard for shard, part in shards.items() for name in part}}
    (hub.folder / "model.safetensors.index.json").write_text(json.dumps(index))
    folder = fetch(hub)
    load_family(hub.hub_id, dtype=torch.float32, device=torch.device("cpu"))
    (folder / "model-00002-of-00002.safetensors").unlink()
    assert not has_all_weights(folder)
    assert downloaded(hub.hub_id) is None


def test_a_gated_model_names_the_page_of_its_licence(hub: TinyHub) -> None:
    hub.gated = True
    with pytest.raises(UserError, match="licence accepted") as caught:
        fetch(hub)
    assert caught.value.where == f"{hub.url}/some/model"
    assert "hf auth login" in caught.value.remedy


def test_an_unknown_model_is_told_in_words(hub: TinyHub) -> None:
    hub.missing = True
    for ask in (fetch, lambda hub: look_up(hub.hub_id)):
        with pytest.raises(UserError, match="no model some/model on the Hub") as caught:
            ask(hub)
        assert "spelling" in caught.value.remedy


def test_without_a_network_the_hub_cannot_be_reached(hub: TinyHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="could not be reached") as caught:
        look_up(hub.hub_id)
    assert "internet connection" in caught.value.remedy


def test_offline_nothing_is_asked(hub: TinyHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="switched off") as caught:
        fetch(hub)
    assert "Unset HF_HUB_OFFLINE" in caught.value.remedy
    assert hub.fetched == []


def test_a_model_of_another_type_is_refused_before_its_weights_come(hub: TinyHub) -> None:
    settings = json.loads((hub.folder / "config.json").read_text())
    (hub.folder / "config.json").write_text(json.dumps({**settings, "model_type": "bert"}))
    with pytest.raises(UserError, match='cannot tune models of the type "bert"'):
        fetch(hub)
    assert hub.fetched == ["config.json"]


def test_a_model_without_safetensors_is_refused(hub: TinyHub) -> None:
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="not there as safetensors"):
        fetch(hub)
    assert hub.fetched == ["config.json"]


def test_a_full_disk_is_noticed_before_the_weights_come(
    hub: TinyHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(UserError, match="no room for some/model") as caught:
        fetch(hub)
    assert "HF_HOME" in caught.value.remedy
    assert hub.fetched == ["config.json"]


def test_whoever_asks_may_say_no_before_the_weights_come(hub: TinyHub) -> None:
    hub.parameters = 8_400_000_000

    def refuse(offer: Offer) -> None:
        raise UserError(f"{offer.parameters} weights and {offer.size} bytes are too many.")

    with pytest.raises(UserError, match=f"8400000000 weights and {hub.size} bytes"):
        download(hub.hub_id, progress=lambda *_: None, accept=refuse)
    assert hub.fetched == ["config.json"]


def test_a_model_that_changes_meanwhile_is_not_mixed(hub: TinyHub) -> None:
    def change(_: Offer) -> None:
        hub.revision = "9876543210" * 4

    with pytest.raises(UserError, match="changed on the Hub"):
        download(hub.hub_id, progress=lambda *_: None, accept=change)
    fetched = hub.fetched.count("model.safetensors")
    assert fetch(hub).name == hub.revision
    assert hub.fetched.count("model.safetensors") == fetched  # the same file under another revision


def test_the_hub_is_asked_without_fetching_weights(hub: TinyHub) -> None:
    hub.parameters = 12_345
    offer = look_up(hub.hub_id)
    assert (offer.model_type, offer.parameters, offer.revision) == ("qwen2_audio", 12_345, hub.revision)
    assert offer.size == hub.size
    assert hub.fetched == ["config.json"]
    assert downloaded(hub.hub_id) is None


def test_progress_is_told_in_gigabytes() -> None:
    words = download_words("Qwen/Qwen2-Audio-7B-Instruct", 3_100_000_000, 16_800_000_000)
    assert words == "downloading Qwen/Qwen2-Audio-7B-Instruct: 3.1 of 16.8 GB"
