"""LLaMA-Factory: a JSON file of chats for each split, and `dataset_info.json` (its data/README.md)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.data.exporters.chat import chats
from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`train.json`, `validation.json`, `test.json`, as far as there are such utterances, and `audio/`."""
    files: dict[str, list[Any]] = defaultdict(list)
    for utterance, chat in chats(utterances, folder, progress, cancelled):
        files[utterance.split].append(chat)
    for split, written in files.items():
        (folder / f"{split}.json").write_text(
            json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8"
        )
    info = {
        f"spoonful_{split}": {
            "file_name": f"{split}.json",
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "audios": "audios"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
            },
        }
        for split in files
    }
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
    return ["Paths of recordings are relative to this folder: give it to LLaMA-Factory as media_dir, too."]
