"""An utterance as the chat that LLaMA-Factory and ms-swift fine-tune on.

The user says the recording (`<audio>`) or the text with the program's own instruction, the assistant
answers with the target. What a chat has no place for stands beside it, where both trainers let it stand:
id, text of a recording, split, language, speaker, and the engine and voice of a synthetic recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from core.data.exporters.gathering import Refusals, copies
from core.data.progress import Cancel, Progress
from core.data.targets import INSTRUCTION, target_text
from core.data.utterance import Utterance

AUDIO: Final = "<audio>"


def chats(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> Iterator[tuple[Utterance, dict[str, Any]]]:
    """Each utterance with its chat; recordings are copied below `folder`. Raises UserError when a text
    holds the mark `<audio>` itself, which the trainers would take for a recording; Cancelled."""
    refusals = Refusals("chats")
    for utterance in utterances:
        if AUDIO in f"{utterance.text or ''}{target_text(utterance.label)}":
            refusals.add(utterance, f"its text or label holds {AUDIO}, which stands for a recording there.")
    refusals.raise_if_any()
    copied = copies(folder, utterances, progress, cancelled)
    for utterance in utterances:
        audios = [] if utterance.audio is None else [copied.add(utterance.audio)]
        question = f"{AUDIO if audios else utterance.text}\n{INSTRUCTION}"
        chat = {
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": target_text(utterance.label)},
            ],
            "audios": audios,
            "id": utterance.key,
            "text": utterance.text,
            "split": utterance.split,
            "language": utterance.language,
            "speaker": utterance.speaker,
        }
        if utterance.synthetic:
            chat["synthetic"] = utterance.synthetic
        yield utterance, chat
