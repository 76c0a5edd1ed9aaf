"""A session as one zip: to another computer, and together with the sessions there.

    session.json                 the manifest, see `core.recording.manifest`
    takes/<take id>.flac         and takes/<take id>.original.flac, where it is kept

Nothing else may be in it. Every file's size and SHA-256 are in the manifest and checked on both ways.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from core.audio.files import SAMPLE_RATE, audio_info
from core.data.library import refuse_bad_name
from core.data.progress import Progress
from core.errors import UserError
from core.recording.manifest import (
    FileEntry,
    LabelEntry,
    Manifest,
    PromptEntry,
    ReviewEntry,
    SessionEntry,
    SpeakerEntry,
    TakeEntry,
    parse_manifest,
)
from core.recording.merging import Merged, merge
from core.recording.recovery import arriving
from core.recording.session import Prompt, Review, Session, TakeRow
from core.recording.store import RecordingStore
from core.storage.database import write_transaction
from core.storage.files import require_space, sync_folder, worded_disk_errors

_MANIFEST: Final = "session.json"
_TAKES: Final = "takes/"
_LARGEST_MANIFEST: Final = 64 << 20
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 1
"""A bit of a zip entry's flags."""
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_AGAIN: Final = "Have the session exported or copied again."


def export_session(
    store: RecordingStore,
    session_id: str,
    path: Path,
    *,
    personal: bool = True,
    replace: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write a session with all of its takes to `path`, wholly or not at all; returns the number of takes.

    personal: whether what is known of the speaker beyond the code goes with it. replace: a file that is there
    is written over. Raises UserError when a take is missing or not as it was recorded, the file is there
    already, or the disk is full.
    """
    session = store.session(session_id)
    takes = store.takes_of_session(session.id)
    if path.exists() and not replace:
        raise UserError(
            "There is already such a file.", where=str(path), remedy="Choose another name, or remove it."
        )
    sizes = {file: _size_of(file) for take in takes for file, _ in _files(take)}
    require_space(path.parent, sum(sizes.values()))
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    manifest = _manifest_of(store, session, takes, sizes, personal=personal)
    with worded_disk_errors(path):
        try:
            with temporary.open("xb") as file:
                # FLAC does not become smaller.
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                    text = manifest.model_dump_json(indent=1)
                    archive.writestr(_entry(_MANIFEST), text, zipfile.ZIP_DEFLATED)
                    for number, take in enumerate(takes, 1):
                        for source, sha256 in _files(take):
                            archive.writestr(_entry(_TAKES + source.name), _read(source, sha256))
                        if progress:
                            progress(number, len(takes))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return len(takes)


def import_session(
    store: RecordingStore, path: Path, dataset: str | None = None, progress: Progress | None = None
) -> Merged:
    """Take in an exported session: wholly or, when anything is wrong, not at all.

    A session that is here already gets the takes and reviews that are new; which takes are accepted here
    stays. dataset: where its utterances go, if not where they went before. Raises UserError when it is no
    exported session, a file is not as it was exported, or the disk is full.
    """
    with _opened(path) as archive:
        manifest = _read_manifest(archive, path)
        if dataset is not None:
            target = manifest.session.model_copy(update={"dataset": dataset})
            manifest = manifest.model_copy(update={"session": target})
        refuse_bad_name(manifest.session.dataset)
        _refuse_strangers(archive, manifest, path)
        wanted = {
            name: entry
            for take in manifest.takes
            if store.find_take(take.id) is None
            for name, entry in take.files
        }
        folder = store.folder(manifest.session.id)
        require_space(folder, sum(entry.size for entry in wanted.values()))
        with arriving(store, folder, list(wanted)):
            for number, (name, entry) in enumerate(wanted.items(), 1):
                _extract(archive, name, entry, folder / name, path)
                if progress:
                    progress(number, len(wanted))
            with worded_disk_errors(folder):
                sync_folder(folder)
            with write_transaction(store.db):
                return merge(store, manifest)


# -- out -----------------------------------------------------------------------------------------------


def _files(take: TakeRow) -> Iterator[tuple[Path, str]]:
    yield take.path, take.sha256
    if take.original is not None:
        yield take.original, take.original_sha256 or ""


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the time of the export: the same session gives the same file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16  # else nobody may read what is unpacked by hand
    return info


def _size_of(file: Path) -> int:
    if not file.is_file():
        raise UserError(
            "The recording of a take is missing.", where=str(file), remedy="Put it back from a backup."
        )
    return file.stat().st_size


def _read(file: Path, sha256: str) -> bytes:
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UserError(
            "The recording of a take is not as it was recorded: its file was changed or is damaged.",
            where=str(file),
            remedy="Put it back from a backup, or record the prompt again.",
        )
    return data


def _manifest_of(
    store: RecordingStore,
    session: Session,
    takes: list[TakeRow],
    sizes: Mapping[Path, int],
    *,
    personal: bool,
) -> Manifest:
    reviews: dict[str, list[Review]] = {take.id: [] for take in takes}
    for review in store.reviews(session.id):
        reviews[review.take_id].append(review)
    speaker = vars(session.speaker)
    of_prompt: dict[int, list[TakeEntry]] = {}
    for take in takes:
        entry = _take_entry(take, sizes, reviews[take.id])
        of_prompt.setdefault(take.prompt_id, []).append(entry)
    return Manifest(
        session=SessionEntry(**{name: getattr(session, name) for name in SessionEntry.model_fields}),
        speaker=SpeakerEntry(
            **{name: speaker[name] for name in (SpeakerEntry.model_fields if personal else ("id", "code"))}
        ),
        prompts=[_prompt_entry(each, of_prompt.get(each.id, [])) for each in store.prompts(session.id)],
    )


def _prompt_entry(prompt: Prompt, takes: list[TakeEntry]) -> PromptEntry:
    return PromptEntry(
        position=prompt.position,
        text=prompt.text,
        label=None if prompt.label is None else LabelEntry.of(prompt.label),
        language=prompt.language,
        origin=prompt.origin,
        skipped=prompt.skipped,
        takes=takes,
    )


def _take_entry(take: TakeRow, sizes: Mapping[Path, int], reviews: list[Review]) -> TakeEntry:
    file, *original = [FileEntry(size=sizes[path], sha256=sha256) for path, sha256 in _files(take)]
    return TakeEntry(
        id=take.id,
        recorded_at=take.recorded_at,
        device=take.device,
        rate=take.rate,
        duration_s=take.duration_s,
        file=file,
        original=original[0] if original else None,
        verdict=[dict(finding) for finding in take.verdict],
        gaps=take.gaps,
        state=take.state,
        reason=take.reason,
        note=take.note,
        reviews=[
            ReviewEntry(**{name: getattr(review, name) for name in ReviewEntry.model_fields})
            for review in reviews
        ],
    )


# -- in ------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever a damaged one makes the library raise is worded."""
    try:
        with zipfile.ZipFile(path) as archive:
            locked = [info.filename for info in archive.infolist() if info.flag_bits & _ENCRYPTED]
            if locked or any(info.compress_type not in _METHODS for info in archive.infolist()):
                raise UserError(
                    "The zip file is encrypted." if locked else "The zip file is packed in an unknown way.",
                    where=str(path),
                    remedy=_AGAIN,
                )
            yield archive
    except FileNotFoundError:
        raise UserError("There is no such file.", where=str(path), remedy="Correct the path.") from None
    except IsADirectoryError:
        raise UserError(
            "This is a folder, not a file.", where=str(path), remedy="Choose the exported zip itself."
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UserError(
            "This is not a zip file, or a damaged one.",
            where=str(path),
            remedy=_AGAIN,
            details=repr(error),
        ) from error
    except PermissionError as error:
        raise UserError(
            "The file may not be read.", where=str(path), remedy="Make it readable.", details=repr(error)
        ) from error


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    names = archive.namelist()
    if names.count(_MANIFEST) != 1:
        raise UserError(
            f"This is not an exported recording session: it holds no {_MANIFEST}.",
            where=str(path),
            remedy='Choose a file that "spoonful recordings export" or the Record page has written.',
        )
    with archive.open(_MANIFEST) as file:
        data = file.read(_LARGEST_MANIFEST + 1)
    if len(data) > _LARGEST_MANIFEST:
        raise UserError(f"{_MANIFEST} is far too large.", where=str(path), remedy=_AGAIN)
    return parse_manifest(data, f"{path}, {_MANIFEST}")


def _refuse_strangers(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Raise UserError unless the archive holds just what the manifest names, in sizes as it says. No name
    out of the archive is ever used as a path: the names are made of the takes' ids."""
    named = {_TAKES + name: entry.size for take in manifest.takes for name, entry in take.files}
    found = [info for info in archive.infolist() if info.filename != _MANIFEST]
    strangers = [info.filename for info in found if info.filename not in named]
    missing = sorted(named.keys() - {info.filename for info in found})
    sizes = [info.filename for info in found if named.get(info.filename) != info.file_size]
    twice = len(found) > len({info.filename for info in found})
    for what, names in (
        ("There is a file in it that does not belong to the session", strangers),
        ("A take is missing in it", missing),
        ("A file in it has another size than it was exported with", sizes),
        ("A file stands in it twice", [path.name] if twice else []),
    ):
        if names:
            raise UserError(f"{what}: {names[0]!r}. Nothing was imported.", where=str(path), remedy=_AGAIN)


def _extract(archive: zipfile.ZipFile, name: str, entry: FileEntry, target: Path, path: Path) -> None:
    """Write one file; as many bytes as it may have, whatever is packed."""
    digest = hashlib.sha256()
    left = entry.size
    with archive.open(_TAKES + name) as source, worded_disk_errors(target), target.open("wb") as file:
        while left >= 0 and (chunk := source.read(min(_CHUNK, left + 1))):
            left -= len(chunk)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left != 0 or digest.hexdigest() != entry.sha256:
        raise UserError(
            "A take is not as it was exported: the file was changed or damaged on its way. Nothing was"
            " imported.",
            where=f"{path}, {_TAKES}{name}",
            remedy=_AGAIN,
        )
    info = audio_info(target)
    if info.channels != 1 or (not name.endswith(".original.flac") and info.sample_rate != SAMPLE_RATE):
        raise UserError(
            f"A take has {info.channels} channels at {info.sample_rate} Hz, not one at {SAMPLE_RATE} Hz."
            " Nothing was imported.",
            where=f"{path}, {_TAKES}{name}",
            remedy=_AGAIN,
        )
