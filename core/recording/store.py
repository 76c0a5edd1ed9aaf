"""Recording sessions in the database."""

# ruff: noqa: S608 - SQL is put together from constants only; every value is bound.

from __future__ import annotations

import difflib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from core.data.library import Library, refuse_bad_name
from core.data.utterance import SPLITS
from core.errors import UserError
from core.paths import AppPaths
from core.recording.decisions import Decisions
from core.recording.progress import CountedPrompt, CountedTake, progress_of
from core.recording.prompts import ordered
from core.recording.rows import (
    PROMPT,
    REVIEW,
    SESSION,
    SPEAKER,
    TAKE,
    columns,
    insert,
    prompt_of,
    prompt_row,
    session_of,
    take_of,
    take_row,
    utterance_of_take,
)
from core.recording.session import Progress, Prompt, Review, Session, SessionPlan, Speaker, TakeRow
from core.storage.database import Database, write_transaction

_SHORTEST: Final = 8
"""Hexadecimal digits of a session's id that keys begin with, unless two begin alike."""

_GROUP: Final = "SELECT json_group_array"
_TAKES: Final = "takes JOIN prompts p ON p.id = prompt_id"
_ITS: Final = " WHERE session_id = ?"
_OPEN: Final = (
    "skipped_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM takes t WHERE t.prompt_id = p.id AND t.state = 'accepted')"
)


class RecordingStore:
    """Reads and writes recording sessions through one connection, on the thread that opened it.

    What becomes of takes, and its undo, is in `decisions`. clock: seconds since the Unix epoch.
    """

    def __init__(self, db: Database, paths: AppPaths, clock: Callable[[], float] = time.time) -> None:
        self.db = db
        self.paths = paths
        self.clock = clock
        self.library = Library(db, paths)
        self.decisions = Decisions(self)

    def folder(self, session_id: str) -> Path:
        """Where a session's takes lie."""
        return self.paths.recordings / session_id

    # -- sessions --------------------------------------------------------------------------------------

    def begin(self, plan: SessionPlan, prompts: Sequence[Prompt]) -> Session:
        """Store a new session with its prompts in the order that the plan asks for.

        A speaker of the same code is the same person; what the plan says of them counts from now on. Raises
        UserError when there is no prompt, or the dataset, the split or the speaker cannot be called so.
        """
        refuse_bad_name(plan.dataset)
        _refuse_bad_plan(plan, prompts)
        session_id = uuid4().hex
        with write_transaction(self.db):
            speaker = self._keep_speaker(plan.speaker)
            session = Session(
                id=session_id,
                short=self.free_short(session_id),
                created_at=self.clock(),
                dataset=plan.dataset,
                split=plan.split,
                speaker=speaker,
                device=plan.device,
                rate=plan.rate,
                keep_original=plan.keep_original,
                seed=plan.seed,
                source=plan.source,
            )
            self.insert_session(session)
            for position, prompt in enumerate(ordered(prompts, plan.seed), 1):
                self.insert_prompt(session_id, replace(prompt, position=position))
        return session

    def sessions(self) -> list[Session]:
        """All sessions, the newest first."""
        return [session_of(row) for row in self._select_sessions("1 = 1 ORDER BY created_at DESC, s.id")]

    def session(self, session_id: str) -> Session:
        """The session of an id, or of the only one that begins so. Raises UserError when there is none."""
        found = [each for each in self.sessions() if each.id.startswith(session_id)] if session_id else []
        exact = [each for each in found if each.id == session_id] or found
        if len(exact) == 1:
            return exact[0]
        if exact:
            raise UserError(
                f'Several recording sessions begin with "{session_id}".',
                remedy=f"Give more of the id: {', '.join(each.id for each in exact)}.",
            )
        known = {each.short: each for each in self.sessions()}
        near = difflib.get_close_matches(session_id, known, n=3, cutoff=0.5) or list(known)[:5]
        raise UserError(
            f'There is no recording session "{session_id}".',
            remedy=f"Did you mean: {', '.join(near)}?" if near else "Record one first.",
        )

    def speakers(self) -> list[Speaker]:
        """All speakers, sorted by code."""
        rows = self.db.conn.execute(f"SELECT {', '.join(SPEAKER)} FROM speakers ORDER BY code")
        return [Speaker(*row) for row in rows]

    # -- prompts ---------------------------------------------------------------------------------------

    def prompts(self, session_id: str) -> list[Prompt]:
        """A session's prompts in their order."""
        return self._prompts("session_id = ? ORDER BY position", session_id)

    def prompt(self, prompt_id: int) -> Prompt:
        """One prompt. Raises UserError when it is gone."""
        found = self._prompts("id = ?", prompt_id)
        if not found:
            raise UserError("This prompt is no longer in the library.", remedy="Open its session again.")
        return found[0]

    def session_of_prompt(self, prompt_id: int) -> Session:
        """The session that a prompt belongs to. Raises UserError when it is gone."""
        rows = self._select_sessions("s.id = (SELECT session_id FROM prompts WHERE id = ?)", prompt_id)
        if not rows:
            raise UserError("This prompt is no longer in the library.", remedy="Open its session again.")
        return session_of(rows[0])

    def first_open(self, session_id: str, after: int = 0) -> Prompt | None:
        """The first prompt with no accepted take that was not skipped: behind position `after`, or from the
        beginning when there is none behind; None when all are done or skipped."""
        found = self._prompts(
            f"session_id = ? AND {_OPEN} ORDER BY position <= ?, position LIMIT 1", session_id, after
        )
        return found[0] if found else None

    def to_record_again(self, session_id: str) -> list[Prompt]:
        """Open prompts of which a take was rejected, in their order."""
        rejected = "EXISTS (SELECT 1 FROM takes t WHERE t.prompt_id = p.id AND t.state = 'rejected')"
        return self._prompts(f"session_id = ? AND {_OPEN} AND {rejected} ORDER BY position", session_id)

    # -- takes -----------------------------------------------------------------------------------------

    def takes(self, prompt_id: int) -> list[TakeRow]:
        """A prompt's takes, the oldest first."""
        return self._takes("prompt_id = ? ORDER BY number", prompt_id)

    def takes_of_session(self, session_id: str) -> list[TakeRow]:
        """All takes of a session by prompt and number."""
        return self._takes("p.session_id = ? ORDER BY p.position, number", session_id)

    def find_take(self, take_id: str) -> TakeRow | None:
        """The take of an id, or None."""
        found = self._takes("t.id = ?", take_id)
        return found[0] if found else None

    def take(self, take_id: str) -> TakeRow:
        """The take of an id. Raises UserError when it is gone."""
        found = self.find_take(take_id)
        if found is None:
            raise UserError("This take is no longer in the library.", remedy="Open its session again.")
        return found

    def add_take(self, take: TakeRow) -> TakeRow:
        """Store a take whose files are whole, with the next number of its prompt; returns it so.

        No other take changes. For a take from a microphone, `core.recording.finishing` calls it.
        """
        with write_transaction(self.db):
            return self.add_take_row(take)

    def put_back(self, session_id: str) -> int:
        """Have the utterances of a session's accepted takes in its dataset again, as after it was deleted or
        imported anew; those that are there stay as they are. Returns how many came. Raises UserError when
        there is no such session."""
        session = self.session(session_id)
        with write_transaction(self.db):
            came = sum(self.put_utterance(session, prompt) for prompt in self.prompts(session.id))
            self.library.additions.settle(session.dataset)
        return came

    def reviews(self, session_id: str) -> list[Review]:
        """What listeners said of a session's takes, in the order of time."""
        rows = self.db.conn.execute(
            f"SELECT {columns(REVIEW, 'r')} FROM reviews r JOIN takes t ON t.id = take_id"
            " JOIN prompts p ON p.id = prompt_id WHERE session_id = ? ORDER BY time, r.rowid",
            (session_id,),
        )
        return [Review(*row) for row in rows]

    def progress(self, session_id: str, now: float | None = None) -> Progress:
        """How far a session is. now: seconds since the Unix epoch; the clock's without it."""
        # Each as one row: asked for between any two prompts, thousands of rows would hold the window up.
        (prompts,), (takes,), (decided,) = (
            self.db.conn.execute(sql, (session_id,)).fetchone()
            for sql in (
                f"{_GROUP}(json_array(id, skipped_at IS NOT NULL, intent, json(slots))) FROM prompts{_ITS}",
                f"{_GROUP}(json_array(prompt_id, state, recorded_at, duration_s)) FROM {_TAKES}{_ITS}",
                f"{_GROUP}(time) FROM decisions{_ITS} AND what <> 'review'",
            )
        )
        return progress_of(
            [CountedPrompt(*row) for row in json.loads(prompts)],
            [CountedTake(*row) for row in json.loads(takes)],
            json.loads(decided),
            self.clock() if now is None else now,
        )

    # -- for the modules beside; inside a write_transaction -------------------------------------------

    def free_short(self, session_id: str) -> str:
        """The shortest beginning of the id, of 8 digits at least, that no other session has."""
        taken = {short for (short,) in self.db.conn.execute("SELECT short FROM sessions")}
        return next(
            session_id[:digits]
            for digits in range(_SHORTEST, len(session_id) + 1)
            if session_id[:digits] not in taken
        )

    def insert_session(self, session: Session) -> None:
        """Add the row of a session whose speaker is stored."""
        values = [getattr(session, name) for name in SESSION]
        self.db.conn.execute(
            insert("sessions", (*SESSION, "speaker_id")), (*map(_stored, values), session.speaker.id)
        )

    def insert_prompt(self, session_id: str, prompt: Prompt) -> int:
        """Add the row of a prompt; returns its id."""
        skipped_at = self.clock() if prompt.skipped else None
        added = self.db.conn.execute(
            insert("prompts", ("session_id", *PROMPT[1:])), (session_id, *prompt_row(prompt, skipped_at))
        )
        return int(added.lastrowid or 0)

    def add_take_row(self, take: TakeRow) -> TakeRow:
        """Add the row of a take with the next number of its prompt; returns it so. Raises UserError when the
        prompt is gone."""
        self.prompt(take.prompt_id)
        (number,) = self.db.conn.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM takes WHERE prompt_id = ?", (take.prompt_id,)
        ).fetchone()
        stored = replace(take, number=number)
        self.db.conn.execute(insert("takes", TAKE), take_row(stored, self.paths.home))
        return stored

    def put_utterance(self, session: Session, prompt: Prompt) -> bool:
        """Add the utterance of a prompt's accepted take, unless it is there; whether it was added. Afterwards
        the dataset is to be settled."""
        additions = self.library.additions
        taken = [take for take in self.takes(prompt.id) if take.state == "accepted"]
        utterance = utterance_of_take(session, prompt, taken[0]) if taken else None
        if utterance is None or additions.stored(session.dataset, session.key_of(prompt)) is not None:
            return False
        additions.put(utterance)
        return True

    def insert_speaker(self, speaker: Speaker) -> None:
        """Add the row of a speaker."""
        self.db.conn.execute(insert("speakers", SPEAKER), tuple(getattr(speaker, name) for name in SPEAKER))

    # -- inside ----------------------------------------------------------------------------------------

    def _keep_speaker(self, speaker: Speaker) -> Speaker:
        known = next((each for each in self.speakers() if each.code == speaker.code.strip()), None)
        if known is None:
            added = replace(speaker, code=speaker.code.strip(), id=uuid4().hex)
            self.insert_speaker(added)
            return added
        told = {name: value for name, value in vars(speaker).items() if value and name not in {"id", "code"}}
        for name, value in told.items():
            self.db.conn.execute(f"UPDATE speakers SET {name} = ? WHERE id = ?", (value, known.id))
        return replace(known, **told)

    def _select_sessions(self, where: str, *values: object) -> list[tuple[Any, ...]]:
        return self.db.conn.execute(
            f"SELECT {columns(SESSION, 's')}, {columns(SPEAKER, 'v')}"
            f" FROM sessions s JOIN speakers v ON v.id = speaker_id WHERE {where}",
            values,
        ).fetchall()

    def _prompts(self, where: str, *values: object) -> list[Prompt]:
        rows = self.db.conn.execute(f"SELECT {columns(PROMPT, 'p')} FROM prompts p WHERE {where}", values)
        return [prompt_of(row) for row in rows]

    def _takes(self, where: str, *values: object) -> list[TakeRow]:
        rows = self.db.conn.execute(
            f"SELECT {columns(TAKE, 't')} FROM takes t JOIN prompts p ON p.id = prompt_id WHERE {where}",
            values,
        )
        return [take_of(row, self.paths.home) for row in rows]


def _stored(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _refuse_bad_plan(plan: SessionPlan, prompts: Sequence[Prompt]) -> None:
    if not prompts:
        raise UserError("There is no prompt to record.", remedy="Choose texts, or another split of them.")
    if plan.split not in SPLITS:
        raise UserError(
            f'There is no split "{plan.split}".', where="split", remedy=f"Choose one of {', '.join(SPLITS)}."
        )
    code = plan.speaker.code.strip()
    if not re.fullmatch(r"[^\x00-\x1f\x7f]{1,64}", code):
        raise UserError(
            "The speaker needs a name or a code." if not code else "The speaker cannot be called so.",
            where="speaker",
            remedy="Use up to 64 letters, digits and signs.",
        )
