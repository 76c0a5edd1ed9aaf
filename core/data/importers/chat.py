"""Chats made for other trainers: LLaMA-Factory's JSON (`messages` or `conversations`) and ms-swift's JSONL.

The assistant's answer is the label: this program's target, or a JSON object with `intent` and `slots` as in a
manifest. The user's words are the text of a chat without recording; a line that all such chats share at their
beginning or end is the instruction and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.data.importers.gathering import Gathering, Record, key_prefixes, shown
from core.data.importers.json_file import read_json
from core.data.importers.json_lines import LineError, decode_json, first_object, numbered_lines, parse_line
from core.data.importers.jsonl import read_slots
from core.data.importers.opening import head_of, is_folder, real_folder, require_file
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.targets import INSTRUCTION
from core.data.utterance import SPLITS, Label
from core.errors import UserError

_AUDIO: Final = "<audio>"
_INFO: Final = "dataset_info.json"
_INFO_REMEDY: Final = "It must be LLaMA-Factory's: name -> {file_name: ...}. Or choose the files themselves."
_ROLES: Final = {"human": "user", "gpt": "assistant"}


def recognises(path: Path) -> bool:
    """Whether this is a file of chats, or a folder with LLaMA-Factory's `dataset_info.json`."""
    if path.is_dir():
        return (path / _INFO).is_file()
    first = first_object(path) if path.suffix != ".json" else next(iter(_head(path)), {})
    return bool({"messages", "conversations"} & first.keys())


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each chat. Raises UserError with the first 20 problems; Cancelled."""
    gathered = Gathering("file of chats", progress, cancelled, options.leave_out)
    told: list[str] = []
    files = [file for source in sources for file in _files(source, told)]
    asked: set[str] = set()
    for prefix, source in zip(key_prefixes(files), files, strict=True):
        for number, chat in _chats(source.path, gathered):
            entry = _entry(chat, source, options, f"{prefix}:{number}")
            gathered.add(_place(source.path, number), entry, chat)
            if entry.text is not None and not isinstance(chat.values.get("text"), str):
                asked.add(entry.key)
    entries = gathered.finish(sources, "Choose a file with chats, or its folder.")
    entries, notes = _without_instruction(entries, asked)
    return entries, [*told, *notes, *gathered.notes]


def _files(source: Source, notes: list[str]) -> list[Source]:
    """The source itself, or the files that a folder's `dataset_info.json` names; what it names elsewhere is
    told in `notes`."""
    if not is_folder(source.path):
        return [source]
    info = source.path / _INFO
    named = read_json(info, _INFO_REMEDY)
    if not isinstance(named, dict) or not all(isinstance(dataset, dict) for dataset in named.values()):
        raise UserError(
            f"The list of files must be an object of objects, not {shown(named)}.",
            where=str(info),
            remedy=_INFO_REMEDY,
        )
    files = [
        Source(_listed(info, name, dataset["file_name"]), source.split)
        for name, dataset in named.items()
        if "file_name" in dataset
    ]
    elsewhere = [name for name, dataset in named.items() if "file_name" not in dataset]
    if not files:
        raise UserError(
            "The list of files names no file here.", where=str(info), remedy="Choose a file with chats."
        )
    if elsewhere:
        notes.append(f"{_INFO} names no file for {', '.join(elsewhere)}: left out.")
    return files


def _listed(info: Path, name: str, file_name: object) -> Path:
    """The file of one dataset of the list. Raises UserError."""
    if not isinstance(file_name, str):
        raise UserError(
            f'The "file_name" of "{name}" must be text, not {shown(file_name)}.',
            where=str(info),
            remedy=_INFO_REMEDY,
        )
    folder = real_folder(info.parent)
    if not (real_folder(folder / file_name)).is_relative_to(folder):
        # Whoever shares a folder must not be able to have other files of the user read.
        raise UserError(
            f'The file "{file_name}" of "{name}" lies outside this folder.',
            where=str(info),
            remedy="Choose the file itself if you want it.",
        )
    return info.parent / file_name


def _head(path: Path) -> list[dict[str, Any]]:
    """The chats of an array, none when it is anything else. Raises nothing: for a look."""
    try:
        chats = _array(path)
    except UserError:
        return []
    return [chat for chat in chats or [] if isinstance(chat, dict)]


def _chats(path: Path, gathered: Gathering) -> Iterator[tuple[int, Record]]:
    """Numbered from 1, by line or in the array."""
    if path.suffix == ".json" and (chats := _array(path)) is not None:
        for number, chat in enumerate(chats, 1):
            gathered.check_cancelled()
            if isinstance(chat, dict):
                yield number, _record(chat)
            else:
                gathered.refuse(_place(path, number), f"a chat must be an object, not {shown(chat)}.")
        return
    for number, raw in numbered_lines(path):
        gathered.check_cancelled()
        try:
            yield number, _record(parse_line(raw, number))
        except LineError as error:
            gathered.refuse(_place(path, number), str(error))


def _record(chat: Mapping[str, Any]) -> Record:
    """Without what is empty, as tables made for other trainers write what is absent."""
    return Record({name: value for name, value in chat.items() if value != ""})


def _array(path: Path) -> list[Any] | None:
    """None when the file is no array: then it is read line by line."""
    require_file(path, "a file with chats")
    if not head_of(path, 4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return None
    found = read_json(path, "Export it anew.")
    return found if isinstance(found, list) else None


def _place(path: Path, number: int) -> str:
    return f"{path.name}, {'record' if path.suffix == '.json' else 'line'} {number}"


def _entry(chat: Record, source: Source, options: Options, default_key: str) -> Entry:
    question, answer = _said(chat)
    audios = chat.values.get("audios", chat.values.get("audio"))
    audios = [audios] if isinstance(audios, str) else audios or []
    if not isinstance(audios, list) or not all(isinstance(audio, str) for audio in audios):
        chat.problems.append(f'"audios" must be a list of paths, not {shown(audios)}.')
        audios = []
    marks = question.count(_AUDIO)
    if marks != len(audios):
        chat.problems.append(f"it has {marks} times {_AUDIO} but {len(audios)} audios.")
    elif len(audios) > 1:
        chat.problems.append(f"it has {len(audios)} audios; an utterance has one.")
    path, duration_s = None, None
    if audios:
        folder = real_folder(options.audio or source.path.parent)
        path, duration_s = chat.recording(folder / audios[0], "audios", written=audios[0])
    split = chat.values.get("split") or source.split or split_named(source.path.stem)
    if split is not None and split not in SPLITS:
        chat.problems.append(f'"split" must be train, validation or test, not {shown(split)}.')
    own_text = chat.text("text")
    return Entry(
        key=chat.number_or_text("id") or default_key,
        label=_label(chat, answer),
        text=own_text or (None if audios else question),
        audio=path,
        duration_s=duration_s,
        language=chat.text("language") or "",
        speaker=chat.number_or_text("speaker") or "",
        split=split,
        synthetic=chat.text("synthetic") or "",
    )


def _said(chat: Record) -> tuple[str, str]:
    """What the user and the assistant say: one turn each, behind what a system says."""
    turns = chat.values.get("messages", chat.values.get("conversations"))
    said: list[tuple[str, object]] = []
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, dict):
            role = str(turn.get("role", turn.get("from")))
            said.append((_ROLES.get(role, role), turn.get("content", turn.get("value"))))
    said = [turn for turn in said if turn[0] != "system"]
    if [role for role, _ in said] != ["user", "assistant"]:
        roles = ", ".join(role for role, _ in said) or "nobody"
        chat.problems.append(
            f"one turn of the user and one of the assistant are needed; here speak: {roles}."
        )
        return "", ""
    for role, content in said:
        if not isinstance(content, str):
            chat.problems.append(f"the {role}'s turn must be text, not {shown(content)}.")
        elif not content.strip():
            chat.problems.append(f"the {role}'s turn is empty.")
    question, answer = (content if isinstance(content, str) else "" for _, content in said)
    chat.refuse_control(question, "the user's turn")
    return question, answer


def _label(chat: Record, answer: str) -> Label:
    if not answer.strip():
        return Label("")
    try:
        values = decode_json(answer)
    except ValueError:
        values = None
    except LineError as error:
        chat.problems.append(f"the answer cannot be taken: {error}")
        return Label("")
    if not isinstance(values, dict) or not isinstance(values.get("intent"), str):
        chat.problems.append(
            f'the answer is no label like {{"intent": "...", "slots": {{...}}}}: {shown(answer)}.'
        )
        return Label("")
    inner = Record(values)
    label = Label(inner.required("intent"), read_slots(inner))
    chat.problems.extend(inner.problems)
    chat.trimmed += inner.trimmed
    return label


def _without_instruction(entries: Sequence[Entry], asked: Set[str]) -> tuple[list[Entry], list[str]]:
    """The texts without the line that all of them begin or end with, and notes on it. asked: keys of the
    entries whose text is what a user says."""
    texts = [(entry.text or "").split("\n") for entry in entries if entry.key in asked]
    firsts, lasts = {lines[0] for lines in texts}, {lines[-1] for lines in texts}
    several = all(len(lines) > 1 for lines in texts)
    if several and len(lasts) == 1 and (len(texts) > 1 or INSTRUCTION in lasts):
        kept, instruction = slice(0, -1), lasts.pop()
    elif several and len(firsts) == 1 and len(texts) > 1:
        kept, instruction = slice(1, None), firsts.pop()
    else:
        return list(entries), []
    return [
        replace(entry, text="\n".join((entry.text or "").split("\n")[kept]).strip())
        if entry.key in asked
        else entry
        for entry in entries
    ], [f'"{instruction}" stands in every text as the instruction and was left out.']
