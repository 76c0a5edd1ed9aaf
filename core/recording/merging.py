"""An exported session's rows among those that are here; its files are in place already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.data.importers.gathering import counted
from core.data.rows import slots_of
from core.errors import UserError
from core.recording.manifest import Manifest, PromptEntry, SpeakerEntry, TakeEntry
from core.recording.rows import REVIEW, insert, review_row
from core.recording.session import Prompt, Review, Session, Speaker, TakeRow, TakeState
from core.recording.store import RecordingStore

_CODE_DIGITS: Final = 4
_AGAIN: Final = "Have the session exported again."


@dataclass(frozen=True)
class Merged:
    """What an import brought. known: whether the session was here already. notes: sentences the user should
    read."""

    session: Session
    known: bool
    takes: int
    reviews: int
    notes: tuple[str, ...]


def merge(store: RecordingStore, manifest: Manifest) -> Merged:
    """Store what is new of a session, inside a `write_transaction`. Raises UserError when a session of the
    same id has other prompts."""
    return _Merge(store, manifest).done()


class _Merge:
    def __init__(self, store: RecordingStore, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest
        self._notes: list[str] = []
        self._takes = 0
        self._reviews = 0
        self._undecided = 0

    def done(self) -> Merged:
        wanted = self._manifest.session
        session = next((each for each in self._store.sessions() if each.id == wanted.id), None)
        known = session is not None
        if session is None:
            session = self._new_session()
        here = {prompt.position: prompt for prompt in self._store.prompts(session.id)}
        for entry in self._manifest.prompts:
            self._add_takes(session, self._prompt(session, here, entry), entry)
        self._store.library.additions.settle(session.dataset)
        if self._undecided:
            self._notes.append(
                f"Of {counted(self._undecided, 'prompt')} another take is accepted here than there; what was"
                " accepted here stays, the other is kept beside it."
            )
        if known and not self._takes and not self._reviews:
            self._notes.append("The session is here already, with all of its takes and reviews.")
        return Merged(session, known, self._takes, self._reviews, tuple(self._notes))

    def _new_session(self) -> Session:
        values = self._manifest.session.model_dump()
        speaker = self._speaker(self._manifest.speaker)
        session = Session(**values, short=self._store.free_short(values["id"]), speaker=speaker)
        self._store.insert_session(session)
        return session

    def _speaker(self, entry: SpeakerEntry) -> Speaker:
        speakers = self._store.speakers()
        known = next((each for each in speakers if each.id == entry.id), None)
        if known is not None:
            return known
        speaker = Speaker(**entry.model_dump())
        if any(each.code == speaker.code for each in speakers):
            # Two people: as one, the voice of the one would be tested on what the other taught.
            speaker = replace(speaker, code=f"{speaker.code} ({entry.id[:_CODE_DIGITS]})")
            self._notes.append(
                f'Another speaker is called "{entry.code}" here; this one is "{speaker.code}".'
            )
        self._store.insert_speaker(speaker)
        return speaker

    def _prompt(self, session: Session, here: dict[int, Prompt], entry: PromptEntry) -> Prompt:
        label = None if entry.label is None else entry.label.label
        told = Prompt(0, entry.position, entry.text, label, entry.language, entry.origin, entry.skipped)
        known = here.get(entry.position)
        if known is None:
            return replace(told, id=self._store.insert_prompt(session.id, told))
        if known.text != told.text:
            raise UserError(
                f"This is another session than the one of the same id here: prompt {known.position} is"
                f' "{told.text}", not "{known.text}". Nothing was imported.',
                where=session.id,
                remedy=_AGAIN,
            )
        if known.label is None and label is not None:
            self._store.db.conn.execute(
                "UPDATE prompts SET intent = ?, slots = ? WHERE id = ?",
                (label.intent, slots_of(label), known.id),
            )
            return replace(known, label=label)
        return known

    def _add_takes(self, session: Session, prompt: Prompt, entry: PromptEntry) -> None:
        here = {take.id: take for take in self._store.takes(prompt.id)}
        accepted = next((take.id for take in here.values() if take.state == "accepted"), None)
        for take in entry.takes:
            differs = take.state == "accepted" and accepted not in (None, take.id)
            self._undecided += differs
            if take.id not in here:
                self._add_take(session, prompt, take, "kept" if differs else take.state)
            elif here[take.id].sha256 != take.file.sha256:
                raise UserError(
                    "A take of the same id sounds different here. Nothing was imported.",
                    where=f"{session.id}/{take.id}",
                    remedy=_AGAIN,
                )
            self._add_reviews(take)
        self._store.put_utterance(session, prompt)

    def _add_take(self, session: Session, prompt: Prompt, entry: TakeEntry, state: TakeState) -> None:
        if self._store.find_take(entry.id) is not None:
            raise UserError(
                "A take of the same id belongs to another prompt here. Nothing was imported.",
                where=f"{session.id}/{entry.id}",
                remedy=_AGAIN,
            )
        folder = self._store.folder(session.id)
        (file, _), *original = entry.files
        self._store.add_take_row(
            TakeRow(
                id=entry.id,
                prompt_id=prompt.id,
                number=0,
                recorded_at=entry.recorded_at,
                device=entry.device,
                rate=entry.rate,
                duration_s=entry.duration_s,
                path=folder / file,
                sha256=entry.file.sha256,
                original=folder / original[0][0] if original else None,
                original_sha256=original[0][1].sha256 if original else None,
                verdict=tuple(entry.verdict),
                gaps=entry.gaps,
                state=state,
                reason=entry.reason,
                note=entry.note,
            )
        )
        self._takes += 1

    def _add_reviews(self, take: TakeEntry) -> None:
        for entry in take.reviews:
            row = review_row(Review(take_id=take.id, **entry.model_dump()))
            added = self._store.db.conn.execute(insert("reviews", REVIEW) + " ON CONFLICT DO NOTHING", row)
            self._reviews += added.rowcount
