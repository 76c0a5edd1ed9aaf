"""What an experiment sees, counted by looking at every utterance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from core.experiment.mix import mix_of, write_list
from core.experiment.schedule import build_schedule
from core.experiment.spec import ExperimentSpec, validate_experiment
from core.paths import AppPaths
from core.storage.database import open_database


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    """ "orders": 40 English texts, every second with a recording of 6 s; 10 German ones without."""
    db = open_database(app_paths.database)
    library = Library(db, app_paths)
    utterances = [
        Utterance(
            0,
            "",
            f"u{number}",
            "train",
            Label("rare" if number == 1 else "usual", (Slot("kind", "x"),) * (number % 3 == 0)),
            f"text\t{number}",
            Path(f"/x/{number}.wav") if number < 40 and number % 2 == 0 else None,
            6.0 if number < 40 and number % 2 == 0 else None,
            "en" if number < 40 else "de",
        )
        for number in range(50)
    ]
    library.add_dataset("orders", "made", utterances)
    yield library
    db.close()


def experiment(**changes: Any) -> ExperimentSpec:
    return validate_experiment(
        {
            "schema_version": 1,
            "name": "x",
            "base_model": "teaspoon",
            "data": {"train": ["orders"], "test": ["orders"], "speech": {"share": 0.5}},
            "stage": [
                {"name": "text", "epochs": 2, "learning_rate": 1e-4},
                {"name": "both", "text": 0.5, "speech": True, "learning_rate": 1e-4},
            ],
            **changes,
        }
    )


def test_each_stage_is_told_by_dataset_language_and_modality(library: Library) -> None:
    mix = mix_of(experiment(), library)
    told = {(part.stage, part.language, part.modality): part for part in mix.parts}
    assert (told["text", "en", "text"].pairs, told["text", "en", "text"].examples) == (40, 80)
    assert (told["text", "de", "text"].pairs, told["text", "de", "text"].examples) == (10, 20)
    assert (told["both", "en", "speech"].pairs, told["both", "en", "speech"].minutes) == (10, 1.0)
    assert sum(part.pairs for part in mix.parts if part.stage == "both" and part.modality == "text") == 25
    assert mix.unheard_intents == ("rare",)
    assert mix.unseen_intents == mix.unseen_slot_types == ()
    assert mix.left_out == {"recordings outside of the speech share": 10}


def test_what_is_left_out_is_told_with_its_reason(library: Library) -> None:
    library.quarantine("orders", ["u2", "u3"], "noisy")
    spec = experiment(
        stage=[{"name": "text", "learning_rate": 1e-4}],
        data={"train": ["orders"], "test": ["orders"], "languages": {"de": {"text": 0.5}}},
    )
    assert mix_of(spec, library).left_out == {
        "quarantined": 2,
        "recordings, since no stage uses speech": 19,
        "texts outside of the text share": 5,
    }


def test_the_list_is_the_schedule_line_by_line(library: Library, tmp_path: Path) -> None:
    spec = experiment()
    file = tmp_path / "mix.tsv"
    rows = write_list(spec, library, file)
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    cells = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    keys = {each.id: each.key for each in library.utterances(["orders"])}
    schedule = build_schedule(spec, library.candidates(["orders"]))
    expected = [
        (stage.name, keys[example.utterance_id], example.modality)
        for stage in schedule.stages
        for batch in stage.batches
        for example in batch
    ]
    assert [(cell["stage"], cell["key"], cell["modality"]) for cell in cells] == expected
    assert rows == len(expected)
    assert int(cells[-1]["step"]) == schedule.total_steps
    assert cells[0]["text"].startswith("text ")


def test_what_cannot_be_scheduled_has_no_mix(library: Library) -> None:
    with pytest.raises(UserError, match='in the language "fr"'):
        mix_of(experiment(data={"train": ["orders"], "test": ["orders"], "languages": {"fr": {}}}), library)
