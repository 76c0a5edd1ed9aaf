"""Values spoken in many domains: numbers, times, dates, durations, spellings, all as words."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from core.teaspoon import lexicon as words
from core.teaspoon.grammar import Domain, Values
from core.teaspoon.lexicon_forms import plural

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()


def number_words(number: int) -> str:
    """An integer from 0 to 9999 in English words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (f" and {number_words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    return f"{number_words(thousands)} thousand" + (f" {number_words(rest)}" if rest else "")


def clock_time(rng: Random) -> str:
    """A time of day, e.g. "half past six", "seven thirty", "nine p m"."""
    hour = _ONES[rng.randint(1, 12)]
    form = rng.randrange(7)
    if form == 0:
        return f"half past {hour}"
    if form == 1:
        return f"quarter {rng.choice(('past', 'to'))} {hour}"
    if form == 2:
        return f"{hour} o'clock"
    if form == 3:
        return f"{hour} {rng.choice(('a m', 'p m'))}"
    if form == 4:
        return f"{hour} {rng.choice(('fifteen', 'thirty', 'forty five'))}"
    if form == 5:
        return f"{hour} {number_words(rng.randint(10, 59))}"
    return rng.choice(
        ("noon", "midnight", f"{hour} in the {rng.choice(('morning', 'evening', 'afternoon'))}")
    )


def day(rng: Random) -> str:
    """A day as people say it, e.g. "tomorrow", "next friday"."""
    form = rng.randrange(4)
    if form == 0:
        return rng.choice(("today", "tomorrow", "tonight", "this weekend", "next week", "tomorrow morning"))
    return ("", "", "next ", "this ")[form] + rng.choice(_DAYS)


def date(rng: Random) -> str:
    """A calendar date, e.g. "the third of may", "march twenty first"."""
    month, ordinal = rng.choice(_MONTHS), rng.randint(1, 31)
    spoken = (
        _ORDINALS[ordinal - 1]
        if ordinal <= 20
        else ("thirtieth" if ordinal == 30 else f"{_TENS[ordinal // 10 - 2]} {_ORDINALS[ordinal % 10 - 1]}")
    )
    return rng.choice((f"the {spoken} of {month}", f"{month} {spoken}", f"{month} the {spoken}"))


def duration(rng: Random) -> str:
    """A length of time, e.g. "twenty five minutes", "an hour and a half"."""
    form = rng.randrange(6)
    if form == 0:
        return rng.choice(("an hour", "half an hour", "an hour and a half", "a minute", "a couple of hours"))
    if form == 1:
        return f"{number_words(rng.randint(2, 12))} hours"
    if form == 2:
        return f"{number_words(rng.choice((10, 15, 20, 30, 40, 45, 90)))} seconds"
    return f"{number_words(rng.choice((*range(2, 21), 25, 30, 35, 40, 45, 50, 55, 60, 90)))} minutes"


def small_number(rng: Random) -> str:
    return number_words(rng.randint(1, 20))


def percent(rng: Random) -> str:
    return f"{number_words(rng.choice((5, *range(10, 101, 10), 15, 25, 35, 45, 55, 65, 75, 85, 95)))} percent"


def any_number(rng: Random) -> str:
    return number_words(rng.choice((rng.randint(0, 99), rng.randint(0, 999), rng.randint(0, 9999))))


def digits(rng: Random) -> str:
    """A number said digit by digit, e.g. a code of three to six digits."""
    return " ".join(_ONES[rng.randrange(10)] for _ in range(rng.randint(3, 6)))


def spelling(rng: Random) -> str:
    """Two to five letters, spelled."""
    return " ".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 5)))


def month(rng: Random) -> str:
    return rng.choice(_MONTHS)


def weekday(rng: Random) -> str:
    return rng.choice(_DAYS)


def ordinal(rng: Random) -> str:
    return rng.choice(_ORDINALS)


# From here on: values of the pretraining alone. The demo's sentences are drawn from those above, so those
# must keep drawing the same numbers from a generator: the corpus leaves out the sentences drawn with them.

_BEFORE_VOWEL = re.compile(r"\ba (?=hour|hono|hones|(?!uni|use|usu|eu|one|once|ukr|uru)[aeiou][a-z])")
_CODE_WORDS = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
).split()
_FRACTIONS = (
    "half", "a third", "a quarter", "two thirds", "three quarters", "one and a half", "two and a half",
    "one eighth",
)  # fmt: skip
_MEASURES = (
    "cups spoons slices pieces bottles boxes bags bowls glasses jars cans pounds grams ounces liters kilos "
    "packs bunches portions handfuls"
).split()
_ONE_MEASURE = (
    "a cup", "a slice", "a bottle", "a box", "a bag", "a bowl", "a glass", "a pound", "a liter", "a pinch",
    "a bit", "a dozen", "half a dozen", "half a liter", "half a pound", "a spoonful", "a handful", "a couple",
    "a piece", "a jar",
)  # fmt: skip


def phrase(*templates: str, **values: Values) -> Callable[[Random], str]:
    """A value made up from templates, for fillers of several words; its own slots are no slots outside."""
    domain = Domain("phrase", {"phrase": templates}, values)
    return lambda rng: _BEFORE_VOWEL.sub("an ", domain.sample(rng, "phrase").text)


def price(rng: Random) -> str:
    """An amount of money, e.g. "three dollars fifty", "nine ninety nine", "two hundred euros"."""
    whole, cents = rng.randint(1, 99), rng.choice((*range(10, 100, 5), 99))
    unit = rng.choice(("dollars", "euros", "pounds", "dollars", "francs", "rupees"))
    form = rng.randrange(5)
    if form == 0:
        return f"{number_words(whole)} {number_words(cents)}"
    if form == 1:
        return f"{number_words(whole + 1)} {unit} {number_words(cents)}"
    if form == 2:
        return f"{number_words(whole + 1)} {unit} and {number_words(cents)} cents"
    if form == 3:
        return f"{number_words(rng.randint(1, 40) * 50)} {unit}"
    return f"{number_words(whole + 1)} {unit}"


def amount(rng: Random) -> str:
    """How much of something, e.g. "two cups", "half a dozen", "three hundred grams"."""
    form = rng.randrange(3)
    if form == 0:
        return rng.choice(_ONE_MEASURE)
    if form == 1:
        return f"{number_words(rng.randint(2, 12))} {rng.choice(_MEASURES)}"
    return f"{number_words(rng.randint(1, 18) * 50)} {rng.choice(('grams', 'milliliters', 'grams'))}"


def year(rng: Random) -> str:
    """A year, e.g. "nineteen eighty four", "two thousand nine", "twenty twenty six"."""
    number = rng.randint(1800, 2040)
    century, rest = divmod(number, 100)
    if number // 10 == 200:
        return number_words(number)
    if rest == 0:
        return f"{number_words(century)} hundred"
    return f"{number_words(century)} {'oh ' if rest < 10 else ''}{number_words(rest)}"


def fraction(rng: Random) -> str:
    return rng.choice(_FRACTIONS)


def decimal(rng: Random) -> str:
    """A number with a point, e.g. "three point one four"."""
    tail = " ".join(_ONES[rng.randrange(10)] for _ in range(rng.randint(1, 3)))
    return f"{number_words(rng.randint(0, 120))} point {tail}"


def phone_number(rng: Random) -> str:
    """Seven to ten digits as people say them, e.g. "oh double four nine six two one"."""
    said: list[str] = []
    for _ in range(rng.randint(6, 9)):
        digit = rng.choice(("oh", *_ONES[:10]))
        said.append(f"double {digit}" if digit != "oh" and rng.random() < 0.1 else digit)
    return " ".join(said)


def code(rng: Random) -> str:
    """Letters and digits mixed, e.g. "b seven four k"."""
    return " ".join(
        rng.choice((rng.choice("abcdefghijklmnopqrstuvwxyz"), rng.choice(_ONES[:10])))
        for _ in range(rng.randint(3, 6))
    )


def code_words(rng: Random) -> str:
    """A spelling by radio alphabet, e.g. "tango alpha six"."""
    return " ".join(rng.choice((*_CODE_WORDS, *_ONES[:10])) for _ in range(rng.randint(2, 4)))


def long_date(rng: Random) -> str:
    """A date with its weekday or year, e.g. "monday the third of may", "june first nineteen ninety"."""
    if rng.random() < 0.5:
        return f"{weekday(rng)} {date(rng)}"
    return f"{date(rng)} {year(rng)}"


def time_span(rng: Random) -> str:
    """From one time to another, e.g. "from nine to half past eleven"."""
    form = rng.randrange(3)
    if form == 0:
        return f"from {clock_time(rng)} to {clock_time(rng)}"
    if form == 1:
        return f"between {_ONES[rng.randint(1, 12)]} and {_ONES[rng.randint(1, 12)]}"
    return f"from {weekday(rng)} to {weekday(rng)}"


COMMON: dict[str, Values] = {
    "name": words.NAMES, "city": words.CITIES, "country": words.COUNTRIES, "food": words.FOODS,
    "drink": words.DRINKS, "animal": words.ANIMALS, "thing": words.THINGS, "color": words.COLOURS,
    "adjective": words.ADJECTIVES, "time": clock_time, "day": day, "date": date,
    "duration": duration, "count": small_number, "number": any_number,
    "digits": digits, "letters": spelling, "month": month, "person": words.PEOPLE,
    "topic": words.ABSTRACT, "percent": percent, "area": (*words.PLACES, *words.ROOMS),
    "weekday": weekday, "rank": ordinal, "price": price, "amount": amount,
    "year": year, "phone": phone_number, "code": code, "span": time_span,
    "body": words.BODY, "hobby": words.HOBBIES, "language": words.LANGUAGES, "size": words.SIZES,
    "topping": words.TOPPINGS, "goods": (*words.THINGS, *words.COMPOUNDS),
    "several": tuple(map(plural, (*words.THINGS, *words.COMPOUNDS))),
    "fullname": phrase("{first} {last}", first=words.NAMES, last=words.SURNAMES),
    "dish": phrase(
        "{food}", "{how} {food}", "{food} (with|and) {food}", "{food} {kind}", "{food} with {topping}",
        food=words.FOODS, topping=words.TOPPINGS,
        how="grilled fried baked roasted steamed smoked spicy fresh cold boiled stuffed".split(),
        kind="soup salad pie stew curry sandwich casserole sauce".split(),
    ),
    "street": phrase(
        "{number} {name} (street|road|avenue|lane)", "{name} (street|road|square|avenue)",
        "{rank} (street|avenue)",
        number=small_number, name=(*words.SURNAMES, *words.CITIES), rank=ordinal,
    ),
    "when": phrase(
        "{day}", "on {date}", "at {time}", "{day} at {time}", "in {duration}", "on {long}",
        day=day, date=date, time=clock_time, duration=duration, long=long_date,
    ),
    "said": phrase(
        "i (am|will be) (late|early|on my way|{adjective})", "the {topic} is {adjective}",
        "see you at {time}",
        "(happy birthday|good luck|get well soon|thank you for the {thing}|i miss you)", "call me back {day}",
        "we (need|have|found|lost) (the|a|your) {thing}", "{name} (can't come|is here|said hello)",
        "don't forget (the|your) {thing}", "the {thing} (arrived|is broken|is ready)",
        adjective=words.ADJECTIVES, topic=words.ABSTRACT, time=clock_time, day=day, thing=words.THINGS,
        name=words.NAMES,
    ),
    "about": phrase(
        "{topic}", "{adjective} {topic}", "{topic} and {topic}", "the {topic} of {topic}", "{hobby}",
        "{animals}",
        topic=words.ABSTRACT, adjective=words.ADJECTIVES, hobby=words.HOBBIES, animals=words.MANY_ANIMALS,
    ),
}  # fmt: skip
