"""Broken manifests, and broken recordings that a manifest names."""

from __future__ import annotations

import codecs
import os
from typing import Final

from tests.data.broken_case import ORDER, BrokenInput, Content, a_folder, lines, link_to, sound


def _manifest(name: str, content: Content, says: str, **files: Content) -> BrokenInput:
    return BrokenInput(name, "jsonl", "orders.jsonl", {"orders.jsonl": content, **files}, says)


def _second_line(name: str, line: object, problem: str) -> BrokenInput:
    """A manifest with nothing wrong but its second line."""
    return _manifest(
        name, lines(ORDER, line).rstrip("\n"), rf"1 problem.*orders\.jsonl, line 2: {problem}.*Correct"
    )


def _recording(name: str, recording: Content | None, problem: str, suffix: str = "wav") -> BrokenInput:
    """A manifest with nothing wrong but the recording of its second line."""
    files = {} if recording is None else {f"a.{suffix}": recording}
    content = lines(ORDER, {"audio": f"a.{suffix}", "intent": "order"})
    says = rf'1 problem.*orders\.jsonl, line 2: "audio": {problem}.*\(a\.{suffix}\).*Correct'
    return _manifest(name, content, says, **files)


_FILES: Final = (
    _manifest(
        "manifest-utf-16",
        lines(ORDER).encode("utf-16"),
        r"orders\.jsonl: This text is UTF-16.*encoding UTF-8",
    ),
    _manifest(
        "manifest-utf-16-unmarked",
        lines(ORDER).encode("utf-16-le"),
        r"orders\.jsonl: This text is UTF-16 without .*encoding UTF-8",
    ),
    _manifest(
        "manifest-utf-32",
        lines(ORDER).encode("utf-32"),
        r"orders\.jsonl: This text is UTF-32.*encoding UTF-8",
    ),
    _manifest(
        "manifest-array", '[{"text": "tea",\n"intent": "order"}]', "JSON array.*Take away the brackets"
    ),
    _manifest("manifest-object-over-lines", '{\n"text": "tea"\n}', "goes over several lines.*JSONL"),
    _manifest("manifest-empty", "", r"orders\.jsonl: The manifest holds no utterance.*Write one JSON object"),
    BrokenInput(
        "manifest-blank-lines",
        None,
        "blank.jsonl",
        {"blank.jsonl": "\n  \n\r\n"},
        r"blank\.jsonl: The manifest holds no utterance",
    ),
    _manifest(
        "manifest-picture",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        r"orders\.jsonl: This is not a text file.*Choose",
    ),
    _manifest("manifest-folder", a_folder, r"orders\.jsonl: This is a folder.*Choose"),
    _manifest("manifest-link-to-itself", link_to("orders.jsonl"), r"orders\.jsonl: .*links.*in a circle"),
    _manifest(
        "manifest-link-to-nothing", link_to("gone"), r"orders\.jsonl: .*cannot be read.*Check the path"
    ),
    _manifest("manifest-device", link_to("/dev/zero"), r"orders\.jsonl: This is a device.*Choose"),
    BrokenInput(
        "manifest-folder-link-to-itself",
        "jsonl",
        "loop/orders.jsonl",
        {"loop": link_to("loop")},
        r"loop: .*links.*in a circle",
    ),
    BrokenInput(
        "manifest-in-a-file",
        "jsonl",
        "notes.txt/orders.jsonl",
        {"notes.txt": "tea"},
        r"notes\.txt/orders\.jsonl: .*cannot be read \(Not a directory\).*Check the path",
    ),
    BrokenInput(
        "manifest-closed",
        "jsonl",
        "closed.jsonl",
        {"closed.jsonl": lines(ORDER)},
        r"closed\.jsonl: .*Permission denied.*Allow",
        closed="closed.jsonl",
    ),
    BrokenInput(
        "pipe-of-no-known-format",
        None,
        "pipe.jsonl",
        {"pipe.jsonl": os.mkfifo},
        r"pipe\.jsonl: .*pipe.*--format",
    ),
)

_LINES: Final = (
    _manifest(
        "line-latin-1",
        lines(ORDER).encode() + '{"text": "un café"}'.encode("latin-1"),
        r"orders\.jsonl, line 2: .*not UTF-8 text",
    ),
    _manifest(
        "line-byte-order-mark",
        lines(ORDER).encode() + codecs.BOM_UTF8 + lines(ORDER).encode(),
        r"orders\.jsonl, line 2: .*byte order mark.*Correct",
    ),
    _second_line("line-truncated", '{"text": "two te', r"broken JSON at character 10 \(Unterminated"),
    _second_line(
        "line-two-objects", '{"text": "a"} {"text": "b"}', r"broken JSON at character 15 \(Extra data"
    ),
    _second_line("line-list", ["two teas", "order"], r"the line is not a JSON object like"),
    _second_line("line-nested-too-deep", "[" * 100_000, r"broken JSON \(too deeply nested\)"),
    _second_line("line-huge-number", f'{{"id": {"9" * 5000}}}', "a number has too many digits.*quotes"),
    _second_line("line-half-a-character", r'{"text": "\ud800", "intent": "a"}', "half a character"),
    _second_line("line-field-twice", '{"text": "a", "text": "b", "intent": "c"}', '"text" is written twice'),
    _second_line(
        "line-raw-control-character", '{"text": "a\x01b"}', r"broken JSON at character 12 \(Invalid con"
    ),
    _second_line("line-no-intent", {"text": "two teas"}, '"intent" is missing'),
    _second_line("line-misspelt-intent", {"text": "two teas", "intnet": "order"}, '.*did you mean "intent"'),
    _second_line("line-blank-intent", ORDER | {"intent": " "}, '"intent" is empty'),
    _second_line("line-intent-number", ORDER | {"intent": 7}, '"intent" must be text, not 7'),
    _second_line("line-text-list", ORDER | {"text": ["two", "teas"]}, '"text" must be text, not '),
    _second_line("line-text-nan", '{"text": NaN, "intent": "order"}', '"text" must be text, not NaN'),
    _second_line("line-control-character", ORDER | {"text": "two\0teas"}, r'"text" holds .*U\+0000'),
    _second_line("line-intent-control", ORDER | {"intent": "or\x1bder"}, r'"intent" holds .*U\+001B'),
    _second_line("line-neither-text-nor-audio", {"intent": "order"}, '"text" and "audio" are both missing'),
    _second_line("line-id-list", ORDER | {"id": [1]}, r'"id" must be text, not \[1\]'),
    _second_line("line-id-fraction", ORDER | {"id": 1.5}, r'"id" must be text, not 1\.5'),
    _second_line("line-id-infinite", '{"id": 1e999, "text": "a", "intent": "b"}', '"id" must be .* Infinity'),
    _second_line("line-split-unknown", ORDER | {"split": "training"}, '"split" must be train, .*"training"'),
    _second_line("line-split-list", ORDER | {"split": ["train"]}, r'"split" must be train, .*\["train"\]'),
    _second_line("line-speaker-number", ORDER | {"speaker": 3}, '"speaker" must be text, not 3'),
    _second_line("line-slots-text", ORDER | {"slots": "number"}, '"slots" must be an object .*not "number"'),
    _second_line(
        "line-slot-number", ORDER | {"slots": {"number": 2}}, 'the slot "number" must be text, not 2'
    ),
    _second_line(
        "line-slot-empty", ORDER | {"slots": {"size": " "}}, 'the slot "size" must be text, not " "'
    ),
    _second_line("line-slot-nameless", ORDER | {"slots": {" ": "two"}}, '"slots" has a type without a name'),
    _second_line("line-slot-control", ORDER | {"slots": {"a": "t\x07o"}}, r'the slot "a" holds .*U\+0007'),
    _second_line(
        "line-slots-in-slots", ORDER | {"slots": {"a": {"b": "c"}}}, r'the slot "a" must be text, not \{"b'
    ),
    _manifest(
        "line-id-twice",
        lines(ORDER | {"id": "a"}, ORDER, ORDER | {"id": "a"}),
        r'orders\.jsonl, line 3: the id "a" was already used in orders\.jsonl, line 1',
    ),
    _manifest(
        "lines-more-than-shown",
        lines(ORDER, *[{"text": "tea"}] * 30),
        r'30 problems.*orders\.jsonl, line 21: "intent".*and 10 more',
    ),
)

_RECORDINGS: Final = (
    _recording("recording-missing", None, "The sound file is missing"),
    _recording("recording-no-bytes", b"", "The sound file is empty", "flac"),
    _recording("recording-no-samples", sound(samples=0), r"The sound file holds no sound \(its length"),
    _recording("recording-truncated-wav", sound(whole=0.5), "The sound file is cut off"),
    _recording("recording-truncated-flac", sound("FLAC", 48_000, whole=0.5), "The sound file is cut", "flac"),
    _recording("recording-truncated-aiff", sound("AIFF", whole=0.5), "The sound file is cut off", "aiff"),
    _recording("recording-header-alone", sound(whole=0.004), "The sound file cannot be read"),
    _recording("recording-text", "not a sound", "The sound file cannot be read", "mp3"),
    _recording("recording-folder", a_folder, "This is a folder, not a sound file"),
    _recording(
        "recording-link-to-itself", link_to("a.wav"), "The sound file cannot be opened \\(Too many levels"
    ),
    _recording("recording-device", link_to("/dev/zero"), "This is a device, not a sound file"),
    _second_line(
        "recording-elsewhere",
        {"audio": "../../../etc/hosts", "intent": "a"},
        '"audio": The sound .*etc/hosts',
    ),
    _manifest(
        "recording-name-with-nul",
        lines({"audio": "a\0.wav", "intent": "a"}),
        r'orders\.jsonl, line 1: "audio" holds .*U\+0000.*The sound file is missing',
    ),
    _second_line(
        "recording-name-too-long",
        {"audio": "a" * 300, "intent": "a"},
        r'"audio": The sound file cannot be opened \(File name too long\)',
    ),
    _second_line("recording-list", {"audio": ["a.wav"], "intent": "a"}, '"audio" must be text'),
)

BROKEN: Final = (*_FILES, *_LINES, *_RECORDINGS)
