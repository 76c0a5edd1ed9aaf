"""The exchanges in the database, with their recordings beside it."""

# ruff: noqa: S608 - SQL is put together from this module's own constants only; every value is bound.

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from core.data.rows import label_of, slots_of
from core.errors import UserError
from core.inference.prediction import Prediction
from core.paths import AppPaths
from core.storage.database import Database, write_transaction
from core.tryout.kept import (
    Correction,
    HistoryQuery,
    KeptAnswer,
    KeptExchange,
    Line,
    words_of,
)

_EXCHANGE: Final = (
    "id, session, at, source, hands_free, text, transcript, recording, sha256, duration_s, remark, unheard,"
    " correction"
)
_ANSWER: Final = (
    "at, model_key, model_title, model, datasets, compared, waited_s, recording_s, prediction, intent, slots,"
    " confidence, took_s"
)
_LINE: Final = (
    "e.id, e.at, e.source, e.text, e.transcript, e.recording, e.duration_s, e.unheard, a.intent, a.slots,"
    " a.confidence, a.took_s, (SELECT count(*) FROM answers WHERE exchange = e.number), e.correction"
)
_WITH_ANSWER: Final = (
    "exchanges e LEFT JOIN answers a ON a.id ="
    " (SELECT id FROM answers WHERE exchange = e.number ORDER BY compared, at DESC LIMIT 1)"
)


class TalkSession(NamedTuple):
    """One sitting at Try it. began_at: seconds since the Unix epoch."""

    id: str
    began_at: float
    exchanges: int


class TryoutStore:
    """Reads and writes exchanges through one connection, on the thread that opened it."""

    def __init__(self, db: Database, paths: AppPaths) -> None:
        self.db = db
        self.paths = paths

    # -- writing ---------------------------------------------------------------------------------------

    def keep(self, exchange: KeptExchange) -> None:
        """Add an exchange with its answers; one of the same id stays as it is."""
        row = _exchange_row(exchange, self.paths.home)
        with write_transaction(self.db):
            added = self.db.conn.execute(
                f"INSERT INTO exchanges ({_EXCHANGE}, words) VALUES ({_marks(row)})"
                " ON CONFLICT (id) DO NOTHING",
                row,
            )
            if added.rowcount:
                for answer in exchange.answers:
                    self._put_answer(exchange.id, answer)

    def answer(self, id_: str, answer: KeptAnswer) -> None:
        """Add a model's answer, in the place of an older one of the same model; nothing happens to an
        exchange that was removed meanwhile."""
        with write_transaction(self.db):
            self._put_answer(id_, answer)
            self._index(id_)

    def transcribe(self, id_: str, words: str) -> None:
        """Note what was said."""
        with write_transaction(self.db):
            self.db.conn.execute("UPDATE exchanges SET transcript = ? WHERE id = ?", (words, id_))
            self._index(id_)

    def set_correction(self, id_: str, correction: Correction | None) -> None:
        """Note what should have been answered. Belongs inside the transaction that saves the utterance."""
        written = None if correction is None else _correction_text(correction)
        self.db.conn.execute("UPDATE exchanges SET correction = ? WHERE id = ?", (written, id_))
        self._index(id_)

    def delete(self, ids: Sequence[str]) -> int:
        """Remove exchanges and their recordings for good; returns how many there were.

        Recordings that a dataset uses, and files that were only opened, stay. Raises UserError when one
        cannot be removed; the exchanges stay then, and it may be tried again.
        """
        with write_transaction(self.db):
            chosen = json.dumps(list(ids))
            found = self.db.conn.execute(
                "SELECT source, recording FROM exchanges WHERE id IN (SELECT value FROM json_each(?))",
                (chosen,),
            ).fetchall()
            recordings = [self.paths.home / name for source, name in found if name and source == "microphone"]
            # Files first: were the rows gone and not the files, nobody would know of the files any more.
            for path in self._only_ours(recordings):
                _remove(path)
            self.db.conn.execute(
                "DELETE FROM exchanges WHERE id IN (SELECT value FROM json_each(?))", (chosen,)
            )
        return len(found)

    def delete_session(self, session: str) -> int:
        """`delete` for all of a session."""
        rows = self.db.conn.execute("SELECT id FROM exchanges WHERE session = ?", (session,))
        return self.delete([id_ for (id_,) in rows])

    # -- reading ---------------------------------------------------------------------------------------

    def lines(self, query: HistoryQuery, limit: int = -1, only: str | None = None) -> list[Line]:
        """The newest exchanges that the query finds, the newest first. only: none but that of this id."""
        where, values = _conditions(query)
        if only is not None:
            where, values = f"{where} AND e.id = ?", [*values, only]
        rows = self.db.conn.execute(
            f"SELECT {_LINE} FROM {_WITH_ANSWER} WHERE {where} ORDER BY e.at DESC, e.number DESC LIMIT ?",
            (*values, limit),
        )
        return [_line(row) for row in rows.fetchall()]

    def find(self, query: HistoryQuery) -> list[KeptExchange]:
        """All exchanges that the query finds, the oldest first."""
        where, values = _conditions(query)
        ids = self.db.conn.execute(f"SELECT e.id FROM exchanges e WHERE {where} ORDER BY e.number", values)
        found = (self.exchange(id_) for (id_,) in ids.fetchall())
        return [each for each in found if each is not None]

    def exchange(self, id_: str) -> KeptExchange | None:
        """One exchange with all its answers, the oldest first; None when it was removed."""
        row = self.db.conn.execute(f"SELECT {_EXCHANGE} FROM exchanges WHERE id = ?", (id_,)).fetchone()
        if row is None:
            return None
        answers = self.db.conn.execute(
            f"SELECT {_ANSWER} FROM answers WHERE exchange = (SELECT number FROM exchanges WHERE id = ?)"
            " ORDER BY at, id",
            (id_,),
        )
        return replace(_exchange(row, self.paths.home), answers=tuple(map(_answer, answers.fetchall())))

    def sessions(self) -> list[TalkSession]:
        """All sessions with exchanges, the newest first."""
        rows = self.db.conn.execute(
            "SELECT session, min(at), count(*) FROM exchanges GROUP BY session ORDER BY min(at) DESC"
        )
        return [TalkSession(*row) for row in rows.fetchall()]

    # -- inside ----------------------------------------------------------------------------------------

    def _put_answer(self, id_: str, answer: KeptAnswer) -> None:
        number = self.db.conn.execute("SELECT number FROM exchanges WHERE id = ?", (id_,)).fetchone()
        if number is None:
            return
        row = (number[0], *_answer_row(answer))
        self.db.conn.execute(
            f"INSERT OR REPLACE INTO answers (exchange, {_ANSWER}) VALUES ({_marks(row)})", row
        )

    def _index(self, id_: str) -> None:
        exchange = self.exchange(id_)
        if exchange is not None:
            self.db.conn.execute("UPDATE exchanges SET words = ? WHERE id = ?", (words_of(exchange), id_))

    def _only_ours(self, recordings: Iterable[Path]) -> list[Path]:
        """Those that the program made for the history alone."""
        takes = self.paths.takes
        ours = [path for path in recordings if path.is_relative_to(takes)]
        # As a dataset may name it: within the home, absolute, or through a link.
        names = {
            path: (str(path.relative_to(self.paths.home)), str(path), str(path.resolve())) for path in ours
        }
        every = json.dumps([name for each in names.values() for name in each])
        rows = self.db.conn.execute(
            "SELECT DISTINCT audio FROM utterances WHERE audio IN (SELECT value FROM json_each(?))", (every,)
        )
        used = {audio for (audio,) in rows.fetchall()}
        return [path for path in ours if used.isdisjoint(names[path])]


def _conditions(query: HistoryQuery) -> tuple[str, list[object]]:
    clauses, values = ["1"], list[object]()
    if query.session is not None:
        clauses.append("e.session = ?")
        values.append(query.session)
    for part in query.parts:
        clauses.append("instr(e.words, ?) > 0")
        values.append(part)
    return " AND ".join(clauses), values


def _marks(row: Sequence[object]) -> str:
    return ", ".join("?" * len(row))


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"A recording could not be removed ({error.strerror or error}), so nothing was.",
            where=str(path),
            remedy="Close other programs that use it, make its folder writable, and try again.",
            details=repr(error),
        ) from error


# -- rows ----------------------------------------------------------------------------------------------


def _exchange_row(exchange: KeptExchange, home: Path) -> tuple[object, ...]:
    recording = exchange.recording
    if recording is not None and recording.is_relative_to(home):
        recording = recording.relative_to(home)
    return (
        exchange.id,
        exchange.session,
        exchange.at,
        exchange.source,
        exchange.hands_free,
        exchange.text,
        exchange.transcript,
        None if recording is None else str(recording),
        exchange.sha256,
        exchange.duration_s,
        exchange.remark,
        None if exchange.unheard is None else json.dumps(exchange.unheard, ensure_ascii=False),
        None if exchange.correction is None else _correction_text(exchange.correction),
        words_of(exchange),
    )


def _exchange(row: Sequence[Any], home: Path) -> KeptExchange:
    id_, session, at, source, hands_free, text, transcript, recording, sha256, duration_s, remark, *rest = row
    unheard, correction = rest
    return KeptExchange(
        id=id_,
        session=session,
        at=at,
        source=source,
        text=text,
        transcript=transcript,
        recording=None if recording is None else home / recording,
        sha256=sha256,
        duration_s=duration_s,
        remark=remark,
        hands_free=bool(hands_free),
        unheard=None if unheard is None else tuple(json.loads(unheard)),
        correction=None if correction is None else _correction(correction),
    )


def _answer_row(answer: KeptAnswer) -> tuple[object, ...]:
    prediction, label = answer.prediction, answer.prediction.label
    return (
        answer.at,
        answer.model_key,
        answer.model_title,
        answer.model,
        None if answer.datasets is None else json.dumps(answer.datasets),
        answer.compared,
        answer.waited_s,
        answer.recording_s,
        json.dumps(prediction.as_dict(), ensure_ascii=False),
        None if label is None else label.intent,
        "[]" if label is None else slots_of(label),
        prediction.confidence,
        answer.took_s,
    )


def _answer(row: Sequence[Any]) -> KeptAnswer:
    at, key, title, model, datasets, compared, waited_s, recording_s, prediction, *_ = row
    return KeptAnswer(
        at=at,
        model_key=key,
        model_title=title,
        model=model,
        datasets=None if datasets is None else tuple(json.loads(datasets)),
        prediction=Prediction.from_dict(json.loads(prediction)),
        waited_s=waited_s,
        recording_s=recording_s,
        compared=bool(compared),
    )


def _line(row: Sequence[Any]) -> Line:
    id_, at, source, text, transcript, recording, duration_s, unheard, intent, slots, *rest = row
    confidence, took_s, models, correction = rest
    corrected = None if correction is None else _correction(correction).label
    return Line(
        id=id_,
        at=at,
        source=source,
        said=text or transcript,
        recorded=recording is not None,
        duration_s=duration_s,
        unheard="" if unheard is None else json.loads(unheard)[0],
        intent=intent,
        slots=slots or "[]",
        confidence=confidence,
        took_s=took_s,
        models=models,
        correction="" if corrected is None else corrected.words,
        right=intent is not None and corrected == label_of(intent, slots),
        kept=True,
    )


def _correction_text(correction: Correction) -> str:
    written = asdict(correction) | {"label": [correction.label.intent, slots_of(correction.label)]}
    return json.dumps(written, ensure_ascii=False)


def _correction(written: str) -> Correction:
    values = json.loads(written)
    return Correction(**{**values, "label": label_of(*values["label"])})
