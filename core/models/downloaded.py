"""Which models of the Hugging Face Hub are on this computer, in the cache that all programs share.

Never asks the network, and loads no torch.
"""

from __future__ import annotations

import json
from pathlib import Path

from core.errors import UserError

_INDEX = "model.safetensors.index.json"


def downloaded(hub_id: str) -> Path | None:
    """The folder of a model that was downloaded whole; its name is the revision. None of any other."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(hub_id, "config.json")
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return folder if has_all_weights(folder) else None


def require_downloaded(hub_id: str) -> Path:
    """The same; raises UserError when the model is not here."""
    folder = downloaded(hub_id)
    if folder is None:
        raise UserError(
            "The base model is not on this computer.",
            where=hub_id,
            remedy=f"Download it: spoonful models download {hub_id}",
        )
    return folder


def has_all_weights(folder: Path) -> bool:
    """Whether every weights file of a model's folder is there; large models have several, listed in one."""
    index = folder / _INDEX
    if not index.is_file():
        return any(folder.glob("model*.safetensors"))
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return all((folder / str(shard)).is_file() for shard in shards)
