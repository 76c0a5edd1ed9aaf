"""What becomes of takes: accepted, rejected, noted, reviewed - and all of it taken back.

The utterance of an accepted take is in the dataset from the same transaction on. A rejected one's is set
aside there (quarantined), so that nothing learns from it and what somebody corrected in it is not lost.
"""

# ruff: noqa: S608 - SQL is put together from this module's own constants only; every value is bound.

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

from core.data.additions import RECORDING
from core.data.rows import slots_of
from core.data.utterance import Label
from core.errors import UserError
from core.recording.rows import REVIEW, insert, review_row, utterance_of_take
from core.recording.session import Decision, Prompt, Review, Session, TakeRow
from core.storage.database import write_transaction

if TYPE_CHECKING:
    from core.recording.store import RecordingStore

What = Literal["accept", "reject", "skip", "reopen", "note", "label", "review"]

_TAKE: Final = ("id", "state", "reason", "note")
_PROMPT: Final = ("intent", "slots", "skipped_at")
_LABEL: Final = ("intent", "slots")


@dataclass(frozen=True)
class Undone:
    """What was taken back, and of which prompt."""

    what: What
    prompt_id: int


class Decisions:
    """Decides about the takes of a store. Every call is one transaction; each but `undo` can be undone."""

    def __init__(self, store: RecordingStore) -> None:
        self._store = store
        self._db = store.db
        self._additions = store.library.additions

    def accept(self, take_id: str) -> TakeRow:
        """Make it the take of its prompt; the one accepted before is kept beside it.

        The dataset gets the utterance, or its new recording; a prompt without a label stays without one
        until `label`. Raises UserError when the take is gone.
        """
        with self._deciding("accept", self._store.take(take_id).prompt_id) as (session, prompt):
            self._accept(session, prompt, take_id)
        return self._store.take(take_id)

    def reject(self, take_id: str, reason: str = "") -> TakeRow:
        """Say that a take is not to be used; if it was the accepted one, its prompt is open again and its
        utterance set aside. Raises UserError when the take is gone."""
        take = self._store.take(take_id)
        with self._deciding("reject", take.prompt_id) as (session, prompt):
            self._reject(session, prompt, take_id, reason)
        return self._store.take(take_id)

    def skip(self, prompt_id: int) -> None:
        """Leave a prompt out for now. Nothing happens where a take is accepted. Raises UserError."""
        with self._deciding("skip", prompt_id):
            if self._accepted(self._store.prompt(prompt_id)) is None:
                self._set_prompt(prompt_id, skipped_at=self._store.clock())

    def reopen(self, prompt_id: int) -> None:
        """Have a skipped prompt open again. Raises UserError when it is gone."""
        with self._deciding("reopen", prompt_id):
            self._set_prompt(prompt_id, skipped_at=None)

    def note(self, take_id: str, note: str) -> None:
        """Write something beside a take, in place of what stood there. Raises UserError when it is gone."""
        with self._deciding("note", self._store.take(take_id).prompt_id):
            self._db.conn.execute("UPDATE takes SET note = ? WHERE id = ?", (note.strip(), take_id))

    def label(self, prompt_id: int, label: Label) -> None:
        """Label a prompt, or label it otherwise; its accepted take is an utterance from then on. Raises
        UserError when the intent is empty or the prompt is gone."""
        if not label.intent.strip():
            raise UserError("The intent is empty.", where="intent", remedy="Fill it in.")
        with self._deciding("label", prompt_id) as (session, prompt):
            self._set_prompt(prompt_id, intent=label.intent, slots=slots_of(label))
            self._additions.change(
                session.dataset, session.key_of(prompt), intent=label.intent, slots=slots_of(label)
            )
            self._put(session, replace(prompt, label=label))

    def review(
        self,
        take_id: str,
        reviewer: str,
        decision: Decision,
        *,
        reason: str = "",
        note: str = "",
        decides: bool = True,
    ) -> Review:
        """Keep what a listener says of a take. decides: whether the take is accepted or rejected by it; a
        second listener's opinion may be asked for without. Raises UserError when the take is gone or the
        reviewer has no name."""
        if not reviewer.strip():
            raise UserError("The reviewer needs a name.", where="reviewer", remedy="Fill it in.")
        said = Review(
            uuid4().hex,
            take_id,
            reviewer.strip(),
            self._store.clock(),
            decision,
            reason.strip(),
            note.strip(),
        )
        with self._deciding("review", self._store.take(take_id).prompt_id, review=said.id) as of:
            session, prompt = of
            self._db.conn.execute(insert("reviews", REVIEW), review_row(said))
            if decides and decision == "reject":
                self._reject(session, prompt, take_id, said.reason)
            elif decides:
                self._accept(session, prompt, take_id)
        return said

    def undo(self, session_id: str) -> Undone | None:
        """Take back the last decision of a session that stands: everything it changed is as it was, also in
        the dataset. Takes and their files stay. None when there is nothing to take back."""
        with write_transaction(self._db):
            row = self._db.conn.execute(
                "SELECT id, prompt_id, what, before FROM decisions"
                " WHERE session_id = ? AND undone IS NULL ORDER BY id DESC LIMIT 1",
                (session_id,),
            ).fetchone()
            if row is None:
                return None
            decision_id, prompt_id, what, before = row
            self._restore(prompt_id, what, json.loads(before))
            self._db.conn.execute(
                "UPDATE decisions SET undone = ? WHERE id = ?", (self._store.clock(), decision_id)
            )
        return Undone(what, prompt_id)

    # -- inside ----------------------------------------------------------------------------------------

    @contextmanager
    def _deciding(
        self, what: What, prompt_id: int, review: str | None = None
    ) -> Iterator[tuple[Session, Prompt]]:
        """One decision about a prompt: what it may change is written down before, and counted after."""
        with write_transaction(self._db):
            session, prompt = self._store.session_of_prompt(prompt_id), self._store.prompt(prompt_id)
            before = self._state(session, prompt) | {"review": review}
            self._db.conn.execute(
                insert("decisions", ("session_id", "prompt_id", "time", "what", "before")),
                (session.id, prompt_id, self._store.clock(), what, json.dumps(before, ensure_ascii=False)),
            )
            yield session, prompt
            self._additions.settle_one(session.dataset, session.key_of(prompt), before["utterance"])

    def _state(self, session: Session, prompt: Prompt) -> dict[str, Any]:
        execute = self._db.conn.execute
        takes = execute(f"SELECT {', '.join(_TAKE)} FROM takes WHERE prompt_id = ?", (prompt.id,)).fetchall()
        values = execute(f"SELECT {', '.join(_PROMPT)} FROM prompts WHERE id = ?", (prompt.id,)).fetchone()
        return {
            "takes": takes,
            "prompt": values,
            "utterance": self._additions.stored(session.dataset, session.key_of(prompt)),
        }

    def _restore(self, prompt_id: int, what: What, before: dict[str, Any]) -> None:
        session, prompt = self._store.session_of_prompt(prompt_id), self._store.prompt(prompt_id)
        execute = self._db.conn.execute
        # First none is accepted: of one prompt two never are, not even between two statements.
        execute("UPDATE takes SET state = 'kept' WHERE prompt_id = ? AND state = 'accepted'", (prompt_id,))
        for take_id, *values in before["takes"]:
            execute("UPDATE takes SET state = ?, reason = ?, note = ? WHERE id = ?", (*values, take_id))
        self._set_prompt(prompt_id, **dict(zip(_PROMPT, before["prompt"], strict=True)))
        execute("DELETE FROM reviews WHERE id = ?", (before["review"],))
        if self._additions.stored(session.dataset, session.key_of(prompt)) != before["utterance"]:
            columns = (*RECORDING, *_LABEL) if what == "label" else RECORDING
            self._additions.restore(session.dataset, session.key_of(prompt), before["utterance"], columns)
            self._additions.settle(session.dataset)

    def _accept(self, session: Session, prompt: Prompt, take_id: str) -> None:
        self._set_take(self._accepted(prompt), "kept")
        self._set_take(take_id, "accepted")
        self._set_prompt(prompt.id, skipped_at=None)
        self._put(session, prompt)

    def _reject(self, session: Session, prompt: Prompt, take_id: str, reason: str) -> None:
        if self._accepted(prompt) == take_id:
            why = f"rejected: {reason.strip()}" if reason.strip() else "rejected"
            self._additions.change(session.dataset, session.key_of(prompt), quarantined=why)
        self._set_take(take_id, "rejected", reason.strip())

    def _put(self, session: Session, prompt: Prompt) -> None:
        take_id = self._accepted(prompt)
        utterance = take_id and utterance_of_take(session, prompt, self._store.take(take_id))
        if utterance:
            self._additions.put(utterance)

    def _accepted(self, prompt: Prompt) -> str | None:
        row = self._db.conn.execute(
            "SELECT id FROM takes WHERE prompt_id = ? AND state = 'accepted'", (prompt.id,)
        ).fetchone()
        return None if row is None else str(row[0])

    def _set_take(self, take_id: str | None, state: str, reason: str = "") -> None:
        self._db.conn.execute("UPDATE takes SET state = ?, reason = ? WHERE id = ?", (state, reason, take_id))

    def _set_prompt(self, prompt_id: int, **values: object) -> None:
        assignments = ", ".join(f"{column} = ?" for column in values)
        self._db.conn.execute(f"UPDATE prompts SET {assignments} WHERE id = ?", (*values.values(), prompt_id))
