from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.commands.conftest import Spoonful


def test_import_list_show(spoonful: Spoonful, manifest: Path) -> None:
    done = spoonful("datasets", "import", "--format", "jsonl", "--name", "home", manifest)
    assert done.code == 0
    assert "12 utterances" in done.out
    assert "home" in spoonful("datasets", "list").out
    shown = spoonful("datasets", "show", "home")
    assert "lamp_on" in shown.out
    assert "room" in shown.out
    listed = spoonful("datasets", "list", "--json").json["datasets"][0]
    assert listed["counts"]["train"] == {"text": 4, "speech": 2}
    assert spoonful("datasets", "show", "home", "--json").json["distribution"][0]["intent"] == "lamp_on"


def test_a_split_may_be_given_for_all_lines(spoonful: Spoonful, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "hello", "intent": "greet"}\n')
    done = spoonful("datasets", "import", "--name", "tests-only", "--split", "test", file, "--json")
    assert done.json["counts"]["test"] == {"text": 1, "speech": 0}


def test_each_file_may_have_its_own_split_and_the_rest_is_divided_as_asked(
    spoonful: Spoonful, tmp_path: Path
) -> None:
    text, more = tmp_path / "text.jsonl", tmp_path / "more.jsonl"
    text.write_text('{"text": "hello", "intent": "greet"}\n')
    more.write_text("".join(f'{{"text": "hello {n}", "intent": "greet"}}\n' for n in range(10)))
    call = ("datasets", "import", "--name", "a", "--json", text, more)
    counts = spoonful(*call, "--split", "text.jsonl=train", "--fractions", "0.5,0.2,0.3").json["counts"]
    assert [counts[split]["text"] for split in ("train", "validation", "test")] == [1 + 5, 2, 3]
    counts = spoonful(*call, "--replace", "--split", "test", "--split", f"{text}=train").json["counts"]
    assert [counts[split]["text"] for split in ("train", "validation", "test")] == [1, 0, 10]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--split", "testing"), '"testing" is not one of train, validation, test'),
        (("--split", "other.jsonl=test"), 'none is called "other.jsonl"'),
        (("--fractions", "0.8,0.2"), "not three numbers"),
        (("--fractions", "0.8,0.2,0.2"), "add up to 1"),
    ],
)
def test_wrong_splits_are_named_and_nothing_is_imported(
    spoonful: Spoonful, manifest: Path, wrong: tuple[str, str], words: str
) -> None:
    done = spoonful("datasets", "import", "--name", "home", manifest, *wrong)
    assert done.code == 2
    assert words in done.err
    assert spoonful("datasets", "list", "--json").json == {"datasets": []}


def test_a_broken_manifest_names_file_and_line_and_imports_nothing(
    spoonful: Spoonful, tmp_path: Path
) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text('{"text": "hello", "intent": "greet"}\n{"text": \n')
    done = spoonful("datasets", "import", "--name", "broken", file)
    assert done.code == 2
    assert "broken.jsonl" in done.err
    assert "2" in done.err
    assert spoonful("datasets", "list", "--json").json == {"datasets": []}


def test_a_taken_name_is_kept_unless_replace_is_said(
    spoonful: Spoonful, dataset: str, manifest: Path
) -> None:
    assert spoonful("datasets", "import", "--name", dataset, manifest).code == 2
    assert spoonful("datasets", "import", "--name", dataset, "--replace", manifest).code == 0


def test_check_tells_errors_by_its_exit_code(spoonful: Spoonful, dataset: str, tmp_path: Path) -> None:
    fine = spoonful("datasets", "check", dataset, "--json")
    assert (fine.code, fine.json["errors"]) == (0, 0)
    (tmp_path / "1.wav").unlink()
    broken = spoonful("datasets", "check", dataset)
    assert broken.code == 1
    assert "1.wav" in broken.out
    assert "1 errors" in broken.out or "1 error" in broken.out
    unknown = spoonful("datasets", "check", "hone")
    assert unknown.code == 2
    assert "home" in unknown.err


def test_what_a_check_finds_can_be_quarantined_and_released(
    spoonful: Spoonful, dataset: str, tmp_path: Path
) -> None:
    (tmp_path / "1.wav").write_bytes(b"broken")
    wrong = spoonful("datasets", "quarantine", dataset, "--problem", "clipped")
    assert wrong.code == 2
    assert "It finds: filler not in text, unreadable recording" in wrong.err
    (key,) = spoonful("datasets", "quarantine", dataset, "--problem", "unreadable recording", "--json").json[
        "quarantined"
    ]
    assert spoonful("datasets", "show", dataset, "--json").json["quarantined"] == 1
    assert spoonful("datasets", "check", dataset).code == 0
    assert "1 utterances released" in spoonful("datasets", "release", dataset).out
    assert "0 utterances released" in spoonful("datasets", "release", dataset, "--key", key).out


def test_a_dataset_of_the_hub_may_be_asked_for_by_its_id_and_configuration(
    spoonful: Spoonful, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    call = ("datasets", "import", "--name", "again", "--format", "hub")
    unknown = spoonful(*call, "somebody/orders")
    assert unknown.code == 2
    assert "The Hugging Face Hub cannot be reached" in unknown.err
    assert spoonful("datasets", "import", "--name", "home", manifest).code == 0
    folder = tmp_path / "published"
    assert spoonful("datasets", "export", "home", "--format", "parquet", "--to", folder).code == 0
    assert "configuration de" in spoonful(*call, folder, "--configuration", "de").err
    assert "12 utterances" in spoonful(*call, folder).out
