"""What an experiment has that is not plainly visible on the page, in words for it."""

from __future__ import annotations

from collections.abc import Mapping

from core.experiment.spec import ExperimentSpec
from gui.experiment_settings import ROOT, SettingTable, Typed

SHOWN = 6
"""So many settings are named on the page; of more, how many."""


def settings_words(settings: Mapping[str, Typed]) -> str:
    """ "Batch size 8, augmentation (speed, noise). All else as usual."."""
    parts = _changes(ROOT, settings)
    if not parts:
        return "All as usual."
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    words = ", ".join(parts[:SHOWN])
    return f"{words[0].upper()}{words[1:]}{more}. All else as usual."


def cache_words(spec: ExperimentSpec) -> str:
    """Why every recording is heard anew each time, which takes longer; empty where it is not."""
    why = spec.hears_anew
    return f"The feature cache is off, so hearing takes longer: {why}." if why else ""


def _changes(table: SettingTable, settings: Mapping[str, Typed]) -> list[str]:
    """What is not as usual. A table that may be off stands for what is in it, in parentheses."""
    words = [
        f"{_within_a_sentence(setting.title)} {setting.words(settings[setting.key])}"
        for setting in table.settings
        if setting.differs(settings[setting.key])
    ]
    for part in table.parts:
        if not part.is_on(settings):
            continue
        inside = _changes(part, settings)
        if part.optional:
            title = _within_a_sentence(part.title)
            inside = [f"{title} ({', '.join(inside)})" if inside else title]
        words += inside
    return words


def _within_a_sentence(title: str) -> str:
    """ "Batch size" -> "batch size", but "DoRA" stays."""
    return title[0].lower() + title[1:] if title.split(maxsplit=1)[0][1:].islower() else title
