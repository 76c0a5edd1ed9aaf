"""The tables of spoonful.db. The only place that writes SQL DDL.

A migration, once released, is never edited: append the next one. `PRAGMA user_version` counts those
applied.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """
    CREATE TABLE datasets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        created_at TEXT NOT NULL
    ) STRICT
    """,
    # AUTOINCREMENT: an id is never used again, so that a run's stored answers never point at the
    # utterance of a dataset imported later. slots: JSON list of [type, filler].
    """
    CREATE TABLE utterances (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
        text TEXT,
        audio TEXT,
        duration_s REAL,
        intent TEXT NOT NULL,
        slots TEXT NOT NULL,
        language TEXT NOT NULL,
        speaker TEXT NOT NULL,
        CHECK (text IS NOT NULL OR audio IS NOT NULL),
        UNIQUE (dataset_id, key)
    ) STRICT
    """,
    # The bare dataset index ends in the row id: a deep page of the table is found without a sort.
    "CREATE INDEX utterances_by_dataset ON utterances (dataset_id)",
    "CREATE INDEX utterances_by_split ON utterances (dataset_id, split)",
    "CREATE INDEX utterances_by_intent ON utterances (dataset_id, intent)",
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        scheme TEXT NOT NULL,
        base_model TEXT NOT NULL,
        speech_share REAL NOT NULL,
        experiment TEXT NOT NULL,
        state TEXT NOT NULL,
        request TEXT,
        created_at REAL NOT NULL,
        started_at REAL,
        ended_at REAL,
        pid INTEGER,
        process_started REAL,
        heartbeat REAL,
        global_step INTEGER NOT NULL DEFAULT 0,
        total_steps INTEGER NOT NULL DEFAULT 0,
        stage TEXT NOT NULL DEFAULT '',
        activity TEXT NOT NULL DEFAULT '',
        outcome TEXT
    ) STRICT
    """,
    """
    CREATE TABLE steps (
        run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        global_step INTEGER NOT NULL,
        stage INTEGER NOT NULL,
        epoch REAL NOT NULL,
        loss REAL NOT NULL,
        loss_text REAL,
        loss_speech REAL,
        learning_rate REAL NOT NULL,
        utterances_per_s REAL NOT NULL,
        memory_mb REAL NOT NULL,
        time REAL NOT NULL,
        PRIMARY KEY (run_id, global_step)
    ) STRICT, WITHOUT ROWID
    """,
    # run_id is null for a score of a base model; input: 'speech', 'text', 'cascade' or 'shuffled speech'.
    """
    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
        global_step INTEGER NOT NULL,
        stage INTEGER NOT NULL,
        dataset TEXT NOT NULL,
        split TEXT NOT NULL,
        input TEXT NOT NULL,
        n INTEGER NOT NULL,
        final INTEGER NOT NULL,
        time REAL NOT NULL
    ) STRICT
    """,
    "CREATE INDEX evaluations_by_run ON evaluations (run_id, global_step)",
    """
    CREATE TABLE scores (
        evaluation_id INTEGER NOT NULL REFERENCES evaluations(id) ON DELETE CASCADE,
        metric TEXT NOT NULL,
        value REAL NOT NULL,
        low REAL,
        high REAL,
        PRIMARY KEY (evaluation_id, metric)
    ) STRICT, WITHOUT ROWID
    """,
    # No reference to utterances: answers outlive a dataset that is deleted or imported again. They do so
    # whole only with the columns that _ANSWERS_STAND_ALONE adds; before it, what was asked was lost.
    """
    CREATE TABLE predictions (
        evaluation_id INTEGER NOT NULL REFERENCES evaluations(id) ON DELETE CASCADE,
        utterance_id INTEGER NOT NULL,
        predicted_intent TEXT,
        predicted_slots TEXT,
        raw TEXT NOT NULL,
        confidence REAL,
        correct INTEGER NOT NULL,
        PRIMARY KEY (evaluation_id, utterance_id)
    ) STRICT, WITHOUT ROWID
    """,
)

_ANSWERS_STAND_ALONE: Final = (
    # What was asked, beside the answer: the utterance goes when its dataset is deleted or replaced, even by
    # the very same file. All NULL where it was gone before this migration. gold_slots: as utterances.slots.
    "ALTER TABLE predictions ADD COLUMN key TEXT",
    "ALTER TABLE predictions ADD COLUMN text TEXT",
    "ALTER TABLE predictions ADD COLUMN gold_intent TEXT",
    "ALTER TABLE predictions ADD COLUMN gold_slots TEXT",
    """
    UPDATE predictions SET (key, text, gold_intent, gold_slots) =
        (SELECT key, text, intent, slots FROM utterances WHERE id = utterance_id)
    """,
)

_RUNS_WARN: Final = (
    # JSON object: what it is about -> the sentence.
    "ALTER TABLE runs ADD COLUMN warnings TEXT NOT NULL DEFAULT '{}'",
)

_ORIGIN_AND_QUARANTINE: Final = (
    # What the imported file said beyond our columns, as a JSON object: an export gives it back.
    "ALTER TABLE utterances ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
    # Why the user set it aside; NULL while it is used.
    "ALTER TABLE utterances ADD COLUMN quarantined TEXT",
    # JSON of what counts all its utterances; NULL where it has to be counted, as for those from before.
    "ALTER TABLE datasets ADD COLUMN summary TEXT",
)

_LOOKED_AFTER: Final = (
    # The engine and voice that spoke the recording, as "espeak-ng: en-gb"; empty for a person's.
    "ALTER TABLE utterances ADD COLUMN synthetic TEXT NOT NULL DEFAULT ''",
    # When the dataset was last checked; NULL when it never was, or was imported again since.
    "ALTER TABLE datasets ADD COLUMN checked_at TEXT",
    """
    CREATE TABLE problems (
        id INTEGER PRIMARY KEY,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        severity TEXT NOT NULL,
        kind TEXT NOT NULL,
        what TEXT NOT NULL,
        place TEXT NOT NULL,
        remedy TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX problems_by_dataset ON problems (dataset_id)",
    """
    CREATE TABLE problem_utterances (
        problem_id INTEGER NOT NULL REFERENCES problems(id) ON DELETE CASCADE,
        utterance_id INTEGER NOT NULL REFERENCES utterances(id) ON DELETE CASCADE,
        PRIMARY KEY (problem_id, utterance_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX problems_by_utterance ON problem_utterances (utterance_id)",
    # Who changed what by hand. No reference: it outlives the dataset. before, after: text; of field
    # "label" JSON [intent, [[type, filler], ...]].
    """
    CREATE TABLE edits (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        author TEXT NOT NULL,
        dataset TEXT NOT NULL,
        key TEXT NOT NULL,
        field TEXT NOT NULL,
        before TEXT,
        after TEXT
    ) STRICT
    """,
    "CREATE INDEX edits_by_utterance ON edits (dataset, key)",
    # The words of all utterances, which stay in their table. detail: who has a word, not where it stands.
    """
    CREATE VIRTUAL TABLE utterance_words USING fts5(
        text, key, slots, speaker,
        content = 'utterances', content_rowid = 'id', detail = none,
        tokenize = 'unicode61 remove_diacritics 2'
    )
    """,
    "INSERT INTO utterance_words (utterance_words) VALUES ('rebuild')",
    # Not for what is added: an import does that for all of its rows at once, in a fraction of the time.
    """
    CREATE TRIGGER utterance_forgotten AFTER DELETE ON utterances BEGIN
        INSERT INTO utterance_words (utterance_words, rowid, text, key, slots, speaker)
            VALUES ('delete', old.id, old.text, old.key, old.slots, old.speaker);
    END
    """,
    """
    CREATE TRIGGER utterance_changed AFTER UPDATE OF text, key, slots, speaker ON utterances BEGIN
        INSERT INTO utterance_words (utterance_words, rowid, text, key, slots, speaker)
            VALUES ('delete', old.id, old.text, old.key, old.slots, old.speaker);
        INSERT INTO utterance_words (rowid, text, key, slots, speaker)
            VALUES (new.id, new.text, new.key, new.slots, new.speaker);
    END
    """,
)

_RECORDED: Final = (
    # Ids of people, sessions, takes and reviews are random, so that those of several computers come together
    # without a clash. consent_on: the day, ISO 8601; NULL when not given.
    """
    CREATE TABLE speakers (
        id TEXT PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        age_band TEXT NOT NULL DEFAULT '',
        gender TEXT NOT NULL DEFAULT '',
        accent TEXT NOT NULL DEFAULT '',
        notes TEXT NOT NULL DEFAULT '',
        consent_on TEXT
    ) STRICT
    """,
    # short: what keys of its utterances begin with. rate: Hz of the device, NULL for the device's own choice.
    # seed: of the shuffled order, NULL for the order as it is. Times are seconds since the Unix epoch.
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        short TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL,
        dataset TEXT NOT NULL,
        split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
        speaker_id TEXT NOT NULL REFERENCES speakers(id),
        device TEXT NOT NULL,
        rate INTEGER,
        keep_original INTEGER NOT NULL,
        seed INTEGER,
        source TEXT NOT NULL
    ) STRICT
    """,
    # intent, slots: both NULL where nobody has labelled the text; slots as utterances.slots.
    """
    CREATE TABLE prompts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        intent TEXT,
        slots TEXT,
        language TEXT NOT NULL,
        origin TEXT NOT NULL,
        skipped_at REAL,
        UNIQUE (session_id, position)
    ) STRICT
    """,
    # path, original: of the files, relative to the home; original: at the device's rate, where it is kept.
    # verdict: JSON list. gaps: how often sound was lost.
    """
    CREATE TABLE takes (
        id TEXT PRIMARY KEY,
        prompt_id INTEGER NOT NULL REFERENCES prompts(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        recorded_at REAL NOT NULL,
        device TEXT NOT NULL,
        rate INTEGER NOT NULL,
        duration_s REAL NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        original TEXT,
        original_sha256 TEXT,
        verdict TEXT NOT NULL DEFAULT '[]',
        gaps INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'accepted', 'rejected')),
        reason TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        UNIQUE (prompt_id, number)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX takes_accepted ON takes (prompt_id) WHERE state = 'accepted'",
    # What listeners said; of one listener the last word on a take counts.
    """
    CREATE TABLE reviews (
        id TEXT PRIMARY KEY,
        take_id TEXT NOT NULL REFERENCES takes(id) ON DELETE CASCADE,
        reviewer TEXT NOT NULL,
        time REAL NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('accept', 'reject')),
        reason TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX reviews_by_take ON reviews (take_id)",
    # What was decided, for an undo. before: JSON of what it changed; undone: when it was taken back.
    """
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
        prompt_id INTEGER NOT NULL REFERENCES prompts(id) ON DELETE CASCADE,
        time REAL NOT NULL,
        what TEXT NOT NULL,
        before TEXT NOT NULL,
        undone REAL
    ) STRICT
    """,
    "CREATE INDEX decisions_by_session ON decisions (session_id, id)",
)

_TRIED: Final = (
    # What was said at Try it. text: as typed. recording: relative to the home where it lies inside. datasets
    # of an answer: JSON list, NULL for a run, which knows its own. unheard: JSON [headline, reason] where
    # there was nothing to answer. correction: JSON. words: all that is searched, folded.
    """
    CREATE TABLE exchanges (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        session TEXT NOT NULL,
        at REAL NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('microphone', 'file', 'text')),
        hands_free INTEGER NOT NULL,
        text TEXT NOT NULL,
        transcript TEXT NOT NULL,
        recording TEXT,
        sha256 TEXT NOT NULL,
        duration_s REAL,
        remark TEXT NOT NULL,
        unheard TEXT,
        correction TEXT,
        words TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX exchanges_by_session ON exchanges (session, at)",
    "CREATE INDEX exchanges_by_time ON exchanges (at)",
    # compared: asked beside the chosen model. prediction: JSON; intent to took_s repeat what lists show.
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        exchange INTEGER NOT NULL REFERENCES exchanges(number) ON DELETE CASCADE,
        at REAL NOT NULL,
        model_key TEXT NOT NULL,
        model_title TEXT NOT NULL,
        model TEXT NOT NULL,
        datasets TEXT,
        compared INTEGER NOT NULL,
        waited_s REAL,
        recording_s REAL,
        prediction TEXT NOT NULL,
        intent TEXT,
        slots TEXT NOT NULL,
        confidence REAL NOT NULL,
        took_s REAL NOT NULL,
        UNIQUE (exchange, model_key)
    ) STRICT
    """,
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    _FIRST,
    _ANSWERS_STAND_ALONE,
    _RUNS_WARN,
    _ORIGIN_AND_QUARANTINE,
    _LOOKED_AFTER,
    _RECORDED,
    _TRIED,
)
