"""A session from one computer to another, and all that can be wrong with its file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.utterance import Label
from core.errors import UserError
from core.paths import AppPaths
from core.recording.exchange import export_session, import_session
from core.recording.recovery import sweep
from core.recording.session import Session, SessionPlan, Speaker
from core.recording.store import RecordingStore
from core.storage.database import open_database
from tests.core.recording.conftest import ANN, PROMPTS, Record, utterances
from tests.core.recording.test_finishing import files_in


@pytest.fixture
def other(tmp_path: Path) -> Iterator[RecordingStore]:
    """Another computer."""
    paths = AppPaths(tmp_path / "other").create()
    with open_database(paths.database) as db:
        yield RecordingStore(db, paths)


@pytest.fixture
def exported(store: RecordingStore, record: Record, tmp_path: Path) -> tuple[Session, Path]:
    """A session with an accepted take and its rejected forerunner, one kept, and one with its original."""
    session = store.begin(SessionPlan("mine", ANN, keep_original=True), PROMPTS)
    first, second, third = store.prompts(session.id)
    store.decisions.reject(record(first).id, "a door")
    store.decisions.accept(record(first).id)
    store.decisions.accept(record(third, 0.6, 44_100).id)
    store.decisions.review(record(second).id, "ben", "accept", note="fine", decides=False)
    path = tmp_path / "session.zip"
    assert export_session(store, session.id, path) == 4
    return session, path


def told(store: RecordingStore, session: Session) -> object:
    home = store.paths.home

    def bare(path: Path | None) -> Path | None:
        return path and path.relative_to(home)

    return (
        store.session(session.id),
        [replace(prompt, id=0) for prompt in store.prompts(session.id)],
        [
            vars(take) | {"prompt_id": 0, "path": bare(take.path), "original": bare(take.original)}
            for take in store.takes_of_session(session.id)
        ],
        store.reviews(session.id),
        [path.relative_to(home) for path in sorted(files_in(store))],
        [(u.key, u.text, u.label, u.speaker, u.split) for u in utterances(store).values()],
    )


def test_everything_arrives(
    store: RecordingStore, other: RecordingStore, exported: tuple[Session, Path]
) -> None:
    session, path = exported
    merged = import_session(other, path)
    assert (merged.known, merged.takes, merged.reviews, merged.notes) == (False, 4, 1, ())
    assert told(other, session) == told(store, session)
    assert sweep(other) == []


def test_the_same_session_twice_is_recognised(other: RecordingStore, exported: tuple[Session, Path]) -> None:
    session, path = exported
    import_session(other, path)
    before = told(other, session)
    again = import_session(other, path)
    assert (again.known, again.takes, again.reviews) == (True, 0, 0)
    assert "here already" in again.notes[0]
    assert told(other, session) == before


def test_reviews_and_new_takes_come_back(
    store: RecordingStore,
    other: RecordingStore,
    exported: tuple[Session, Path],
    record: Record,
    tmp_path: Path,
) -> None:
    session, path = exported
    import_session(other, path)
    accepted = next(take for take in other.takes_of_session(session.id) if take.state == "accepted")
    other.decisions.review(accepted.id, "cleo", "reject", reason="noise", decides=False)
    other.decisions.label(other.prompts(session.id)[2].id, Label("idle"))
    export_session(other, session.id, tmp_path / "back.zip")
    retake = record(store.prompts(session.id)[0])
    store.decisions.accept(retake.id)
    back = import_session(store, tmp_path / "back.zip")
    assert (back.known, back.takes, back.reviews) == (True, 0, 1)
    assert "another take is accepted here" in back.notes[0]
    assert store.take(retake.id).state == "accepted"
    assert {review.reviewer for review in store.reviews(session.id)} == {"ben", "cleo"}
    assert utterances(store)[f"{session.short}-3"].label == Label("idle")

    export_session(store, session.id, tmp_path / "again.zip")
    again = import_session(other, tmp_path / "again.zip")
    assert (again.takes, len(other.takes(other.prompts(session.id)[0].id))) == (1, 3)
    assert other.take(retake.id).state == "kept"


def test_two_annotators_come_together(
    store: RecordingStore, other: RecordingStore, exported: tuple[Session, Path]
) -> None:
    session, path = exported
    theirs = other.begin(SessionPlan("mine", Speaker("ann")), PROMPTS)
    merged = import_session(other, path)
    assert {each.id for each in other.sessions()} == {theirs.id, session.id}
    assert merged.session.speaker.code == f"ann ({session.speaker.id[:4]})", "another person of that name"
    assert "Another speaker" in merged.notes[0]
    assert {u.speaker for u in utterances(other).values()} == {merged.session.speaker.code}


def test_it_may_go_to_another_dataset_and_say_less_of_the_speaker(
    store: RecordingStore, other: RecordingStore, exported: tuple[Session, Path], tmp_path: Path
) -> None:
    session, _ = exported
    export_session(store, session.id, tmp_path / "bare.zip", personal=False)
    assert b"window" not in zipfile.ZipFile(tmp_path / "bare.zip").read("session.json")
    import_session(other, tmp_path / "bare.zip", "theirs")
    assert other.library.names() == ["theirs"]
    assert other.speakers()[0].notes == ""
    with pytest.raises(UserError, match="already such a file"):
        export_session(store, session.id, tmp_path / "bare.zip")


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_harmed_take_is_not_exported(
    store: RecordingStore, exported: tuple[Session, Path], tmp_path: Path, harm: str
) -> None:
    session, _ = exported
    take = store.takes_of_session(session.id)[0]
    if harm == "gone":
        take.path.unlink()
    else:
        take.path.write_bytes(take.path.read_bytes()[:-1] + b"?")
    with pytest.raises(UserError, match="is missing" if harm == "gone" else "not as it was recorded"):
        export_session(store, session.id, tmp_path / "new.zip")
    assert not list(tmp_path.glob("*new.zip*"))


Files = dict[str, bytes]


def repacked(path: Path, change: Callable[[Files], object], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return changed


def first_take(files: Files) -> str:
    return next(name for name in files if name.startswith("takes/"))


def rewritten(files: Files, change: Callable[[dict[str, object]], object]) -> None:
    manifest = json.loads(files["session.json"])
    change(manifest)
    files["session.json"] = json.dumps(manifest).encode()


def other_text(manifest: dict[str, object]) -> None:
    manifest["prompts"][0]["text"] = "something else"  # type: ignore[index]


def twice_the_position(manifest: dict[str, object]) -> None:
    manifest["prompts"][1]["position"] = 1  # type: ignore[index]


def id_that_climbs(manifest: dict[str, object]) -> None:
    manifest["session"]["id"] = "../../evil"  # type: ignore[index]


def flipped(files: Files) -> None:
    name = first_take(files)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])


HARMS: dict[str, tuple[Callable[[Files], object], str]] = {
    "a byte flipped": (flipped, "not as it was exported"),
    "cut off": (lambda f: f.update({first_take(f): b"x"}), "another size"),
    "a bomb": (lambda f: f.update({first_take(f): bytes(50 << 20)}), "another size"),
    "a take missing": (lambda f: f.pop(first_take(f)), "missing in it"),
    "a stranger": (lambda f: f.update({"readme.txt": b"hi"}), "does not belong"),
    "a name that climbs": (lambda f: f.update({"takes/../../evil": b"hi"}), "does not belong"),
    "no manifest": (lambda f: f.pop("session.json"), "holds no session.json"),
    "no JSON": (lambda f: f.update({"session.json": b"{"}), "not an exported recording session"),
    "another version": (lambda f: rewritten(f, lambda m: m.update(version=2)), "newer Spoonful"),
    "an unknown field": (lambda f: rewritten(f, lambda m: m.update(extra=1)), "not an exported"),
    "an id that climbs": (lambda f: rewritten(f, id_that_climbs), "not an exported"),
    "one position twice": (lambda f: rewritten(f, twice_the_position), "contradicts itself"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_file_is_refused_whole(
    other: RecordingStore, exported: tuple[Session, Path], harm: str
) -> None:
    change, said = HARMS[harm]
    with pytest.raises(UserError, match=said):
        import_session(other, repacked(exported[1], change, zipfile.ZIP_DEFLATED))
    assert other.sessions() == []
    assert other.library.names() == []
    assert not list(other.paths.recordings.rglob("*"))


def test_another_session_under_a_known_id_is_refused(
    store: RecordingStore, exported: tuple[Session, Path]
) -> None:
    session, path = exported
    before = told(store, session)
    with pytest.raises(UserError, match="another session than the one of the same id"):
        import_session(store, repacked(path, lambda files: rewritten(files, other_text)))
    assert told(store, session) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"no zip at all"])
def test_what_is_no_zip_is_refused(other: RecordingStore, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(content)
    with pytest.raises(UserError, match="not a zip file"):
        import_session(other, path)
    with pytest.raises(UserError, match="no such file"):
        import_session(other, tmp_path / "missing.zip")


@pytest.mark.parametrize("how", ["encrypted", "packed in an unknown way"])
def test_what_cannot_be_unpacked_is_refused(
    other: RecordingStore, exported: tuple[Session, Path], how: str
) -> None:
    if how == "encrypted":
        data = bytearray(exported[1].read_bytes())
        data[data.index(b"PK\x01\x02") + 8] |= 1
        exported[1].write_bytes(data)
        path = exported[1]
    else:
        path = repacked(exported[1], dict.copy, zipfile.ZIP_LZMA)
    with pytest.raises(UserError, match=how):
        import_session(other, path)


def test_a_damaged_stream_is_refused(other: RecordingStore, exported: tuple[Session, Path]) -> None:
    data = bytearray(exported[1].read_bytes())
    at = data.index(b"fLaC") + 200
    data[at : at + 4] = b"????"
    exported[1].write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        import_session(other, exported[1])
    assert not list(other.paths.recordings.rglob("*"))
