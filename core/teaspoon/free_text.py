"""Free sentences over the whole lexicon: they widen what the model can hear beyond any task's wording."""

from __future__ import annotations

from random import Random

from core.teaspoon import lexicon as words
from core.teaspoon import spoken
from core.teaspoon.grammar import Domain


def _any_word(rng: Random) -> str:
    kinds = (
        words.NAMES, words.CITIES, words.COUNTRIES, words.FOODS, words.DRINKS, words.ANIMALS, words.THINGS,
        words.PLACES, words.PEOPLE, words.ADJECTIVES, words.COLOURS, words.TRANSITIVE, words.PAST,
        words.INTRANSITIVE, words.ADVERBS, words.PREPOSITIONS, words.ABSTRACT, words.DETERMINERS,
        words.SUBJECTS, words.QUESTIONS,
    )  # fmt: skip
    return rng.choice(rng.choice(kinds))


def _soup(rng: Random) -> str:
    return " ".join(_any_word(rng) for _ in range(rng.randint(1, 9)))


FREE = Domain(
    name="free",
    intents={
        "statement": (
            "{~det} [{~adj}] {~noun} {~past} {~det} [{~adj}] {~noun} [{~prep} {~det} {~noun}] [{~adv}]",
            "{~subject} {~past} {~det} [{~adj}] {~noun} [{~prep} {~det} {~place}] [{~day}]",
            "{~name} [and {~name}] {~past} {~det} {~noun} [{~prep} {~city}]",
            "{~det} {~noun} (is|was|looks|seems) [(very|too|not|so)] {~adj} [{~adv}]",
            "{~subject} (can|will|must|should|would|could|might) [not] {~verb} {~det} [{~adj}] {~noun}",
            "(there is|there was|here is|that is) {~det} [{~adj}] {~noun} {~prep} {~det} {~noun}",
            "{~subject} (want|need|have|like|hope|try|decided|learned) to {~verb} {~det} [{~adj}] {~noun}",
            "{~det} {~person} (came|went|walked|moved) {~prep} {~det} {~place} at {~time}",
        ),
        "order": (
            "[please] {~verb} {~det} [{~adj}] {~noun} [{~prep} {~det} {~noun}]",
            "(don't|never|always|just) {~verb} {~det} {~noun} [{~adv}]",
            (
                "(turn|set|put|make|get|give|let|tell|show|switch|take|bring) "
                "{~det} {~noun} {~prep} {~det} {~noun}"
            ),
            "(could|can|will|would) you [please] {~verb} {~det} [{~adj}] {~noun} [for me] [{~adv}]",
            "let us {~go} {~prep} {~det} {~place}",
        ),
        "question": (
            "{~question} (is|was|are|were) {~det} [{~adj}] {~noun}",
            "{~question} (did|does|will|can|should) {~subject} {~verb} {~det} {~noun}",
            "(is|was|will|does|did|has) {~det} {~person} {~go} {~prep} {~det} {~place} [{~day}]",
            "how (many|much|old|far|long|warm|cold) (is|are|was) {~det} {~noun}",
            "(do|did|can|would) {~subject} {~verb} {~det} {~noun} {~prep} {~name}",
        ),
        "figures": (
            "{~number} {~noun}", "{~digits}", "{~spelling}", "{~name} has {~small} {~adj} {~animal}",
            "the {~noun} (costs|weighs|takes) {~number} {~abstract}", "it is {~time} [{~day}]", "on {~date}",
            "{~noun} number {~number}", "{~duration} {~prep} {~det} {~noun}",
            "{~number} times {~small} is {~number}",
            "{~percent} of the {~noun}", "the {~ordinal} {~noun} [{~prep} the {~place}]",
            "my {~abstract} is {~digits}", "spell {~spelling}", "at {~time} {~prep} {~weekday}",
        ),
        "soup": ("{~soup}", "{~soup}", "{~soup} {~soup}"),
    },
    values={
        "det": words.DETERMINERS, "adj": (*words.ADJECTIVES, *words.COLOURS),
        "noun": (*words.THINGS, *words.THINGS, *words.ABSTRACT, *words.ANIMALS, *words.FOODS, *words.PEOPLE),
        "verb": words.TRANSITIVE, "go": words.INTRANSITIVE, "past": words.PAST, "prep": words.PREPOSITIONS,
        "adv": words.ADVERBS, "place": words.PLACES, "person": words.PEOPLE, "name": words.NAMES,
        "city": (*words.CITIES, *words.COUNTRIES), "animal": words.ANIMALS, "abstract": words.ABSTRACT,
        "subject": words.SUBJECTS, "question": words.QUESTIONS, "soup": _soup, "number": spoken.any_number,
        "small": spoken.small_number, "digits": spoken.digits, "spelling": spoken.spelling,
        "time": spoken.clock_time, "day": spoken.day, "date": spoken.date, "duration": spoken.duration,
        "percent": spoken.percent, "ordinal": spoken.ordinal, "weekday": spoken.weekday,
    },
)  # fmt: skip
