"""How far a session is, and how fast it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from core.recording.session import Break, Progress, TakeState

BREAK_S: Final = 180.0
"""Who records or decides nothing for so long has a break; a long text takes half a minute."""

_RATE_NEEDS_S: Final = 60.0


class CountedPrompt(NamedTuple):
    """What counts of a prompt. slots: of type and filler; None, as the intent, without a label."""

    id: int
    skipped: int
    intent: str | None
    slots: list[tuple[str, str]] | None


class CountedTake(NamedTuple):
    """What counts of a take."""

    prompt_id: int
    state: TakeState
    recorded_at: float
    duration_s: float


def progress_of(
    prompts: Sequence[CountedPrompt], takes: Sequence[CountedTake], decided: Sequence[float], now: float
) -> Progress:
    """The progress of a session at `now`. decided: when something was decided; all in seconds since the
    Unix epoch."""
    accepted = [take for take in takes if take.state == "accepted"]
    done = {take.prompt_id for take in accepted}
    rejected = {take.prompt_id for take in takes if take.state == "rejected"}
    skipped = {prompt.id for prompt in prompts if prompt.skipped} - done
    left = {prompt.id for prompt in prompts} - done - skipped
    spans = [(take.recorded_at, take.recorded_at + take.duration_s) for take in takes]
    active_s, breaks = _working([*spans, *((moment, moment) for moment in decided)], now)
    intents = [(prompt.intent, prompt.id) for prompt in prompts if prompt.intent is not None]
    slot_types = [
        (name, prompt.id) for prompt in prompts for name in {kind for kind, _ in prompt.slots or ()}
    ]
    return Progress(
        total=len(prompts),
        done=len(done),
        skipped=len(skipped),
        left=len(left),
        to_record_again=len(left & rejected),
        takes=len(takes),
        minutes=sum(take.duration_s for take in accepted) / 60,
        active_s=active_s,
        per_hour=3600 * len(done) / active_s if active_s >= _RATE_NEEDS_S else None,
        breaks=breaks,
        intents=_covered(intents, done),
        slot_types=_covered(slot_types, done),
    )


def _covered(named: Sequence[tuple[str, int]], done: set[int]) -> dict[str, tuple[int, int]]:
    """Name -> (prompts done, all), sorted by name. named: each name with the id of a prompt that has it."""
    prompts: defaultdict[str, set[int]] = defaultdict(set)
    for name, prompt_id in named:
        prompts[name].add(prompt_id)
    return {name: (len(ids & done), len(ids)) for name, ids in sorted(prompts.items())}


def _working(spans: Sequence[tuple[float, float]], now: float) -> tuple[float, tuple[Break, ...]]:
    """Seconds of work up to the last thing that was done, and the breaks, of which the last may go on."""
    active_s = 0.0
    breaks = []
    until: float | None = None
    for start, end in sorted(spans):
        if until is None:
            # Before the first take nobody worked: the session may have been set up the day before.
            active_s += end - start
        elif start - until >= BREAK_S:
            breaks.append(Break(until, start))
            active_s += end - start
        else:
            active_s += max(0.0, end - until)
        until = end if until is None else max(until, end)
    # Who does nothing now may be reading, or gone: it counts when it turns out.
    if until is not None and now - until >= BREAK_S:
        breaks.append(Break(until, now))
    return active_s, tuple(breaks)
