"""Changes of single utterances by hand: who changed what, when, and from what to what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from core.data.rows import label_of, slots_of
from core.data.utterance import Label, Slot
from core.errors import UserError
from core.storage.database import Database, write_transaction

Field = Literal["text", "label"]
NOT_SEEN: Final = "\0"
"""Whoever changes something has not looked what it was."""
Seen = str | Label | None

_HISTORY: Final = "SELECT id, time, author, dataset, key, field, before, after FROM edits"


@dataclass(frozen=True)
class Edit:
    """One change. time: ISO 8601, UTC. before, after: a text (None: there was none), or a label."""

    id: int
    time: str
    author: str
    dataset: str
    key: str
    field: Field
    before: str | Label | None
    after: str | Label | None


class Edits:
    """Changes utterances and keeps every change, for ever.

    dataset_id: finds a dataset's row by its name, or raises UserError. changed: called within the transaction
    with the row of a dataset whose numbers may have changed.
    """

    def __init__(
        self, db: Database, dataset_id: Callable[[str], int], changed: Callable[[int], None]
    ) -> None:
        self._db = db
        self._dataset_id = dataset_id
        self._changed = changed

    def set_text(
        self, dataset: str, key: str, text: str | None, author: str, seen: Seen = NOT_SEEN
    ) -> Edit | None:
        """Give an utterance another text, without the space around it; None takes it away from a recording.

        seen: the text that was to be changed. Returns the change, None when nothing changes. Raises UserError
        when another text stands there by now, neither text nor recording would be left, or there is no such
        utterance.
        """
        text = (text or "").strip() or None
        if text is None and self._row(dataset, key)[1] is None:
            raise UserError(
                "An utterance without a recording needs its text.",
                where=f"{dataset}/{key}",
                remedy="Write what is said, or set the utterance aside.",
            )
        return self._change(dataset, key, "text", text, author, seen)

    def set_label(
        self, dataset: str, key: str, label: Label, author: str, seen: Seen = NOT_SEEN
    ) -> Edit | None:
        """Give an utterance another label, without the space around its parts.

        seen: the label that was to be changed. Returns the change, None when nothing changes. Raises
        UserError when another label stands there by now, the intent, a type or a filler is empty, or there is
        no such utterance.
        """
        stripped = Label(
            label.intent.strip(), tuple(Slot(s.type.strip(), s.filler.strip()) for s in label.slots)
        )
        named = [("intent", stripped.intent)]
        for slot in stripped.slots:
            named += [("type of a slot", slot.type), (f"filler of {slot.type or 'a slot'}", slot.filler)]
        for name, value in named:
            if not value:
                raise UserError(
                    f"The {name} is empty.",
                    where=f"{dataset}/{key}",
                    remedy="Fill it in, or take the slot away.",
                )
        return self._change(dataset, key, "label", stripped, author, seen)

    def undo(self, edit: Edit, author: str) -> Edit | None:
        """Give back what was there before a change; that is a change, too.

        Raises UserError when the utterance is gone or has been changed otherwise since.
        """
        return self._change(edit.dataset, edit.key, edit.field, edit.before, author, edit.after)

    def history(self, dataset: str, key: str | None = None) -> list[Edit]:
        """All changes of a dataset, or of one of its utterances, the newest first; also of those deleted."""
        where, values = ("", ()) if key is None else (" AND key = ?", (key,))
        rows = self._db.conn.execute(
            f"{_HISTORY} WHERE dataset = ?{where} ORDER BY id DESC", (dataset, *values)
        ).fetchall()
        return [
            Edit(id_, time, author, name, of, field, _read(field, before), _read(field, after))
            for id_, time, author, name, of, field, before, after in rows
        ]

    def since_import(self, dataset: str) -> int:
        """How many changes a dataset has seen since it was imported, which another import would not have."""
        created, *_ = self._db.conn.execute(
            "SELECT created_at FROM datasets WHERE id = ?", (self._dataset_id(dataset),)
        ).fetchone()
        return sum(edit.time > created for edit in self.history(dataset))

    def _change(
        self, dataset: str, key: str, field: Field, after: str | Label | None, author: str, seen: Seen
    ) -> Edit | None:
        with write_transaction(self._db):
            before = self._now(dataset, key, field)
            if before == after:
                return None
            if seen not in (NOT_SEEN, before):
                raise UserError(
                    f"The {field} was changed elsewhere since: it says {_shown(before)} now.",
                    where=f"{dataset}/{key}",
                    remedy="Look at it again, and change or undo that first.",
                )
            dataset_id = self._dataset_id(dataset)
            columns, values = (
                ("intent = ?, slots = ?", (after.intent, slots_of(after)))
                if isinstance(after, Label)
                else ("text = ?", (after,))
            )
            execute = self._db.conn.execute
            execute(
                f"UPDATE utterances SET {columns} WHERE dataset_id = ? AND key = ?",  # noqa: S608 - constants
                (*values, dataset_id, key),
            )
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            added = execute(
                "INSERT INTO edits (time, author, dataset, key, field, before, after)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (now, author, dataset, key, field, _written(before), _written(after)),
            )
            self._changed(dataset_id)
            return Edit(int(added.lastrowid or 0), now, author, dataset, key, field, before, after)

    def _now(self, dataset: str, key: str, field: Field) -> str | Label | None:
        text, _, intent, slots = self._row(dataset, key)
        return text if field == "text" else label_of(intent, slots)

    def _row(self, dataset: str, key: str) -> tuple[str | None, str | None, str, str]:
        row: tuple[str | None, str | None, str, str] | None = self._db.conn.execute(
            "SELECT text, audio, intent, slots FROM utterances WHERE dataset_id = ? AND key = ?",
            (self._dataset_id(dataset), key),
        ).fetchone()
        if row is None:
            raise UserError(
                "This utterance is no longer in the library.",
                where=f"{dataset}/{key}",
                remedy="Another window may have imported its dataset anew; look at it again.",
            )
        return row


def _shown(value: str | Label | None) -> str:
    if isinstance(value, Label):
        return value.words
    return f'"{value}"' if value is not None else "nothing"


def _written(value: str | Label | None) -> str | None:
    if isinstance(value, Label):
        return json.dumps([value.intent, json.loads(slots_of(value))], ensure_ascii=False)
    return value


def _read(field: Field, value: str | None) -> str | Label | None:
    if field == "text" or value is None:
        return value
    intent, slots = json.loads(value)
    return label_of(intent, json.dumps(slots))
