"""Numbers, times and labels as people read them on the screen."""

from __future__ import annotations

from datetime import datetime


def grouped(number: int) -> str:
    """4000 -> "4 000", with spaces that do not break."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def counted(number: int, singular: str, plural: str = "") -> str:
    """ "1 recording", "30 recordings"."""
    return f"{grouped(number)} {singular if number == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """0.025 -> "2.5 %"."""
    return f"{round(100 * share, 4):g} %"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: "8 s", "3 min 10 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def rough_duration(seconds: float) -> str:
    """An estimate without false precision: "less than a minute", "about 4 min", "about 2 h"."""
    if seconds < 50:
        return "less than a minute"
    if seconds < 90 * 60:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {round(seconds / 3600)} h"


def moment(seconds: float) -> str:
    """Seconds since the Unix epoch as local date and time, as the command line writes them."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def short_moment(seconds: float, now: float) -> str:
    """ "25 Nov 18:41", local; of another year than `now` the date alone: "2025-11-25"."""
    local, today = (datetime.fromtimestamp(each).astimezone() for each in (seconds, now))
    return f"{local:%d %b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def memory(size: float) -> str:
    """Bytes, roughly: "0.6 GB", "16 GB"."""
    return f"{size / 1e9:.1f} GB" if size < 10e9 else f"{size / 1e9:.0f} GB"


def disk_space(size: int) -> str:
    """Bytes of files: "2.0 MB", and from a thousand megabytes on as `memory` says it."""
    return f"{size / 1e6:.1f} MB" if size < 999.95e6 else memory(size)


def short_number(value: float) -> str:
    """A learning rate the way people write it: 0.0002 -> "2e-4", 0.05 -> "0.05". Loses no digit."""
    if not 0 < value < 1e-2:
        return repr(value)
    for digits in range(17):
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        short = f"{mantissa}e{int(exponent)}"
        if float(short) == value:
            return short
    return repr(value)
