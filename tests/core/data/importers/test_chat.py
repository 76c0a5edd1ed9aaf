"""Chats made for other trainers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.data.importers import detect, import_dataset
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker


def chat(question: str, answer: str, *audios: str, **more: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, "audios": list(audios), **more}


ANSWER = '{"intent": "lamp_on", "slots": {"room": "kitchen"}}'
LABEL = Label("lamp_on", (Slot("room", "kitchen"),))


def saved(folder: Path, *chats: object, name: str = "train.json") -> Path:
    text = json.dumps(chats) if name.endswith(".json") else "".join(json.dumps(each) + "\n" for each in chats)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def imported(library: Library, path: Path) -> tuple[list[Utterance], tuple[str, ...]]:
    summary = import_dataset(library, detect([path]), [path], "new")
    assert summary.format == "chat"
    return list(library.utterances(["new"])), summary.notes


@pytest.mark.parametrize("name", ["train.json", "train.jsonl"])
def test_the_answer_is_the_label_and_the_shared_line_the_instruction(
    library: Library, tmp_path: Path, wav_file: WavMaker, name: str
) -> None:
    audio = wav_file("sounds/a.wav")
    path = saved(
        tmp_path,
        chat("<audio>What does the user want?", ANSWER, "sounds/a.wav"),
        chat("What does the user want?\nlight the kitchen", ANSWER),
        chat("What does the user want?\nplease\nstop", '{"intent": "stop", "slots": []}'),
        name=name,
    )
    (spoken, written, stop), notes = imported(library, path)
    assert (spoken.text, spoken.audio, spoken.label, spoken.split) == (None, audio, LABEL, "train")
    assert (written.text, written.label) == ("light the kitchen", LABEL)
    assert (stop.text, stop.label) == ("please\nstop", Label("stop"))
    assert notes[0].startswith('"What does the user want?" stands in every text')


def test_sharegpt_turns_and_a_system_are_understood(library: Library, tmp_path: Path) -> None:
    turns = [
        {"from": "system", "value": "You label orders."},
        {"from": "human", "value": "light the kitchen"},
        {"from": "gpt", "value": ANSWER},
    ]
    saved(tmp_path, {"conversations": turns}, name="data.json")
    (tmp_path / "dataset_info.json").write_text('{"mine": {"file_name": "data.json"}}')
    (only,), _ = imported(library, tmp_path)
    assert (only.text, only.label) == ("light the kitchen", LABEL)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (chat("<audio>", ANSWER), "it has 1 times <audio> but 0 audios"),
        (chat("listen", ANSWER, "a.wav"), "it has 0 times <audio> but 1 audios"),
        (chat("<audio><audio>", ANSWER, "a.wav", "a.wav"), "it has 2 audios; an utterance has one"),
        (chat("<audio>", ANSWER, "gone.wav"), '"audios": The sound file is missing. (gone.wav)'),
        (chat("light", "The lamp is on."), "the answer is no label like"),
        (chat("light", '{"intent": "x", "slots": {"a": 3}}'), 'the slot "a" must be text, not 3'),
        (chat("light", ANSWER, split="holdout"), '"split" must be train, validation or test'),
        ({"messages": [{"role": "user", "content": "hi"}]}, "here speak: user"),
        ({"messages": "hi"}, "here speak: nobody"),
        ({**chat("<audio>", ANSWER), "audios": {"a": 1}}, '"audios" must be a list of paths'),
        ("hello", "must be an object"),
    ],
)
def test_what_is_wrong_is_told_with_its_record(
    library: Library, tmp_path: Path, wav_file: WavMaker, wrong: object, told: str
) -> None:
    wav_file("a.wav")
    path = saved(tmp_path, chat("light", ANSWER), wrong)
    with pytest.raises(UserError, match=r"train\.json, record 2") as caught:
        imported(library, path)
    assert told in str(caught.value)
    assert library.names() == []


def test_broken_files_are_told(library: Library, tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text("[{")
    with pytest.raises(UserError, match=r"train\.json, line 1, character 3: The JSON is broken"):
        import_dataset(library, "chat", [tmp_path / "train.json"], "new")
    (tmp_path / "dataset_info.json").write_text("[]")
    with pytest.raises(UserError, match=r"dataset_info\.json"):
        import_dataset(library, "chat", [tmp_path], "new")


def test_a_list_of_files_tells_what_it_has_elsewhere(library: Library, tmp_path: Path) -> None:
    saved(tmp_path, chat("light the kitchen", ANSWER), name="train.json")
    info = {"mine": {"file_name": "train.json"}, "theirs": {"hf_hub_url": "somebody/chats"}}
    (tmp_path / "dataset_info.json").write_text(json.dumps(info), encoding="utf-8")
    (only,), notes = imported(library, tmp_path)
    assert only.label == LABEL
    assert "dataset_info.json names no file for theirs: left out." in notes


def test_what_is_empty_is_absent_and_zero_is_an_id(library: Library, tmp_path: Path) -> None:
    first = {**chat("light the kitchen", ANSWER), "id": 0, "speaker": "", "language": "", "text": ""}
    (only,), _ = imported(library, saved(tmp_path, first, name="train.json"))
    assert (only.key, only.speaker, only.language, only.text) == ("0", "", "", "light the kitchen")
