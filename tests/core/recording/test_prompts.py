"""Where prompts come from, and their order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from core.recording.prompts import ordered, prompts_by_coverage, prompts_of_dataset, prompts_of_file
from core.recording.session import Prompt
from core.recording.store import RecordingStore


def utterance(
    key: str, intent: str, text: str | None, *types: str, spoken: bool = False, **more: str
) -> Utterance:
    label = Label(intent, tuple(Slot(each, "x") for each in types))
    audio = Path(f"/nowhere/{key}.wav") if spoken else None
    return Utterance(0, "d", key, "train", label, text=text, audio=audio, duration_s=1.0, **more)


def add(store: RecordingStore, *utterances: Utterance) -> None:
    store.library.add_dataset("d", "test", utterances)


def texts(prompts: list[Prompt]) -> list[str]:
    return [prompt.text for prompt in prompts]


def test_what_sounds_the_same_is_read_once(store: RecordingStore) -> None:
    add(
        store,
        utterance("a", "greet", "Hello!", language="en"),
        utterance("b", "greet", "hello"),
        utterance("c", "greet", None, spoken=True),
        utterance("d", "part", "bye"),
    )
    prompts = prompts_of_dataset(store.library, "d")
    assert texts(prompts) == ["Hello!", "bye"]
    assert (prompts[0].label, prompts[0].language, prompts[0].origin) == (Label("greet"), "en", "d/a")
    with pytest.raises(UserError, match="has no texts in test"):
        prompts_of_dataset(store.library, "d", "test")


def test_coverage_begins_with_what_nobody_has_spoken(store: RecordingStore) -> None:
    add(
        store,
        utterance("a", "greet", "hello", spoken=True),
        utterance("b", "greet", "hi"),
        utterance("c", "lamp", "lamp on"),
        utterance("d", "lamp", "lamp on in the kitchen", "room"),
        utterance("e", "music", "play jazz", "genre"),
        utterance("f", "music", "play", spoken=True, synthetic="espeak-ng: en"),
    )
    prompts = prompts_by_coverage(store.library, "d")
    # Two things at once that are uncovered come before one; engines' speech covers nothing.
    assert texts(prompts)[:2] == ["lamp on in the kitchen", "play jazz"]
    assert set(texts(prompts)) == {"hello", "hi", "lamp on", "lamp on in the kitchen", "play jazz", "play"}
    assert texts(prompts).index("hi") < texts(prompts).index("hello"), "who said it need not say it again"
    assert texts(prompts_by_coverage(store.library, "d", 2)) == texts(prompts)[:2]
    assert prompts == prompts_by_coverage(store.library, "d")


def test_coverage_stays_even_all_the_way(store: RecordingStore) -> None:
    add(store, *(utterance(f"{n}", "ab"[n % 10 == 0], f"text {n}") for n in range(40)))
    intents = [prompt.label.intent for prompt in prompts_by_coverage(store.library, "d") if prompt.label]
    assert sorted(intents[:8]) == ["a"] * 4 + ["b"] * 4


def test_a_text_file_has_one_prompt_a_line(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes("\ufeffturn it on\r\n\r\n  Gr\u00fc\u00df  dich \n".encode())
    prompts = prompts_of_file(file)
    assert texts(prompts) == ["turn it on", "Gr\u00fc\u00df dich"]
    assert [prompt.label for prompt in prompts] == [None, None]
    assert prompts[1].origin == "list.txt, line 3"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"hello\n\xff\xfe\xfd\n", "line 2.*not UTF-8"),
        ("a.txt", b"hello\nbell\x07\n", "line 2.*control character"),
        ("a.txt", "hello".encode("utf-16"), "UTF-16"),
        ("a.tsv", b"first\tsecond\nx\ty\n", "No column is known to hold the texts"),
        ("a.jsonl", b'{"text": "hi"}\n', 'line 1.*"intent" is missing'),
        ("missing.txt", None, "no such|not there|cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        prompts_of_file(tmp_path / name)
    assert re.search(said, str(caught.value), re.DOTALL)


def test_labels_come_from_a_manifest_or_a_table(tmp_path: Path) -> None:
    manifest = tmp_path / "a.jsonl"
    manifest.write_text(json.dumps({"text": "on", "intent": "lamp_on", "slots": {"room": "hall"}}))
    table = tmp_path / "b.tsv"
    table.write_text("text\tintent\tslot:room\non\tlamp_on\thall\n")
    wanted = Label("lamp_on", (Slot("room", "hall"),))
    assert [prompt.label for prompt in prompts_of_file(manifest)] == [wanted]
    assert [prompt.label for prompt in prompts_of_file(table)] == [wanted]
    bare = tmp_path / "c.csv"
    bare.write_text("id,sentence\n1,on\n2,off\n")
    assert texts(prompts_of_file(bare)) == ["on", "off"]


def test_a_shuffled_order_is_the_same_for_the_same_seed() -> None:
    prompts = [Prompt(0, 0, str(number)) for number in range(20)]
    assert ordered(prompts, None) == prompts
    assert ordered(prompts, 7) == ordered(prompts, 7) != prompts
    assert ordered(prompts, 7) != ordered(prompts, 8)
    assert sorted(texts(ordered(prompts, 7))) == sorted(texts(prompts))
