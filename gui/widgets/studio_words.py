"""The words of the studio: what is to be read, and how far a session is."""

from __future__ import annotations

from core.recording.session import Progress, Prompt
from gui.formatting import counted


def label_words(prompt: Prompt) -> str:
    """What the prompt means, and where it comes from."""
    meaning = (
        prompt.label.words if prompt.label else "No label yet: the take is kept until somebody labels it"
    )
    return f"{meaning}  \N{MIDDLE DOT}  {prompt.origin}" if prompt.origin else meaning


def finished_words(progress: Progress) -> tuple[str, str]:
    """When nothing is open: a headline, and what could be done next."""
    if progress.skipped:
        left = "1 prompt was" if progress.skipped == 1 else f"{progress.skipped} prompts were"
        return "All others are done.", f"{left} skipped and can be recorded now."
    return f"All {progress.total} prompts are done.", "Go back to Sessions to review the takes by ear."


def progress_words(progress: Progress) -> str:
    """ "12 of 40 done, 2 skipped, 1.3 min, 140 an hour, 5 of 8 intents covered"."""
    parts = [f"{progress.done} of {progress.total} done"]
    if progress.skipped:
        parts.append(f"{progress.skipped} skipped")
    if progress.to_record_again:
        parts.append(f"{progress.to_record_again} to record again")
    parts.append(f"{progress.minutes:.1f} min")
    if progress.per_hour is not None:
        parts.append(f"{progress.per_hour:.0f} an hour")
    if progress.breaks:
        parts.append(counted(len(progress.breaks), "break"))
    if progress.intents:
        covered = sum(done > 0 for done, _ in progress.intents.values())
        parts.append(f"{covered} of {counted(len(progress.intents), 'intent')} covered")
    return ", ".join(parts)


def coverage_words(progress: Progress) -> str:
    """Each intent and slot type, the least covered first: "alarm_set: 0 of 3"."""
    lines = []
    for heading, units in (("Intents", progress.intents), ("Slot types", progress.slot_types)):
        if units:
            lines.append(f"{heading}:")
            in_order = sorted(units.items(), key=lambda unit: (unit[1][0] / unit[1][1], unit[0]))
            lines += [f"  {name}: {done} of {total}" for name, (done, total) in in_order]
    return "\n".join(lines)
