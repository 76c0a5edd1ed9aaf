"""Where prompts come from, and in what order they are read."""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.data.importers import detect_or_refuse, read_utterances
from core.data.importers.columns import guess_columns
from core.data.importers.opening import cannot_be_read, refuse_wide_text, require_file
from core.data.importers.source import Source
from core.data.importers.table import read_table
from core.data.library import Library
from core.data.seeding import permutation
from core.data.splits import spoken_form
from core.data.utterance import SPLITS, Label, Split, Utterance
from core.errors import UserError
from core.recording.session import Prompt

_PROMPTS: Final = 21
"""Different uses of one seed must not be correlated."""
_LOOK: Final = 32
"""Kinds of texts that are compared for one prompt: with all of them, a large dataset took minutes."""
_TABLES: Final = (".csv", ".tsv", ".xlsx")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def prompts_of_dataset(library: Library, name: str, split: Split | None = None) -> list[Prompt]:
    """The texts of a dataset, or of one of its splits, in the order of import; what sounds the same is read
    once. Raises UserError when there is no text."""
    texts = _texts(library.utterances([name], [split] if split else SPLITS), name, split)
    return [_prompt(utterance) for utterance in texts.values()]


def prompts_by_coverage(library: Library, name: str, limit: int | None = None) -> list[Prompt]:
    """The texts of a dataset, those first whose intent or slot types people have spoken least.

    One after the other: next comes a text with the least covered intent or slot type, of those one with more
    that are little covered, of those one that nobody has spoken yet; what was chosen counts as spoken.
    Recordings that an engine spoke cover nothing. limit: how many. Raises UserError when there is no text.
    """
    utterances = list(library.utterances([name]))
    texts = _texts(utterances, name, None)
    covered: Counter[str] = Counter()
    spoken = set()
    for utterance in utterances:
        if utterance.audio is not None and not utterance.synthetic:
            covered.update(_units(utterance.label))
            spoken.add(spoken_form(utterance.text or ""))
    # Texts with the same intent and slot types are equally urgent at any time: one queue for them all.
    queues: defaultdict[tuple[str, ...], deque[Utterance]] = defaultdict(deque)
    for form in sorted(texts, key=lambda form: form in spoken):
        queues[_units(texts[form].label)].append(texts[form])
    holders: defaultdict[str, deque[tuple[str, ...]]] = defaultdict(deque)
    for units in queues:
        for unit in units:
            holders[unit].append(units)
    # What is covered only grows, so an entry that is behind is put back further down.
    heap = [(covered[unit], number, unit) for number, unit in enumerate(holders)]
    heapq.heapify(heap)
    prompts: list[Prompt] = []
    while heap and (limit is None or len(prompts) < limit):
        count, number, unit = heapq.heappop(heap)
        if count == covered[unit]:
            chosen = _most_urgent(holders[unit], queues, covered)
            if chosen is None:
                continue
            prompts.append(_prompt(queues[chosen].popleft()))
            covered.update(chosen)
        heapq.heappush(heap, (covered[unit], number, unit))
    return prompts


def prompts_of_file(path: Path) -> list[Prompt]:
    """The texts of a file: a table or a manifest with their labels, as an import reads them; a table without
    intents; or plain text, one a line. Raises UserError, with the line."""
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        names, rows = read_table(path)
        columns = guess_columns(names)
        if "intent" not in columns:
            column = columns.get("text") or (names[0] if len(names) == 1 else None)
            if column is None:
                raise UserError(
                    "No column is known to hold the texts.",
                    where=str(path),
                    remedy=f'Call one of {", ".join(names)} "text".',
                )
            return _checked(path, [(f"row {number}", str(row[column] or "")) for number, row in rows])
    if suffix in _TABLES or suffix in {".jsonl", ".json"}:
        return _labelled(path)
    return _checked(path, _lines(path))


def ordered(prompts: Sequence[Prompt], seed: int | None) -> list[Prompt]:
    """The prompts as they are, or shuffled by a seed: the same for the same seed everywhere."""
    if seed is None:
        return list(prompts)
    return [prompts[index] for index in permutation(len(prompts), _PROMPTS, seed)]


def _texts(utterances: Iterable[Utterance], name: str, split: Split | None) -> dict[str, Utterance]:
    """Spoken form -> the first utterance with such a text."""
    texts: dict[str, Utterance] = {}
    for utterance in utterances:
        form = spoken_form(utterance.text or "")
        if form:
            texts.setdefault(form, utterance)
    if not texts:
        raise UserError(
            f"{name} has no texts{f' in {split}' if split else ''}.",
            where=name,
            remedy="Choose another split or dataset.",
        )
    return texts


def _units(label: Label) -> tuple[str, ...]:
    """What is to be covered: the intent and the slot types, told apart by their first sign."""
    return (f"i{label.intent}", *sorted({f"s{slot.type}" for slot in label.slots}))


def _most_urgent(
    holders: deque[tuple[str, ...]],
    queues: Mapping[tuple[str, ...], Sequence[Utterance]],
    covered: Mapping[str, int],
) -> tuple[str, ...] | None:
    """Of the first _LOOK kinds of texts that are left, the one with most that is little covered; it goes to
    the end of the line, and those of which nothing is left go."""
    looked: list[tuple[str, ...]] = []
    while holders and len(looked) < _LOOK:
        units = holders.popleft()
        if queues[units]:
            looked.append(units)
    best = max(looked, key=lambda units: sum(1 / (1 + covered[unit]) for unit in units), default=None)
    holders.extendleft(units for units in reversed(looked) if units is not best)
    if best is not None:
        holders.append(best)
    return best


def _prompt(utterance: Utterance) -> Prompt:
    origin = f"{utterance.dataset}/{utterance.key}"
    return Prompt(0, 0, utterance.text or "", utterance.label, utterance.language, origin)


def _labelled(path: Path) -> list[Prompt]:
    found, _ = read_utterances(detect_or_refuse([path]), [Source(path, "test")], path.stem)
    mute = [utterance.key for utterance in found if not utterance.text]
    if mute:
        raise UserError(
            f"{len(mute)} of the {len(found)} utterances have no text to read: {', '.join(mute[:5])}.",
            where=str(path),
            remedy="Write a text for each, or take them out.",
        )
    return [Prompt(0, 0, u.text or "", u.label, u.language, f"{path.name}, {u.key}") for u in found]


def _lines(path: Path) -> list[tuple[str, str]]:
    require_file(path, "a text file with one prompt a line")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise cannot_be_read(path, error) from error
    refuse_wide_text(path, raw[:4096], "a text file with one prompt a line")
    lines = []
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            lines.append((f"line {number}", line.decode("utf-8-sig" if number == 1 else "utf-8")))
        except UnicodeDecodeError as error:
            raise UserError(
                "A line is not UTF-8 text.",
                where=f"{path}, line {number}",
                remedy="Save the file with the encoding UTF-8.",
            ) from error
    return lines


def _checked(path: Path, texts: Sequence[tuple[str, str]]) -> list[Prompt]:
    """Prompts without a label, of the texts that are not empty. texts: each with its place in the file."""
    prompts = []
    for place, text in texts:
        control = _CONTROL.search(text.strip())
        if control and control[0] != "\t":
            raise UserError(
                f"A text holds a control character (U+{ord(control[0]):04X}), which nobody reads.",
                where=f"{path}, {place}",
                remedy="Take it out.",
            )
        if text.strip():
            prompts.append(Prompt(0, 0, " ".join(text.split()), origin=f"{path.name}, {place}"))
    if not prompts:
        raise UserError("The file holds no text.", where=str(path), remedy="Write one prompt a line.")
    return prompts
