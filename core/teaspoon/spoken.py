"""Values spoken in many domains: numbers, times, dates, durations, spellings, all as words."""

from __future__ import annotations

from random import Random

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
