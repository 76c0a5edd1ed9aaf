"""JSON-lines manifests, good and bad: what is wrong is said line by line and then nothing is imported."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core.data.importers import IMPORTERS, import_dataset
from core.data.importers.source import Options, Source
from core.data.library import Library
from core.data.splits import Division
from core.data.utterance import Label, Slot, Utterance
from core.errors import Cancelled, UserError
from tests.conftest import WavMaker
from tests.core.data.conftest import ManifestMaker

GOOD = {"text": "two espressos please", "intent": "order", "slots": {"number": "two"}}


def utterances(library: Library) -> list[Utterance]:
    return list(library.utterances(["new"]))


def refusal(library: Library, *paths: Path) -> str:
    """What the user reads when the import of these files is refused."""
    with pytest.raises(UserError) as caught:
        import_dataset(library, "jsonl", paths, "new")
    assert library.names() == []
    return str(caught.value)


def test_a_full_line_is_imported_whole(library: Library, manifest: ManifestMaker, wav_file: WavMaker) -> None:
    audio = wav_file("sounds/a.wav", seconds=1.5)
    line = {
        "id": "first",
        "text": " two espressos ",
        "audio": "sounds/a.wav",
        "intent": "order",
        "slots": {"number": "two", "drink": ["espresso", "water"]},
        "language": "en",
        "speaker": "anna",
        "split": "test",
    }
    summary = import_dataset(library, "jsonl", [manifest(line)], "new")
    (stored,) = utterances(library)
    slots = (Slot("number", "two"), Slot("drink", "espresso"), Slot("drink", "water"))
    assert stored.label == Label("order", slots)
    assert (stored.key, stored.text, stored.audio) == ("first", "two espressos", audio)
    assert (stored.language, stored.speaker, stored.split) == ("en", "anna", "test")
    assert stored.duration_s == 1.5
    assert summary.counts["test"] == {"text": 1, "speech": 1}
    assert summary.notes == (
        "1 line names its own split and keeps it.",
        "Spaces were taken from the ends of 1 value.",
    )


def test_slots_may_be_a_list_where_order_matters(library: Library, manifest: ManifestMaker) -> None:
    line = {**GOOD, "slots": [{"a": "1"}, {"b": "2"}, {"a": "3"}]}
    import_dataset(library, "jsonl", [manifest(line)], "new")
    assert utterances(library)[0].label.slots == (Slot("a", "1"), Slot("b", "2"), Slot("a", "3"))


def test_a_line_may_lack_text_or_audio_or_slots(
    library: Library, manifest: ManifestMaker, wav_file: WavMaker
) -> None:
    wav_file("a.wav")
    path = manifest({"text": "stop", "intent": "stop"}, {"audio": "a.wav", "intent": "stop", "text": None})
    import_dataset(library, "jsonl", [path], "new")
    assert [(each.text, each.audio is not None) for each in utterances(library)] == [
        ("stop", False),
        (None, True),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", ""])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(
    library: Library, tmp_path: Path, end: str, mark: str
) -> None:
    path = tmp_path / "data.jsonl"
    lines = [
        json.dumps({**GOOD, "text": text}, ensure_ascii=False) for text in ("ein Tee", "ein Käse\u2028kuchen")
    ]
    path.write_bytes((mark + (end or "\n").join(lines) + end).encode())
    import_dataset(library, "jsonl", [path], "new")
    assert [each.text for each in utterances(library)] == ["ein Tee", "ein Käse\u2028kuchen"]


BAD_LINES: list[tuple[dict[str, Any] | str, str]] = [
    ('{"text": "a", "intent": "b"', "broken JSON at character"),
    ('["text", "intent"]', "not a JSON object"),
    ('{"text": "a", "intent": "b", "slots": {"x": "1", "x": "2"}}', '"x" is written twice'),
    ("[" * 100_000, "broken JSON"),
    ({"text": "a"}, '"intent" is missing'),
    ({"text": "a", "intent": 7}, '"intent" must be text, not 7'),
    ({"text": "a", "intent": ["b"]}, '"intent" must be text'),
    ({"text": "a", "intent": " "}, '"intent" is empty'),
    ({"intent": "b"}, '"text" and "audio" are both missing'),
    ({"text": "", "intent": "b"}, '"text" is empty'),
    ({"text": 3, "intent": "b"}, '"text" must be text, not 3'),
    ({"audio": "gone.wav", "intent": "b"}, "The sound file is missing. (gone.wav)"),
    ({"audio": "zero.wav", "intent": "b"}, "length is zero"),
    ({"audio": "noise.wav", "intent": "b"}, "cannot be read"),
    ({**GOOD, "slots": "two"}, '"slots" must be an object'),
    ({**GOOD, "slots": {"number": 2}}, 'the slot "number" must be text, not 2'),
    ({**GOOD, "slots": {"number": ""}}, 'the slot "number" must be text'),
    ({**GOOD, "slots": {"": "x"}}, "a type without a name"),
    ({**GOOD, "split": "training"}, '"split" must be train, validation or test, not "training"'),
    ({**GOOD, "speeker": "anna"}, 'did you mean "speaker"'),
    ({**GOOD, "id": True}, '"id" must be text'),
    ({**GOOD, "text": "half \ud800"}, "half a character"),
    ({**GOOD, "slots": {"number": "\udc00"}}, "half a character"),
    ({**GOOD, "speaker": "\ud83d"}, "half a character"),
    ('{"text": "a", "intent": "b", "slots": {"\\ud800": "1", "\\ud800": "2"}}', "is written twice"),
    ({"audio": "a" * 300 + ".wav", "intent": "b"}, "cannot be opened"),
    (f'{{"text": "a", "intent": "b", "id": {"1" * 5000}}}', "too many digits"),
    (f'{{"text": "a", "intent": "b", "size": {"1" * 5000}}}', "too many digits"),
    ({**GOOD, "id": "taken"}, 'the id "taken" was already used in data.jsonl, line 1'),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES, ids=[words for _, words in BAD_LINES])
def test_a_bad_line_is_named_and_nothing_is_imported(
    library: Library,
    manifest: ManifestMaker,
    wav_file: WavMaker,
    tmp_path: Path,
    line: dict[str, Any] | str,
    words: str,
) -> None:
    wav_file("zero.wav", seconds=0)
    (tmp_path / "noise.wav").write_bytes(b"no sound at all")
    said = refusal(library, manifest({**GOOD, "id": "taken"}, line, GOOD))
    assert "data.jsonl, line 2: " in said
    assert words in said
    assert "1 problem" in said
    said.encode()


def test_all_that_is_wrong_with_a_line_is_said_at_once(library: Library, manifest: ManifestMaker) -> None:
    line = {"id": "taken", "intent": 7, "split": "training", "slots": {"a": 1, "b": ""}, "speaker": " "}
    said = refusal(library, manifest({**GOOD, "id": "taken"}, line))
    assert "7 problems" in said
    assert said.count("line 2: ") == 7
    for words in (
        '"intent" must be text, not 7',
        '"text" and "audio" are both missing',
        'not "training"',
        'slot "a"',
        'slot "b"',
        '"speaker" is empty',
        'the id "taken" was already used',
    ):
        assert words in said


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ({"text": "a", "intend": "b"}, "intent"),
        ({"txt": "a", "intent": "b"}, "text"),
        ({"Audio": "a.wav", "intent": "b"}, "audio"),
    ],
)
def test_a_misspelt_field_is_one_problem_also_where_it_is_needed(
    library: Library, manifest: ManifestMaker, line: dict[str, Any], near: str
) -> None:
    said = refusal(library, manifest(line))
    assert "1 problem;" in said
    assert f'did you mean "{near}"?' in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'[\n{"text": "a", "intent": "b"},\n{"text": "c", "intent": "d"}\n]\n', "This is a JSON array"),
        (b'\xef\xbb\xbf \n [{"text": "a", "intent": "b"}]', "This is a JSON array"),
        (b'{\n  "text": "a",\n  "intent": "b"\n}\n', "over several lines"),
        (b"RIFF\x24\x00\x00\x00WAVE" + b"\x0a\x93" * 2000, "This is not a text file"),
        ("\ufeff" + '{"text": "a", "intent": "b"}\n' * 30, "UTF-16"),
    ],
    ids=["array", "array after a mark", "pretty object", "sound", "UTF-16"],
)
def test_another_kind_of_file_is_refused_in_one_sentence(
    library: Library, tmp_path: Path, content: bytes | str, words: str
) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-16-le"))
    with pytest.raises(UserError) as caught:
        import_dataset(library, "jsonl", [path], "new")
    assert words in caught.value.what
    assert caught.value.remedy
    assert caught.value.where == str(path)
    assert len(str(caught.value)) < 400
    assert library.names() == []


def test_whole_characters_may_be_written_as_escapes(library: Library, manifest: ManifestMaker) -> None:
    # json.dumps escapes what is not ASCII; an emoji becomes two halves that belong together.
    import_dataset(library, "jsonl", [manifest({**GOOD, "text": "Käse \N{GRINNING FACE}"})], "new")
    assert utterances(library)[0].text == "Käse \N{GRINNING FACE}"


def test_a_line_that_is_not_utf_8_is_named(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"text": "K\xe4se", "intent": "b"}\n')
    assert "latin.jsonl, line 2: the line is not UTF-8" in refusal(library, path)


def test_twenty_problems_are_shown_and_all_are_counted(library: Library, manifest: ManifestMaker) -> None:
    said = refusal(library, manifest(*[{"text": "a"}] * 30))
    assert "30 problems" in said
    assert said.count("line ") == 20
    assert "and 10 more" in said


def test_a_missing_or_empty_manifest_is_said(library: Library, tmp_path: Path) -> None:
    assert "cannot be read" in refusal(library, tmp_path / "gone.jsonl")
    assert "This is a folder" in refusal(library, tmp_path)
    (tmp_path / "empty.jsonl").touch()
    assert "holds no utterance" in refusal(library, tmp_path / "empty.jsonl")


def test_fields_that_mean_nothing_here_are_told_not_refused(
    library: Library, manifest: ManifestMaker
) -> None:
    summary = import_dataset(library, "jsonl", [manifest({**GOOD, "annotator": 3}, GOOD)], "new")
    assert summary.notes[0] == 'The field "annotator" of 1 line was ignored.'


def test_files_may_belong_to_splits(library: Library, manifest: ManifestMaker) -> None:
    lines = [{**GOOD, "text": f"sentence {number}"} for number in range(40)]
    train = Source(manifest(*lines[:20], {**GOOD, "split": "test"}, name="train.jsonl"), "train")
    rest = manifest(*lines[20:], name="rest.jsonl")
    summary = import_dataset(
        library, "jsonl", [train, rest], "new", options=Options(Division((0.5, 0.25, 0.25)))
    )
    assert {split: counts["text"] for split, counts in summary.counts.items()} == {
        "train": 30,
        "validation": 5,
        "test": 6,
    }
    assert summary.notes[0] == "1 line names its own split and keeps it."
    assert "20 utterances named no split" in summary.notes[1]
    assert [each.key for each in utterances(library)][:2] == ["train:1", "train:2"]


def test_files_of_the_same_name_do_not_clash(library: Library, manifest: ManifestMaker) -> None:
    paths = [manifest(GOOD, name=f"{folder}/data.jsonl") for folder in ("a", "b")]
    import_dataset(library, "jsonl", paths, "new")
    assert [each.key for each in utterances(library)] == ["1-data:1", "2-data:1"]


def test_audio_is_found_from_anywhere(
    library: Library,
    manifest: ManifestMaker,
    wav_file: WavMaker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    wav_file("set/a.wav")
    manifest({"audio": "a.wav", "intent": "b"}, name="set/data.jsonl")
    monkeypatch.chdir(tmp_path)
    import_dataset(library, "jsonl", [Path("set/data.jsonl")], "new")
    assert utterances(library)[0].audio == tmp_path / "set" / "a.wav"


def test_voices_without_a_name_are_a_note(
    library: Library, manifest: ManifestMaker, wav_file: WavMaker
) -> None:
    wav_file("a.wav")
    summary = import_dataset(library, "jsonl", [manifest({"audio": "a.wav", "intent": "b"})], "new")
    assert any("without a speaker" in note for note in summary.notes)


def test_an_import_can_be_cancelled(library: Library, manifest: ManifestMaker) -> None:
    with pytest.raises(Cancelled):
        import_dataset(library, "jsonl", [manifest(GOOD)], "new", cancelled=lambda: True)
    assert library.names() == []


def test_an_unknown_format_is_answered_with_the_known(library: Library, manifest: ManifestMaker) -> None:
    with pytest.raises(UserError, match="no importer") as caught:
        import_dataset(library, "csv", [manifest(GOOD)], "new")
    assert "jsonl" in caught.value.remedy


@pytest.mark.parametrize("format_name", IMPORTERS)
def test_every_importer_names_a_missing_file(library: Library, tmp_path: Path, format_name: str) -> None:
    with pytest.raises(UserError) as caught:
        import_dataset(library, format_name, [tmp_path / "gone"], "new")
    assert "gone" in caught.value.where


@pytest.mark.slow
def test_twenty_thousand_lines_are_imported_in_seconds(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(20_000):
            file.write(json.dumps({**GOOD, "text": f"order number {number}"}) + "\n")
    begun = time.process_time()
    summary = import_dataset(library, "jsonl", [path], "new")
    assert summary.utterances == 20_000
    assert time.process_time() - begun < 15  # about 1 s; a quadratic step would take minutes


def test_real_recordings_are_imported(library: Library, shared_data: Path) -> None:
    folder = shared_data / "barista"
    files = [Source(folder / "text.jsonl", "train"), folder / "speech.jsonl"]
    summary = import_dataset(
        library, "jsonl", files, "barista", options=Options(Division((0.626, 0.1, 0.274)))
    )
    assert summary.counts["train"]["text"] == 4000
    assert [summary.counts[split]["speech"] for split in ("train", "validation", "test")] == [137, 22, 60]
