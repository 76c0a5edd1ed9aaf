"""Whatever is in the files: an import ends with a dataset or with words, never with a crash."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.importers import IMPORTERS, read_utterances
from core.data.importers.annotation import read_annotation
from core.data.importers.source import Source
from core.errors import UserError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "id text audio intent slots split speaker language messages conversations audios slurp_id sentence"
    " sentence_annotation scenario action recordings locale annot_utt utt partition path"
).split()
OBJECTS = st.dictionaries(st.sampled_from(NAMES), JSON | st.text(max_size=12), max_size=9)
QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FILES = {
    "table": "a.csv",
    "picovoice": "label.json",
    "chat": "a.json",
    "parquet": "a.parquet",
    "fluent": "a.csv",
    "minds14": "en-US.csv",
    "common_voice": "a.tsv",
    "folder": "metadata.jsonl",
}


@pytest.mark.parametrize("format_name", IMPORTERS)
@QUIET
@given(content=st.lists(OBJECTS, max_size=4) | JSON)
def test_any_json_is_imported_or_refused_in_words(tmp_path: Path, format_name: str, content: object) -> None:
    file = tmp_path / FILES.get(format_name, "train.jsonl")
    lines = content if isinstance(content, list) and file.suffix == ".jsonl" else [content]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    try:
        utterances, _ = read_utterances(format_name, [Source(file)], "any")
    except UserError as error:
        _hold_words(error)
    else:
        assert all(utterance.label.intent.strip() for utterance in utterances)


@pytest.mark.parametrize("format_name", IMPORTERS)
@QUIET
@given(content=st.binary(max_size=200))
def test_any_bytes_are_imported_or_refused_in_words(tmp_path: Path, format_name: str, content: bytes) -> None:
    file = tmp_path / FILES.get(format_name, "train.jsonl")
    file.write_bytes(content)
    try:
        read_utterances(format_name, [Source(file)], "any")
    except UserError as error:
        _hold_words(error)


def _hold_words(error: UserError) -> None:
    assert error.what
    assert error.remedy


WORDS = (
    st.text(string.ascii_letters + "\u00e9\u4e2d' .,", min_size=1, max_size=12).map(str.strip).filter(bool)
)


@QUIET
@given(parts=st.lists(st.tuples(st.sampled_from(["", "time", "room name"]), WORDS), min_size=1, max_size=6))
def test_an_annotation_gives_back_its_text_and_slots(parts: list[tuple[str, str]]) -> None:
    annotated = " ".join(f"[{name} : {words}]" if name else words for name, words in parts)
    text, slots = read_annotation(annotated)
    assert text == " ".join(" ".join(words for _, words in parts).split())
    assert [(slot.type, slot.filler) for slot in slots] == [part for part in parts if part[0]]
