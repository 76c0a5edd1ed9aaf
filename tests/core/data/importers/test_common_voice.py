"""Common Voice: no intents of its own, and the same recordings in several tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.importers import detect, import_dataset
from core.data.importers.source import Options, Source
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker

HEADER = "client_id\tpath\tsentence\tup_votes\tlocale\tintent\tannotation\n"


@pytest.fixture
def corpus(tmp_path: Path, wav_file: WavMaker) -> Path:
    for name in "abc":
        wav_file(f"cv/en/clips/{name}.wav")
    return tmp_path / "cv" / "en"


def table(folder: Path, name: str, *rows: str, header: str = HEADER) -> Path:
    (folder / name).write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return folder / name


def row(name: str, sentence: str, intent: str = "lamp_on", annotation: str = "", locale: str = "en") -> str:
    return f"speaker-{name}\t{name}.wav\t{sentence}\t2\t{locale}\t{intent}\t{annotation}"


def imported(
    library: Library, path: Path, options: Options | None = None
) -> tuple[list[Utterance], tuple[str, ...]]:
    assert detect([path]) == "common_voice"
    summary = import_dataset(library, None, [path], "new", options=options or Options())
    return list(library.utterances(["new"])), summary.notes


def test_sentences_have_speakers_recordings_and_the_split_of_their_table(
    library: Library, corpus: Path
) -> None:
    table(
        corpus,
        "train.tsv",
        row("a", '"Light," she said, "in the hall"', annotation="light in the [room : hall]"),
    )
    table(corpus, "dev.tsv", row("b", "light"))
    (second, first), notes = imported(library, corpus)
    assert first.label == Label("lamp_on", (Slot("room", "hall"),))
    assert first.text == '"Light," she said, "in the hall"'
    assert (first.audio, first.speaker, first.language, first.split) == (
        corpus / "clips" / "a.wav",
        "speaker-a",
        "en",
        "train",
    )
    assert second.split == "validation"
    assert "Columns ignored: up_votes." in notes


def test_a_recording_of_several_tables_is_taken_once_and_told(library: Library, corpus: Path) -> None:
    table(corpus, "train.tsv", row("a", "light"))
    table(corpus, "test.tsv", row("b", "more light"))
    table(corpus, "validated.tsv", row("a", "light"), row("b", "more light"), row("c", "dark", "lamp_off"))
    table(corpus, "other.tsv", row("c", "mumble"))
    found, notes = imported(library, corpus)
    assert sorted((each.key, each.text) for each in found) == [
        ("a.wav", "light"),
        ("b.wav", "more light"),
        ("c.wav", "dark"),
    ]
    assert {each.key: each.split for each in found}["b.wav"] == "test"
    assert "2 rows of validated.tsv left out: their recordings had been taken already." in notes
    assert "Left out: other.tsv. Nobody has confirmed that the sentences there are what is said." in notes


def test_a_recording_with_two_labels_is_refused(library: Library, corpus: Path) -> None:
    table(corpus, "train.tsv", row("a", "light"))
    table(corpus, "validated.tsv", row("a", "light", "lamp_off"))
    told = r"validated\.tsv, row 2: a\.wav has another sentence or label in train\.tsv, row 2"
    with pytest.raises(UserError, match=told):
        imported(library, corpus)


def test_without_intents_it_is_said_what_to_add(library: Library, corpus: Path) -> None:
    header = "client_id\tpath\tsentence\tlocale\n"
    for name in ("train.tsv", "test.tsv"):
        table(corpus, name, "s\ta.wav\tlight\ten", header=header)
    with pytest.raises(UserError, match=r"No column here holds an intent.*train\.tsv|train\.tsv") as caught:
        imported(library, corpus)
    assert 'Add a column "intent"' in caught.value.remedy
    (corpus / "test.tsv").unlink()
    table(corpus, "train.tsv", "s\ta.wav\tlight\ten\tlamp_on", header=header.replace("\n", "\tmeaning\n"))
    (only,), _ = imported(library, corpus, Options(columns={"intent": "meaning"}))
    assert only.label == Label("lamp_on")


def test_a_table_without_intents_beside_others_is_left_out(library: Library, corpus: Path) -> None:
    table(corpus, "train.tsv", row("a", "light"))
    table(corpus, "validated.tsv", "s\tb.wav\tlight\ten", header="client_id\tpath\tsentence\tlocale\n")
    found, notes = imported(library, corpus)
    assert [each.key for each in found] == ["a.wav"]
    assert "Left out: validated.tsv. No column there holds an intent." in notes


def test_languages_lie_beside_each_other(library: Library, corpus: Path, wav_file: WavMaker) -> None:
    wav_file("cv/de/clips/a.wav")
    table(corpus, "train.tsv", row("a", "light"))
    table(corpus.parent / "de", "train.tsv", row("a", "Licht", locale="de"))
    found, _ = imported(library, corpus.parent)
    assert [(each.key, each.language) for each in found] == [("de/a.wav", "de"), ("en/a.wav", "en")]
    library.delete_dataset("new")
    found, notes = imported(library, corpus.parent, Options(languages=("de",)))
    assert [each.text for each in found] == ["Licht"]
    assert "1 row in other languages left out." in notes


def test_without_clips_it_is_texts_alone_but_a_missing_one_is_a_problem(
    library: Library, tmp_path: Path, corpus: Path
) -> None:
    (tmp_path / "texts").mkdir()
    (only,), notes = imported(library, table(tmp_path / "texts", "train.tsv", row("a", "light")))
    assert (only.text, only.audio) == ("light", None)
    assert any("no folder clips beside train.tsv, so these are texts alone" in note for note in notes)
    table(corpus, "train.tsv", row("a", "light"), row("gone", "light"))
    with pytest.raises(
        UserError, match=r'train\.tsv, row 3: "path": The sound file is missing\. \(gone\.wav\)'
    ):
        import_dataset(library, "common_voice", [Source(corpus)], "more")


def test_slots_that_a_spreadsheet_put_into_quotes_are_read(library: Library, corpus: Path) -> None:
    header = HEADER.replace("annotation", "slots")
    quoted = '"{""room"": ""hall""}"'
    table(corpus, "train.tsv", row("a", "hall light", annotation=quoted), header=header)
    (only,), _ = imported(library, corpus)
    assert only.label.slots == (Slot("room", "hall"),)


def test_other_folders_and_tables_are_refused(library: Library, corpus: Path) -> None:
    with pytest.raises(UserError, match="no TSV file with the columns path, sentence, client_id"):
        import_dataset(library, "common_voice", [corpus], "new")
    other = table(corpus, "a.tsv", "light\tlamp_on", header="sentence\tintent\n")
    assert detect([other]) == "table"
    with pytest.raises(UserError, match=r'a\.tsv: There is no column "path"'):
        import_dataset(library, "common_voice", [other], "new")


def test_recordings_may_lie_beside_the_table(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    audio = wav_file("flat/a.wav")
    (only,), _ = imported(library, table(tmp_path / "flat", "train.tsv", row("a", "light")))
    assert only.audio == audio
