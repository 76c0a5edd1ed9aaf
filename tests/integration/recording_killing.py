"""A recording session that records by itself, to be killed, and what must be there afterwards.

    python -m tests.integration.recording_killing HOME SESSION

goes through the session's open prompts without a microphone, and says on its output what it does, one thing
a line: "recording ID", "captured ID SECONDS", "writing ID", "advancing ID", "accepted ID POSITION",
"undoing ID POSITION".
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from core.data.utterance import Label, Slot
from core.paths import AppPaths
from core.recording.finishing import finish_take
from core.recording.recovery import WORTH_S, Unfinished, discard, recover, sweep
from core.recording.session import Prompt, Session, SessionPlan, Speaker
from core.recording.spool import Spool, new_facts
from core.recording.store import RecordingStore
from core.storage.database import open_database

Phase = Literal["recording", "writing", "advancing"]
LONGEST_S: dict[Phase, float] = {"recording": 0.2, "writing": 0.015, "advancing": 0.002}
"""How long a phase of the script may take here; a kill falls somewhere in it, or just behind it."""

_ROOT = Path(__file__).resolve().parents[2]
_RATE = 48_000
_BLOCK_S = 0.05
_SAID_WITHIN_S = 60.0


def session_to_kill(store: RecordingStore, prompts: int = 2000) -> Session:
    """One with more prompts than are recorded before it is killed for the last time."""
    texts = [
        Prompt(0, 0, f"turn on lamp {number}", Label("lamp_on", (Slot("lamp", str(number)),)), "en")
        for number in range(prompts)
    ]
    plan = SessionPlan("mine", Speaker("ann"), device="scripted", rate=_RATE, keep_original=True)
    return store.begin(plan, texts)


@dataclass
class Said:
    """What a killed script had said. captured: id -> seconds; accepted: position -> id; undoing: the position
    whose acceptance it was taking back when it was killed, if it was."""

    phase: str = ""
    captured: dict[str, float] = field(default_factory=dict)
    accepted: dict[int, str] = field(default_factory=dict)
    undoing: int = 0

    def hear(self, line: str) -> None:
        what, take_id, *rest = line.split()
        self.phase = what
        if what == "captured":
            self.captured[take_id] = float(rest[0])
        if what == "accepted":
            self.accepted[int(rest[0])] = take_id
        self.undoing = int(rest[0]) if what == "undoing" else 0
        if what == "undoing":
            self.accepted.pop(int(rest[0]), None)


def run_and_kill(paths: AppPaths, session: Session, phase: Phase, said: Said) -> None:
    """Start the script, wait until it has come into the phase, kill it there; `said` takes what it said."""
    command = [sys.executable, "-m", __spec__.name, str(paths.home), session.id]
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as script:
        assert script.stdout is not None
        # Not always the first: later prompts are taken again, taken back or skipped.
        left, deadline = random.randint(1, 5), time.monotonic() + _SAID_WITHIN_S
        for line in script.stdout:
            said.hear(line)
            left -= line.startswith(phase)
            assert time.monotonic() < deadline
            if not left:
                break
        time.sleep(random.uniform(0, LONGEST_S[phase]))
        assert script.poll() is None, "the script ended by itself"
        os.killpg(script.pid, signal.SIGKILL)
        for line in script.stdout:
            if line.endswith("\n"):
                said.hear(line)


@dataclass(frozen=True)
class Found:
    """What a restart found. lost: accepted takes that are gone, not whole, or not in the dataset. orphans:
    files that belong to nothing. in_progress: seconds that are known to have been captured of a take that has
    no row. offered: seconds of the take that is offered. wrong: other contradictions."""

    lost: tuple[str, ...]
    orphans: tuple[str, ...]
    in_progress: float
    offered: float
    wrong: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        missed = self.in_progress >= WORTH_S and self.offered < self.in_progress - 1e-6
        return not (self.lost or self.orphans or self.wrong or missed or 0 < self.offered < WORTH_S)


def restart(paths: AppPaths, session: Session, said: Said, *, keep: bool) -> Found:
    """Look at the home as the program does at its start. keep: whether what is offered becomes a take, or is
    let go."""
    with open_database(paths.database) as db:
        store = RecordingStore(db, paths)
        unfinished = sweep(store)
        offered = {each.path for each in unfinished}
        takes = store.takes_of_session(session.id)
        stored = {take.id for take in takes}
        last = list(said.captured)[-1] if said.captured else ""
        known = {path for take in takes for path in (take.path, take.original) if path is not None}
        files = {path for path in paths.recordings.rglob("*") if path.is_file()}
        found = Found(
            lost=tuple(_lost(store, session, said)),
            orphans=tuple(sorted(path.name for path in files - known - offered)),
            in_progress=0.0 if last in stored or said.phase == "cancelling" else said.captured.get(last, 0.0),
            offered=max((each.seconds for each in unfinished), default=0.0),
            wrong=tuple(_wrong(store, session, known - files)),
        )
        _deal_with(store, unfinished, keep=keep)
        said.captured.clear()
        left = {path for path in paths.recordings.rglob("*") if path.is_file()} - known
        recovered = {
            path for take in store.takes_of_session(session.id) for path in (take.path, take.original)
        }
        assert left <= recovered
        assert sweep(store) == []
    return found


def _deal_with(store: RecordingStore, unfinished: list[Unfinished], *, keep: bool) -> None:
    for each in unfinished:
        if keep:
            assert recover(store, each).duration_s >= WORTH_S - 0.01
        else:
            discard(each)


def _lost(store: RecordingStore, session: Session, said: Said) -> list[str]:
    prompts = {prompt.position: prompt for prompt in store.prompts(session.id)}
    utterances = {each.key: each for each in store.library.utterances(store.library.names())}
    lost = []
    for position, take_id in said.accepted.items():
        takes = {take.id: take for take in store.takes(prompts[position].id)}
        accepted = [take for take in takes.values() if take.state == "accepted"]
        mine = takes.get(take_id)
        whole = mine is not None and hashlib.sha256(mine.path.read_bytes()).hexdigest() == mine.sha256
        # A later take of the same prompt may have been accepted, and the script killed before it said so.
        utterance = utterances.get(session.key_of(prompts[position]))
        shown = utterance is not None and [take.path for take in accepted] == [utterance.audio]
        if not (whole and shown):
            lost.append(take_id)
    return lost


def _wrong(store: RecordingStore, session: Session, missing: set[Path]) -> list[str]:
    wrong = [f"missing: {path.name}" for path in missing]
    accepted = sum(take.state == "accepted" for take in store.takes_of_session(session.id))
    if accepted and store.library.dataset(session.dataset).counts["test"]["speech"] != accepted:
        wrong.append("the numbers of the dataset")
    # Raises when the index of words and the utterances differ.
    store.db.conn.execute("INSERT INTO utterance_words (utterance_words, rank) VALUES ('integrity-check', 1)")
    return wrong


def _say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def _record(store: RecordingStore, session: Session, prompt: Prompt, samples: np.ndarray) -> Spool:
    facts = new_facts(session.id, prompt.id, "scripted", _RATE, store.clock())
    _say("recording", facts.take_id)
    spool = Spool.begin(store.folder(session.id), facts)
    for block in np.array_split(samples, round(len(samples) / _RATE / _BLOCK_S)):
        spool.append(block)
        _say("captured", facts.take_id, spool.samples / _RATE)
        time.sleep(_BLOCK_S / 5)
    return spool


def _accept(store: RecordingStore, prompt: Prompt, spool: Spool) -> str:
    take_id = spool.facts.take_id
    _say("writing", take_id)
    finish_take(store, spool)
    _say("advancing", take_id)
    store.decisions.accept(take_id)
    _say("accepted", take_id, prompt.position)
    return take_id


def main() -> None:
    home, session_id = sys.argv[1:]
    paths = AppPaths(Path(home))
    noise = np.random.default_rng(17)
    with open_database(paths.database) as db:
        store = RecordingStore(db, paths)
        session = store.session(session_id)
        while (prompt := store.first_open(session.id)) is not None:
            samples = (0.1 * noise.standard_normal(round(_RATE * noise.uniform(0.4, 1.4)))).astype(np.float32)
            take_id = _accept(store, prompt, _record(store, session, prompt, samples))
            if prompt.position % 4 == 1:
                _accept(store, prompt, _record(store, session, prompt, samples))
            if prompt.position % 4 == 2:
                spool = _record(store, session, prompt, samples)
                _say("cancelling", take_id)
                spool.discard()
            if prompt.position % 4 == 3:
                _say("undoing", take_id, prompt.position)
                store.decisions.undo(session.id)
                store.decisions.accept(take_id)
                _say("accepted", take_id, prompt.position)


if __name__ == "__main__":
    main()
