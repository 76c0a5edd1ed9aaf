"""The instruction a model is given and the JSON target it answers with, and the way back.

Target (after the paper's compact JSON, arXiv 2509.15389, section 3, with intent = scenario_action):
`{"intent": "alarm_set", "slots": [{"time": "eight o'clock"}]}`.

The target is built from *segments* that are tokenised one by one, in training and in decoding alike, so
that a token never straddles the border between the skeleton and a name. Label-constrained decoding can
then walk a trie of whole tokens with any tokenizer.
"""

from __future__ import annotations

import json

from core.data.utterance import Label, Slot

INSTRUCTION = "Give the intent and slots as JSON."

OPEN_INTENT = '{"intent": "'
OPEN_SLOTS = '", "slots": [{"'
NO_SLOTS = '", "slots": []}'
OPEN_FILLER = '": "'
NEXT_SLOT = '"}, {"'
CLOSE = '"}]}'
SKELETON = (OPEN_INTENT, OPEN_SLOTS, NO_SLOTS, OPEN_FILLER, NEXT_SLOT, CLOSE)
"""Every fixed segment; Teaspoon's tokenizer holds each as one token."""


def escape(text: str) -> str:
    """`text` as it stands between JSON quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def target_segments(label: Label) -> list[str]:
    """The target of `label`, cut at every border between skeleton, names and fillers."""
    segments = [OPEN_INTENT, escape(label.intent)]
    if not label.slots:
        return [*segments, NO_SLOTS]
    for index, slot in enumerate(label.slots):
        segments += [NEXT_SLOT if index else OPEN_SLOTS, escape(slot.type), OPEN_FILLER, escape(slot.filler)]
    return [*segments, CLOSE]


def target_text(label: Label) -> str:
    """The target as one string; valid JSON."""
    return "".join(target_segments(label))


def parse_target(text: str) -> Label | None:
    """The label a model's answer spells, or None when it is not valid JSON of the target's form."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):  # beside broken JSON: numbers too long, brackets in brackets
        return None
    if not isinstance(answer, dict) or set(answer) != {"intent", "slots"}:
        return None
    intent, slots = answer["intent"], answer["slots"]
    if not isinstance(intent, str) or not isinstance(slots, list):
        return None
    parsed: list[Slot] = []
    for slot in slots:
        if not isinstance(slot, dict) or len(slot) != 1:
            return None
        ((slot_type, filler),) = slot.items()
        if not isinstance(filler, str):
            return None
        parsed.append(Slot(slot_type, filler))
    return Label(intent, tuple(parsed))
