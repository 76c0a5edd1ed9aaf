"""From one prompt to the next: what each step of a recording session does, and which prompt comes then."""

from __future__ import annotations

from core.recording.session import Prompt, Session, TakeRow
from core.recording.store import RecordingStore


def accept_and_go_on(store: RecordingStore, session: Session, prompt: Prompt, take: TakeRow) -> Prompt | None:
    """Accept a take, unless it is; then the next open prompt, None when there is none. Raises UserError."""
    accept_and_stay(store, prompt, take)
    return store.first_open(session.id, prompt.position)


def accept_and_stay(store: RecordingStore, prompt: Prompt, take: TakeRow) -> Prompt:
    """Accept a take, unless it is; then its prompt. Raises UserError."""
    if take.state != "accepted":
        store.decisions.accept(take.id)
    return store.prompt(prompt.id)


def skip_and_go_on(store: RecordingStore, session: Session, prompt: Prompt | None) -> Prompt | None:
    """Leave a prompt out for now; then the next open one. Where none is open (prompt is None), the first that
    was left out. Raises UserError."""
    if prompt is None:
        return next((each for each in store.prompts(session.id) if each.skipped), None)
    store.decisions.skip(prompt.id)
    return store.first_open(session.id, prompt.position)


def go_back(store: RecordingStore, session: Session, prompt: Prompt | None) -> Prompt:
    """The prompt before this one, or the last where none is open, whatever was decided about it."""
    prompts = store.prompts(session.id)
    position = len(prompts) + 1 if prompt is None else prompt.position
    return prompts[max(0, position - 2)]


def undo_and_show(store: RecordingStore, session: Session, prompt: Prompt | None) -> Prompt | None:
    """Take the last decision back; then the prompt that it was about, or this one where there was none."""
    undone = store.decisions.undo(session.id)
    if undone is not None:
        return store.prompt(undone.prompt_id)
    return None if prompt is None else store.prompt(prompt.id)
