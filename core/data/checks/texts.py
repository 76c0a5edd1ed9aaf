"""What is wrong with texts and labels."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from core.data.problem import Problem, some
from core.data.splits import spoken_form
from core.data.utterance import Label, Split, Utterance

_SCRIPTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        "af az ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms mt nb nl no pl pt ro sk sl sq"
        " sv sw tl tr vi".split(),
        frozenset({"LATIN"}),
    ),
    **dict.fromkeys("be bg kk ky mk mn ru uk".split(), frozenset({"CYRILLIC"})),
    **dict.fromkeys("ar fa ur".split(), frozenset({"ARABIC"})),
    **dict.fromkeys("hi mr ne".split(), frozenset({"DEVANAGARI"})),
    "am": frozenset({"ETHIOPIC"}),
    "bn": frozenset({"BENGALI"}),
    "el": frozenset({"GREEK"}),
    "he": frozenset({"HEBREW"}),
    "hy": frozenset({"ARMENIAN"}),
    "ja": frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "FULLWIDTH", "HALFWIDTH"}),
    "ka": frozenset({"GEORGIAN"}),
    "km": frozenset({"KHMER"}),
    "kn": frozenset({"KANNADA"}),
    "ko": frozenset({"HANGUL", "CJK"}),
    "ml": frozenset({"MALAYALAM"}),
    "my": frozenset({"MYANMAR"}),
    "ta": frozenset({"TAMIL"}),
    "te": frozenset({"TELUGU"}),
    "th": frozenset({"THAI"}),
    "zh": frozenset({"CJK", "FULLWIDTH"}),
}
"""Language -> how Unicode's names of its letters begin. Others are not judged."""

_HALF: Final = 0.5
"""Names of foreign brands are common in orders; a sentence mostly in another script is not."""


def text_problems(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """Everything wrong with the texts and labels of a dataset."""
    yield from _conflicting_labels(utterances)
    yield from _repeated_texts(utterances)
    yield from _spelling_variants(utterances)
    for utterance in utterances:
        yield from _characters(utterance)
        yield from _fillers(utterance)
        yield from _script(utterance)


def _conflicting_labels(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """A text with two labels; slots are compared without their order, which carries no meaning."""
    labels: dict[tuple[str, str], dict[Label, Utterance]] = defaultdict(dict)
    for utterance in utterances:
        if utterance.text is not None:
            label = Label(utterance.label.intent, tuple(sorted(utterance.label.slots)))
            labels[utterance.language, spoken_form(utterance.text)].setdefault(label, utterance)
    for first, *others in (list(found.values()) for found in labels.values()):
        for other in others:
            ours, theirs = _spell(first.label), _spell(other.label)
            yield Problem(
                "warning",
                "two labels",
                f'"{first.text}" is labelled {ours} and, as {other.key}, {theirs}.',
                first.key,
                "Correct one of the two labels.",
                (other.key,),
            )


def _repeated_texts(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """The same text and label several times within a split: each is a pair, so it counts as often."""
    seen: dict[Split, dict[tuple[str, str, Label], list[str]]] = defaultdict(lambda: defaultdict(list))
    for utterance in utterances:
        if utterance.text is not None:
            said = (utterance.language, utterance.text, utterance.label)
            seen[utterance.split][said].append(utterance.key)
    for split, pairs in seen.items():
        again = [keys[1:] for keys in pairs.values() if len(keys) > 1]
        if again:
            extra = tuple(key for keys in again for key in keys)
            texts = "1 text of {} is" if len(again) == 1 else f"{len(again)} texts of {{}} are"
            yield Problem(
                "warning",
                "repeated text",
                f"{texts.format(split)} there more than once, {len(extra)} times too many.",
                split,
                "Leave them if people really say it that often; else set the repetitions aside.",
                extra,
            )


def _spelling_variants(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """Fillers of a type that differ in case, punctuation or spaces only: no model can know which is meant."""
    fillers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for utterance in utterances:
        for slot in utterance.label.slots:
            plain = re.sub(r"[\W_]", "", slot.filler.casefold())
            fillers[slot.type, plain][slot.filler] += 1
    for (slot_type, _), written in fillers.items():
        if len(written) > 1:
            forms = [f'"{form}" ({count} times)' for form, count in written.most_common()]
            yield Problem(
                "warning",
                "spelling variants",
                f"Fillers of {slot_type} are the same but for their spelling: {some(forms)}.",
                slot_type,
                "Write them in one way: an answer in the other way is counted as wrong.",
            )


def _characters(utterance: Utterance) -> Iterator[Problem]:
    for name, text in _texts_of(utterance):
        bad = sorted({_named(character) for character in text if _is_bad(character)})
        if bad:
            yield Problem(
                "warning",
                "strange characters",
                f"The {name} has characters that nobody typed on purpose: {some(bad)}.",
                utterance.key,
                "Write them anew; they often come from a wrong encoding.",
                (utterance.key,),
            )
        elif text != unicodedata.normalize("NFC", text):
            yield Problem(
                "warning",
                "strange characters",
                f"The {name} has letters whose accents are characters of their own (not NFC).",
                utterance.key,
                "Save the texts in the normal form NFC, or equal fillers count as different.",
                (utterance.key,),
            )
        if text != " ".join(text.split()):
            yield Problem(
                "warning",
                "spaces",
                f'The {name} "{text.strip()}" has spaces at its ends or several together.',
                utterance.key,
                "Take the spaces away.",
                (utterance.key,),
            )


def _texts_of(utterance: Utterance) -> Iterator[tuple[str, str]]:
    if utterance.text is not None:
        yield "text", utterance.text
    for slot in utterance.label.slots:
        yield f"filler of {slot.type}", slot.filler


def _is_bad(character: str) -> bool:
    """Replacement characters of failed decodings, control characters, private use, byte order marks."""
    # Joiners belong to the writing of Persian and of Indian languages.
    joins = character in "\u200c\u200d"
    return character == "\ufffd" or (
        unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn") and not joins
    )


def _named(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()


def _fillers(utterance: Utterance) -> Iterator[Problem]:
    if utterance.text is None:
        return
    said = f" {spoken_form(utterance.text)} "
    for slot in utterance.label.slots:
        filler = spoken_form(slot.filler)
        # Where words are not written apart, a filler may begin within what stands between spaces.
        apart = filler.isascii()
        if filler and (f" {filler} " if apart else filler) not in said:
            yield Problem(
                "warning",
                "filler not in text",
                f'The filler "{slot.filler}" of {slot.type} does not stand in the text "{utterance.text}".',
                utterance.key,
                "Correct the filler, or leave it where a normal form is meant.",
                (utterance.key,),
            )


def _script(utterance: Utterance) -> Iterator[Problem]:
    expected = _SCRIPTS.get(re.split("[-_]", utterance.language)[0].lower())
    if expected is None or utterance.text is None:
        return
    letters = [character for character in utterance.text if character.isalpha()]
    other = [letter for letter in letters if unicodedata.name(letter, "?").split()[0] not in expected]
    if len(other) > _HALF * len(letters):
        yield Problem(
            "warning",
            "other script",
            f'The text "{utterance.text}" is not written as {utterance.language} is.',
            utterance.key,
            "Correct its language, or the text.",
            (utterance.key,),
        )


def _spell(label: Label) -> str:
    slots = ", ".join(f"{slot.type}: {slot.filler}" for slot in label.slots)
    return f"{label.intent} ({slots})" if slots else label.intent
