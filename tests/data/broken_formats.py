"""Broken files of SLURP, MASSIVE, Fluent Speech Commands, Picovoice and of chats; and of no known format."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Final

from tests.data.broken_case import ORDER, BrokenInput, Content, a_folder, lines, link_to, sound

_SENTENCE: Final[Mapping[str, object]] = {
    "slurp_id": 1,
    "sentence": "wake me at nine",
    "sentence_annotation": "wake me at [time : nine]",
    "scenario": "alarm",
    "action": "set",
}
_TOKENS: Final = [{"surface": word} for word in ("wake", "me", "at", "nine")]


def _slurp(name: str, change: Mapping[str, object], says: str, **files: Content) -> BrokenInput:
    """SLURP with nothing wrong but its second line."""
    content = lines(_SENTENCE, {**_SENTENCE, "slurp_id": 2, **change})
    says = rf"SLURP file has 1 problem.*train\.jsonl, line 2: {says}.*Correct"
    return BrokenInput(name, "slurp", "slurp", {"slurp/train.jsonl": content, **files}, says)


def _span(*span: object) -> dict[str, object]:
    return {"tokens": _TOKENS, "entities": [{"type": "time", "span": [*span]}]}


_SLURP: Final = (
    _slurp("slurp-span-behind-the-end", _span(3, 4), r'"entities": .*token 4.* 4 tokens'),
    _slurp("slurp-span-negative", _span(-1), r'"entities": .*token -1'),
    _slurp("slurp-span-of-words", _span("nine"), r'"entities": .*"nine"'),
    _slurp("slurp-entities-text", {"tokens": _TOKENS, "entities": "time"}, r'"entities" must be .*"time"'),
    _slurp("slurp-tokens-text", {"tokens": ["wake"], "entities": []}, r'"tokens" must be .*\["wake"\]'),
    _slurp(
        "slurp-bracket-open", {"sentence_annotation": "at [time : nine"}, '"sentence_annotation" has a br'
    ),
    _slurp("slurp-no-scenario", {"scenario": None}, '"scenario" is missing'),
    _slurp("slurp-action-number", {"action": 3}, '"action" must be text, not 3'),
    _slurp("slurp-id-missing", {"slurp_id": None}, '"slurp_id" is missing'),
    _slurp("slurp-id-list", {"slurp_id": [2]}, r'"slurp_id" must be a number or text, not \[2\]'),
    _slurp("slurp-id-twice", {"slurp_id": 1}, 'the id "1" was already used in train.jsonl, line 1'),
    _slurp("slurp-recordings-names", {"recordings": ["a.flac"]}, '"recordings" must be a list of .*"file"'),
    _slurp("slurp-recordings-number", {"recordings": 7}, r'"recordings" must be a list of .*not 7'),
    _slurp(
        "slurp-recording-absent",
        {"recordings": [{"file": "a.wav"}, {"file": "b.wav"}]},
        r'"recordings": b\.wav is not where the others are',
        **{"slurp/audio/a.wav": sound()},
    ),
    _slurp(
        "slurp-recording-broken",
        {"recordings": [{"file": "c.flac"}]},
        r'"recordings": The sound file is cut off.*\(c\.flac\)',
        **{"slurp/audio/c.flac": sound("FLAC", 48_000, whole=0.5)},
    ),
    BrokenInput(
        "slurp-pipe",
        "slurp",
        "slurp",
        {"slurp/train.jsonl": os.mkfifo},
        r"slurp/train\.jsonl: .*pipe.*Choose",
    ),
    BrokenInput(
        "slurp-folder-empty", "slurp", "slurp", {"slurp": a_folder}, "SLURP .* no utterance.*devel.jsonl"
    ),
    BrokenInput(
        "slurp-folder-closed",
        "slurp",
        "slurp",
        {"slurp/train.jsonl": lines(_SENTENCE)},
        r"slurp: The folder cannot be read \(Permission denied\).*Allow",
        closed="slurp",
    ),
    BrokenInput("slurp-folder-missing", "slurp", "gone", {}, r"gone: .*No such file.*Check the path"),
)

_MASSIVE_LINE: Final[Mapping[str, object]] = {
    "id": "0",
    "locale": "de-DE",
    "partition": "train",
    "intent": "alarm_set",
    "utt": "weck mich um neun",
    "annot_utt": "weck mich um [time : neun]",
}


def _massive(name: str, change: Mapping[str, object], says: str) -> BrokenInput:
    """MASSIVE with nothing wrong but its second line."""
    content = lines(_MASSIVE_LINE, {**_MASSIVE_LINE, "id": "1", **change})
    says = rf"MASSIVE file has 1 problem.*de-DE\.jsonl, line 2: {says}.*Correct"
    return BrokenInput(name, "massive", "de-DE.jsonl", {"de-DE.jsonl": content}, says)


_MASSIVE: Final = (
    _massive("massive-bracket-open", {"annot_utt": "um [time : neun"}, '"annot_utt" has a bracket'),
    _massive("massive-bracket-closed-twice", {"annot_utt": "[time : neun]]"}, r'"annot_utt" has .*neun\]\]'),
    _massive("massive-no-filler", {"annot_utt": "um [time : ]"}, '"annot_utt" has no filler for time'),
    _massive("massive-no-text", {"utt": ""}, '"utt" is empty'),
    _massive("massive-no-intent", {"intent": None}, '"intent" is missing'),
    _massive("massive-intent-class-number", {"intent": 48}, '"intent" must be text, not 48'),
    _massive(
        "massive-partition", {"partition": "eval"}, '"partition" must be train, dev or test, not "eval"'
    ),
    _massive("massive-id-missing", {"id": None}, '"id" is missing'),
    _massive("massive-id-truth-value", {"id": True}, '"id" must be a number or text, not true'),
    _massive("massive-id-twice", {"id": "0"}, 'the id "de-DE/0" was already used in de-DE.jsonl, line 1'),
    _massive("massive-locale-list", {"locale": ["de"]}, '"locale" must be text, not '),
    _massive("massive-locale-missing", {"locale": None}, '"locale" is missing'),
    _massive("massive-recording-missing", {"path": "x.wav"}, r'"path": The sound file is missing.*\(x\.wav'),
    _massive("massive-audio-number", {"audio": {"path": 5}}, '"audio" must be text, not 5'),
    BrokenInput(
        "massive-folder-empty", "massive", "massive", {"massive": a_folder}, "MASSIVE .* no utterance"
    ),
)

_FLUENT_HEADER: Final = "path,speakerId,transcription,action,object,location\n"


def _fluent(name: str, rows: str, says: str, header: str = _FLUENT_HEADER) -> BrokenInput:
    files: dict[str, Content] = {"fsc/data/train_data.csv": header + rows, "fsc/wavs/a.wav": sound()}
    return BrokenInput(name, "fluent", "fsc", files, says)


_FLUENT: Final = (
    _fluent(
        "fluent-no-action",
        "",
        r"train_data\.csv: There is no column action.*Choose",
        "path,speakerId,transcription,object,location\n",
    ),
    _fluent("fluent-action-empty", "wavs/a.wav,s,on,,lamp,none\n", r'row 2: "action" is missing'),
    _fluent(
        "fluent-recording-missing", "wavs/b.wav,s,on,on,lamp,none\n", r'row 2: "path": .*missing.*b\.wav'
    ),
    _fluent(
        "fluent-path-twice", "wavs/a.wav,s,on,on,lamp,none\n" * 2, 'row 3: the id "wavs/a.wav" was already'
    ),
    _fluent(
        "fluent-row-short", "wavs/a.wav,s,on\n", r"train_data\.csv, row 2: A row has 3 values, .* 6 columns"
    ),
    _fluent("fluent-no-rows", "", "Fluent Speech Commands holds no utterance.*train_data.csv"),
    BrokenInput(
        "fluent-folder-empty", "fluent", "fsc", {"fsc": a_folder}, r"fsc: There is no data/train_data.*Choose"
    ),
)


def _picovoice(name: str, content: Content, says: str, **files: Content) -> BrokenInput:
    return BrokenInput(name, "picovoice", "coffee", {"coffee/label.json": content, **files}, says)


def _coffee(**labels: object) -> str:
    return json.dumps({f"{name}.wav": label for name, label in labels.items()})


_PICOVOICE: Final = (
    _picovoice(
        "picovoice-recording-missing",
        _coffee(a={"intent": "orderDrink"}),
        r'label\.json, a\.wav: "recording": The sound file is missing.*Correct',
    ),
    _picovoice(
        "picovoice-no-intent",
        _coffee(a={"slots": {}}),
        r'label\.json, a\.wav: "intent" is missing',
        **{"coffee/a.wav": sound()},
    ),
    _picovoice(
        "picovoice-slots-list",
        _coffee(b={"intent": "orderDrink", "slots": ["small"]}),
        r'label\.json, b\.wav: "slots" must be an object .*"small"',
        **{"coffee/b.wav": sound()},
    ),
    _picovoice("picovoice-label-text", _coffee(c="orderDrink"), r'c\.wav: must be an object .*"orderDrink"'),
    _picovoice(
        "picovoice-name-too-long",
        json.dumps({"a" * 300: {"intent": "orderDrink"}}),
        r'label\.json, a+: "recording": The sound file cannot be opened \(File name too long\)',
    ),
    _picovoice("picovoice-pipe", os.mkfifo, r"coffee/label\.json: This is a pipe.*Choose"),
    _picovoice("picovoice-list", "[]", r"label\.json: The labels are no object.*benchmark's own"),
    _picovoice("picovoice-empty-file", "", r"label\.json: The file is empty"),
    _picovoice("picovoice-no-labels", "{}", r"coffee: The list of labels holds no utterance"),
    _picovoice(
        "picovoice-truncated", '{"a.wav": {"int', r"label\.json, line 1, character 12: .*Unterminated"
    ),
    _picovoice(
        "picovoice-latin-1", '{"é.wav": {}}'.encode("latin-1"), r"label\.json: .*not UTF-8 text.*Save"
    ),
    _picovoice("picovoice-nested-too-deep", '{"a.wav": ' * 100_000, r"label\.json: .*too deeply nested"),
    _picovoice(
        "picovoice-name-twice", '{"a.wav": {},\n"a.wav": {}}', r'label\.json: "a\.wav" is written twice'
    ),
    _picovoice(
        "picovoice-half-a-character", r'{"a.wav": {"intent": "\udc00"}}', r"label\.json: .*alf a charac"
    ),
    BrokenInput(
        "picovoice-folder-closed",
        "picovoice",
        "coffee",
        {"coffee/label.json": "{}"},
        r"coffee: The folder cannot be read .Permission denied.*Allow",
        closed="coffee",
    ),
    BrokenInput(
        "picovoice-folder-empty", "picovoice", "coffee", {"coffee": a_folder}, r"label\.json: .*No such f"
    ),
)


def _turns(said: str, answer: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]}


_LABEL: Final = '{"intent": "order", "slots": []}'
_CHAT: Final = _turns("two teas", _LABEL)


def _second_chat(name: str, chat: object, says: str, **files: Content) -> BrokenInput:
    """Chats with nothing wrong but the second."""
    says = rf"1 problem.*chats\.json, record 2: {says}.*Correct"
    return BrokenInput(name, "chat", "chats.json", {"chats.json": json.dumps([_CHAT, chat]), **files}, says)


def _chats(name: str, content: Content, says: str) -> BrokenInput:
    return BrokenInput(name, "chat", "chats.json", {"chats.json": content}, says)


def _info(name: str, content: Content, says: str, **files: Content) -> BrokenInput:
    return BrokenInput(name, "chat", "data", {"data/dataset_info.json": content, **files}, says)


_DEEP: Final = "[" * 100_000

_CHATS: Final = (
    _second_chat("chat-mark-without-audio", _turns("<audio>", _LABEL), "it has 1 times <audio> but 0 audios"),
    _second_chat(
        "chat-audio-without-mark",
        _CHAT | {"audios": ["a.wav"]},
        "it has 0 times .* 1 audios",
        **{"a.wav": sound()},
    ),
    _second_chat(
        "chat-two-audios",
        _turns("<audio><audio>", _LABEL) | {"audios": ["a.wav", "a.wav"]},
        "it has 2 audios; an utterance has one",
        **{"a.wav": sound()},
    ),
    _second_chat(
        "chat-recording-missing",
        _turns("<audio>", _LABEL) | {"audios": ["b.wav"]},
        r'"audios": The sound file is missing.*\(b\.wav\)',
    ),
    _second_chat(
        "chat-audios-numbers", _CHAT | {"audios": [1]}, r'"audios" must be a list of paths, not \[1\]'
    ),
    _second_chat(
        "chat-answer-words", _turns("two teas", "Two teas."), 'the answer is no label .*"Two teas."'
    ),
    _second_chat("chat-answer-number", _turns("two teas", 5), "the assistant's turn must be text, not 5"),
    _second_chat("chat-answer-empty", _turns("two teas", ""), "the assistant's turn is empty"),
    _second_chat("chat-question-empty", _turns(" ", _LABEL), "the user's turn is empty"),
    _second_chat(
        "chat-answer-nested-too-deep",
        _turns("two teas", _DEEP),
        "the answer cannot be taken: .*too deeply nested",
    ),
    _second_chat(
        "chat-answer-huge-number",
        _turns("two teas", "9" * 5000),
        "the answer cannot be taken: a number has too many digits",
    ),
    _second_chat(
        "chat-answer-half-a-character",
        _turns("two teas", r'{"intent": "\ud800", "slots": []}'),
        "the answer.*.*alf a character",
    ),
    _second_chat(
        "chat-answer-intent-blank", _turns("two teas", '{"intent": " ", "slots": []}'), '"intent" is empty'
    ),
    _second_chat(
        "chat-answer-filler-number",
        _turns("two teas", '{"intent": "order", "slots": {"number": 2}}'),
        'the slot "number" must be text, not 2',
    ),
    _second_chat(
        "chat-assistant-alone", {"messages": [{"role": "assistant", "content": "a"}]}, "one turn .* assis"
    ),
    _second_chat("chat-turns-text", {"messages": "two teas"}, "one turn of the user.*nobody"),
    _second_chat("chat-number", 5, "a chat must be an object, not 5"),
    _second_chat("chat-id-list", _CHAT | {"id": [1]}, r'"id" must be a number or text, not \[1\]'),
    _second_chat(
        "chat-speaker-object",
        _CHAT | {"speaker": {"name": "anna"}},
        '"speaker" must be a number or text, not ',
    ),
    _second_chat("chat-language-number", _CHAT | {"language": 5}, '"language" must be text, not 5'),
    _second_chat("chat-text-number", _CHAT | {"text": 5}, '"text" must be text, not 5'),
    _second_chat("chat-split-unknown", _CHAT | {"split": "eval"}, '"split" must be train, .*"eval"'),
    _chats(
        "chats-truncated", json.dumps([_CHAT])[:-9], r"chats\.json, line 1, character \d+: .*Export it anew"
    ),
    _chats("chats-latin-1", '[{"messages": "é"}]'.encode("latin-1"), r"chats\.json: .*not UTF-8 text.*Save"),
    _chats("chats-nested-too-deep", _DEEP, r"chats\.json: .*too deeply nested.*Export it anew"),
    _chats("chats-half-a-character", r'[{"messages": "\ud800"}]', r"chats\.json: .*alf a character"),
    _chats(
        "chats-field-twice", '[{"messages": [], "messages": []}]', r'chats\.json: "messages" is written twice'
    ),
    _chats("chats-huge-number", f'[{{"id": {"9" * 5000}}}]', r"chats\.json: A number has too many digits"),
    _chats("chats-device", link_to("/dev/zero"), r"chats\.json: This is a device"),
    _chats("chats-empty-array", "[]", r"chats\.json: The file of chats holds no utterance.*Choose"),
    _info("chat-info-list", "[]", r"dataset_info\.json: .*object.*LLaMA-Factory's"),
    _info("chat-info-truncated", '{"a": ', r"dataset_info\.json, line 1, character 7: .*LLaMA-Factory's"),
    _info(
        "chat-info-name-number", '{"a": {"file_name": 7}}', r'dataset_info\.json: .*"file_name" of "a".*not 7'
    ),
    _info(
        "chat-info-no-files", '{"a": {"hf_hub_url": "x/y"}}', r"dataset_info\.json: .*names no file.*Choose"
    ),
    _info(
        "chat-info-file-missing", '{"a": {"file_name": "a.json"}}', r"data/a\.json: .*cannot be read.*Check"
    ),
    _info(
        "chat-info-leaves-folder",
        '{"a": {"file_name": "../secret.json"}}',
        r'dataset_info\.json: .*"\.\./secret\.json".*outside.*Choose',
        **{"secret.json": json.dumps([_CHAT])},
    ),
)

_UNKNOWN: Final = (
    BrokenInput(
        "unknown-text", None, "notes.txt", {"notes.txt": "two teas"}, r"notes\.txt: .*no known format.*--f"
    ),
    BrokenInput("unknown-folder", None, "empty", {"empty": a_folder}, r"empty: .*no known format.*--format"),
    BrokenInput("unknown-missing", None, "gone.csv", {}, r"gone\.csv: .*No such file.*Check the path"),
    BrokenInput(
        "unknown-device", None, "a.csv", {"a.csv": link_to("/dev/zero")}, r"a\.csv: This is a device"
    ),
    BrokenInput(
        "unknown-link-to-itself", None, "loop", {"loop": link_to("loop")}, r"loop: .*links.*in a circle"
    ),
    BrokenInput(
        "unknown-folder-closed",
        None,
        "mine",
        {"mine/train.jsonl": lines(ORDER)},
        r"mine: The folder cannot be read \(Permission denied\)",
        closed="mine",
    ),
    BrokenInput(
        "format-misspelt", "slrup", "a.jsonl", {"a.jsonl": lines(ORDER)}, '"slrup".*Known formats: slurp'
    ),
)

_BEHIND_CLOSED: Final = tuple(
    BrokenInput(
        f"{name}-behind-closed-folder",
        name,
        f"closed/{file}",
        {f"closed/{file}": ""},
        rf"closed/{file}: .*Permission denied.*Allow",
        closed="closed",
    )
    for name, file in {
        "slurp": "train.jsonl",
        "massive": "de-DE.jsonl",
        "fluent": "train_data.csv",
        "picovoice": "label.json",
        "chat": "chats.json",
        "jsonl": "orders.jsonl",
        "table": "orders.csv",
        "parquet": "orders.parquet",
        "minds14": "en-US.csv",
        "common_voice": "dev.tsv",
        "folder": "metadata.csv",
    }.items()
)

_CLOSED: Final = tuple(
    BrokenInput(
        f"{name}-folder-not-to-be-seen",
        name,
        f"my-{name}",
        {f"my-{name}/{file}": ""},
        rf"my-{name}(/\S+)?: The (file|folder) cannot be read \(Permission denied\).*Allow",
        closed=f"my-{name}",
    )
    for name, file in {
        "massive": "de-DE.jsonl",
        "fluent": "data/train_data.csv",
        "chat": "dataset_info.json",
        "minds14": "text/de-DE.csv",
        "common_voice": "test.tsv",
        "folder": "metadata.jsonl",
    }.items()
)

BROKEN: Final = (*_SLURP, *_MASSIVE, *_FLUENT, *_PICOVOICE, *_CHATS, *_UNKNOWN, *_BEHIND_CLOSED, *_CLOSED)
