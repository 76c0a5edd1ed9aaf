"""SLURP: annotations with and without recordings, and the way back."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.data.exporters import export_utterances
from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker

LINE: dict[str, Any] = {
    "slurp_id": 7,
    "sentence": "olly wake anna's brother at half past six",
    "sentence_annotation": "olly wake [person : anna's] [relation : brother] at [time : half past six]",
    "intent": "set",
    "action": "set",
    "scenario": "alarm",
    "tokens": [
        {"surface": word, "id": number}
        for number, word in enumerate("olly wake anna 's brother at half past six".split())
    ],
    "recordings": [
        {"file": "audio-7-headset.flac", "wer": 0.0, "ent_wer": 0.0, "status": "correct"},
        {"file": "audio-7.flac", "wer": 0.25, "ent_wer": 0.0, "status": "correct"},
    ],
    "entities": [{"span": [2, 3], "type": "person"}],
}
LABEL = Label(
    "alarm_set", (Slot("person", "anna's"), Slot("relation", "brother"), Slot("time", "half past six"))
)


def written(folder: Path, name: str, *lines: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder / name


def imported(
    library: Library, *paths: Path, audio: Path | None = None
) -> tuple[list[Utterance], tuple[str, ...]]:
    summary = import_dataset(library, detect(paths), paths, "new", options=Options(audio=audio))
    assert summary.format == "slurp"
    return list(library.utterances(["new"])), summary.notes


def test_without_recordings_a_sentence_is_a_text(library: Library, tmp_path: Path) -> None:
    written(tmp_path / "slurp", "devel.jsonl", LINE)
    written(tmp_path / "slurp", "test.jsonl", {**LINE, "slurp_id": 8})
    written(tmp_path / "slurp", "train_synthetic.jsonl", LINE)
    found, notes = imported(library, tmp_path / "slurp")
    assert [(u.key, u.split, u.label, u.text, u.audio) for u in found] == [
        ("7", "validation", LABEL, LINE["sentence"], None),
        ("8", "test", LABEL, LINE["sentence"], None),
        ("synth/7", "train", LABEL, LINE["sentence"], None),
    ]
    assert notes[0].startswith("None of the 6 recordings that the files name is here")


def test_each_recording_is_an_utterance_and_the_sentence_one_text(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    headset, far = (wav_file(f"slurp_real/{each['file']}") for each in LINE["recordings"])
    file = written(tmp_path / "dataset", "train.jsonl", LINE)
    found, notes = imported(library, file)
    assert [(u.key, u.text, u.audio) for u in found] == [
        ("7", LINE["sentence"], headset),
        ("7/audio-7.flac", None, far),
    ]
    assert {u.label for u in found} == {LABEL}
    assert json.loads(found[0].origin) == LINE
    assert json.loads(found[1].origin)["recordings"] == LINE["recordings"][1:]
    assert "1 further recording of the same sentences came in without text" in notes[0]


def test_recordings_lie_where_the_repository_has_them(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    near = [wav_file(f"slurp/audio/slurp_real/{each['file']}") for each in LINE["recordings"]]
    folder = tmp_path / "slurp" / "dataset" / "slurp"
    folder.mkdir(parents=True)
    written(folder, "train.jsonl", LINE)
    found, _ = imported(library, folder)
    assert [u.audio for u in found] == near


def test_the_named_folder_counts_before_all_others(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    meant = [wav_file(f"cleaned/{each['file']}") for each in LINE["recordings"]]
    for each in LINE["recordings"]:
        wav_file(f"slurp_real/{each['file']}")
    found, _ = imported(library, written(tmp_path / "slurp", "train.jsonl", LINE), audio=tmp_path / "cleaned")
    assert [u.audio for u in found] == meant


def test_sounds_that_no_line_names_are_no_recordings(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    wav_file("slurp/holiday.wav")
    (only,), notes = imported(library, written(tmp_path / "slurp", "train.jsonl", LINE))
    assert only.audio is None
    assert notes[0].startswith("None of the 2 recordings that the files name is here")


def test_slots_that_tokens_and_entities_say_otherwise_are_counted(library: Library, tmp_path: Path) -> None:
    words = ["ring", "ben", "'s", "aunt"]
    apart = {
        **LINE,
        "slurp_id": 1,
        "sentence_annotation": "ring [person : ben's] [relation : aunt]",
        "tokens": [{"surface": word, "id": number} for number, word in enumerate(words)],
        "entities": [{"span": [1, 2], "type": "person"}, {"span": [3], "type": "relation"}],
    }
    same = {**apart, "slurp_id": 2, "sentence_annotation": "ring [person : ben 's] [relation : aunt]"}
    bare = {name: value for name, value in LINE.items() if name not in ("tokens", "entities")}
    found, notes = imported(library, written(tmp_path / "slurp", "test.jsonl", apart, same, bare))
    assert [u.label.slots[0].filler for u in found] == ["ben's", "ben 's", "anna's"]
    assert any("The slots of 1 sentence are taken as sentence_annotation has them" in note for note in notes)


def test_a_recording_that_is_missing_beside_others_is_named(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    wav_file("elsewhere/audio-7.flac")
    file = written(tmp_path / "slurp", "train.jsonl", LINE)
    with pytest.raises(UserError, match=r"train\.jsonl, line 1: .*audio-7-headset\.flac is not where"):
        imported(library, file, audio=tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scenario": None}, '"scenario" is missing'),
        ({"sentence": 5}, '"sentence" must be text'),
        ({"sentence_annotation": "wake [person : anna"}, '"sentence_annotation" has a bracket'),
        ({"sentence_annotation": "wake [person : ]"}, "has no filler for person"),
        ({"recordings": {"file": "a"}}, '"recordings" must be a list'),
        ({"slurp_id": None}, '"slurp_id" is missing'),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    library: Library, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    file = written(tmp_path / "slurp", "train.jsonl", LINE, {**LINE, "slurp_id": 9, **changes})
    with pytest.raises(UserError, match=r"train\.jsonl, line 2") as caught:
        imported(library, file)
    assert told in str(caught.value)


def test_lines_go_back_as_they_were_and_changed_labels_are_annotated_anew(
    library: Library, tmp_path: Path
) -> None:
    file = written(tmp_path / "slurp", "devel.jsonl", LINE)
    (said,), _ = imported(library, file)
    changed = Label("alarm_remove", (Slot("time", "half past six"),))
    other = Utterance(
        0, "d", "x", "test", Label("lamp_on", (Slot("room", "big kitchen"),)), "light the big kitchen"
    )
    again = Utterance(0, "d", "7b", "validation", changed, said.text, origin=said.origin)
    export_utterances([said, again, other], "slurp", tmp_path / "out")
    first, second = map(json.loads, (tmp_path / "out" / "devel.jsonl").read_text("utf-8").splitlines())
    assert first == LINE
    assert (second["scenario"], second["action"], second["recordings"]) == (
        "alarm",
        "remove",
        LINE["recordings"],
    )
    assert second["intent"] == "alarm_remove"
    assert second["sentence_annotation"] == "olly wake anna's brother at [time : half past six]"
    assert second["entities"] == [{"span": [5, 6, 7], "type": "time"}]
    (third,) = map(json.loads, (tmp_path / "out" / "test.jsonl").read_text("utf-8").splitlines())
    assert third["sentence_annotation"] == "light the [room : big kitchen]"
    bad = Utterance(0, "d", "y", "test", Label("lamp_on", (Slot("room", "cellar"),)), "light")
    with pytest.raises(UserError, match="does not stand in its text"):
        export_utterances([bad], "slurp", tmp_path / "bad")


def test_sentences_read_by_machines_go_back_into_their_own_file(library: Library, tmp_path: Path) -> None:
    for name in ("train.jsonl", "train_synthetic.jsonl"):
        written(tmp_path / "slurp", name, LINE)
    before, _ = imported(library, tmp_path / "slurp")
    export_utterances(before, "slurp", tmp_path / "out")
    library.delete_dataset("new")
    after, _ = imported(library, tmp_path / "out")
    assert [(u.key, u.split, u.origin) for u in after] == [(u.key, u.split, u.origin) for u in before]


def test_recordings_of_machines_are_marked_as_synthetic(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    for name in ("train.jsonl", "train_synthetic.jsonl"):
        written(tmp_path / "slurp", name, LINE)
    for each in LINE["recordings"]:
        wav_file(f"slurp_real/{each['file']}")
    found, _ = imported(library, tmp_path / "slurp")
    assert {(u.key.startswith("synth"), u.synthetic) for u in found} == {
        (False, ""),
        (True, "SLURP's synthesis"),
    }


def test_recordings_set_aside_are_not_written_and_told(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    for each in LINE["recordings"]:
        wav_file(f"slurp_real/{each['file']}")
    (first, second), _ = imported(library, written(tmp_path / "slurp", "train.jsonl", LINE))
    assert export_utterances([first, second], "slurp", tmp_path / "all") == []
    assert json.loads((tmp_path / "all" / "train.jsonl").read_text("utf-8")) == LINE
    assert export_utterances([first], "slurp", tmp_path / "one") == [
        "1 recording of written sentences left out, as they are not in use."
    ]
    line = json.loads((tmp_path / "one" / "train.jsonl").read_text("utf-8"))
    assert line == {**LINE, "recordings": LINE["recordings"][:1]}
    assert export_utterances([second], "slurp", tmp_path / "none") == [
        "1 recording left out, whose sentences are not in use."
    ]


def test_of_another_formats_line_nothing_comes_into_slurps(tmp_path: Path) -> None:
    line = {"id": "3", "locale": "en-US", "tokens": ["stop"], "recordings": 4, "scenario": 3}
    other = Utterance(0, "d", "en-US/3", "test", Label("lamp_off"), "stop", origin=json.dumps(line))
    export_utterances([other], "slurp", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "test.jsonl").read_text("utf-8")) == {
        "slurp_id": "en-US/3",
        "sentence": "stop",
        "sentence_annotation": "stop",
        "intent": "lamp_off",
        "action": "off",
        "scenario": "lamp",
        "tokens": [{"surface": "stop", "id": 0}],
        "recordings": [],
        "entities": [],
    }


def test_the_real_files_come_in_whole_and_go_back_equal(
    library: Library, shared_data: Path, tmp_path: Path
) -> None:
    files = [shared_data / "slurp" / name for name in ("devel.jsonl", "test.jsonl")]
    _, notes = imported(library, *files)
    apart = 0
    for file, split in zip(files, ("validation", "test"), strict=True):
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        found = list(library.utterances(["new"], [split]))  # type: ignore[list-item]
        assert len(found) == len(lines)
        assert Counter(u.label.intent for u in found) == Counter(
            f"{x['scenario']}_{x['action']}" for x in lines
        )
        types = Counter(entity["type"] for line in lines for entity in line["entities"])
        assert Counter(slot.type for u in found for slot in u.label.slots) == types
        for line, utterance in zip(lines, found, strict=True):
            words = [token["surface"] for token in line["tokens"]]
            spans = [" ".join(words[n] for n in entity["span"]) for entity in line["entities"]]
            fillers = [slot.filler for slot in utterance.label.slots]
            apart += spans != fillers
            # They differ in how words are cut and in a comma, nowhere in what they say.
            assert [re.sub("[ ,]", "", each).lower() for each in spans] == [
                re.sub("[ ,]", "", each).lower() for each in fillers
            ]
    assert any(f"The slots of {apart} sentences are taken as" in note for note in notes)
    export_utterances(list(library.utterances(["new"])), "slurp", tmp_path / "out")
    for file in files:
        back = (tmp_path / "out" / file.name).read_text("utf-8").splitlines()
        assert [json.loads(line) for line in back] == [
            json.loads(x) for x in file.read_text("utf-8").splitlines()
        ]
