"""ms-swift: a JSONL file of chats for each split (its documentation, custom datasets)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from core.data.exporters.chat import chats
from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`train.jsonl`, `validation.jsonl`, `test.jsonl`, as far as there are such utterances, and `audio/`."""
    files: dict[str, list[str]] = defaultdict(list)
    for utterance, chat in chats(utterances, folder, progress, cancelled):
        files[utterance.split].append(json.dumps(chat, ensure_ascii=False))
    for split, written in files.items():
        (folder / f"{split}.jsonl").write_text("\n".join(written) + "\n", encoding="utf-8")
    return ["Paths of recordings are relative to this folder: start ms-swift in it."]
