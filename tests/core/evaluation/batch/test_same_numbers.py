"""A batch and `spoonful evaluate` say the same about the same recordings, with the real model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.audio.files import read_audio
from core.data.importers import import_dataset
from core.data.importers.source import Source
from core.data.library import Library
from core.data.utterance import Ontology
from core.evaluation.batch.answers import BatchAnswer, answers
from core.evaluation.batch.items import items_of_folder, items_of_split
from core.evaluation.batch.scores import score_answers
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor
from core.paths import RESOURCES
from core.runs.store import RunStore
from tests.core.commands.conftest import Spoonful, spoonful, store

__all__ = ["spoonful", "store"]

COUNT = 8


def test_scores_are_those_of_the_command_line(spoonful: Spoonful, store: RunStore, tmp_path: Path) -> None:
    lines = (RESOURCES / "demo" / "manifest.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == "test" and "audio" in row][:COUNT]
    rows = [{**row, "audio": str(RESOURCES / "demo" / row["audio"])} for row in rows]
    ontology = Ontology(tuple(sorted({row["intent"] for row in rows})), ("room", "color", "time"))
    predictor = Predictor.load("teaspoon", ontology)
    # Untuned, the model gets next to nothing right: every other label is its own answer, so that a score has
    # something to tell apart.
    own = predictor.predict([read_audio(Path(row["audio"])) for row in rows[::2]])
    for row, answer in zip(rows[::2], own, strict=True):
        assert answer.label is not None
        row["intent"] = answer.label.intent
        row["slots"] = [{slot.type: slot.filler} for slot in answer.label.slots]
    folder = tmp_path / "takes"
    (folder / "audio").mkdir(parents=True)
    for row in rows:
        file = Path(row["audio"])
        row["audio"] = f"audio/{file.name}"
        (folder / row["audio"]).write_bytes(file.read_bytes())
    # Training lines bring the labels that the model may answer with.
    known = [{"text": f"t {i}", "intent": name, "split": "train"} for i, name in enumerate(ontology.intents)]
    slots = [
        {"text": kind, "intent": known[0]["intent"], "slots": {kind: kind}, "split": "train"}
        for kind in ontology.slot_types
    ]
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(json.dumps(row) for row in (*rows, *known, *slots)))
    library = Library(store.db, store.paths)
    import_dataset(library, "jsonl", [Source(manifest)], "takes")
    predictor = Predictor.load("teaspoon", library.ontology(["takes"]))

    def ask(items: Sequence[Path | str]) -> list[Prediction]:
        return predictor.predict([read_audio(each) if isinstance(each, Path) else each for each in items])

    told = spoonful("evaluate", "teaspoon", "--dataset", "takes", "--json").json["scores"][0]
    for batch in (items_of_split(library, "takes", "test", "speech"), items_of_folder(folder)):
        found: dict[int, BatchAnswer] = {}
        for some in answers(batch.items, ask):
            found.update(some)
        scores = score_answers(found[index] for index in range(len(batch.items)))
        assert scores is not None
        assert scores.n == told["n"] == COUNT
        assert scores.synthetic == told["synthetic"] == COUNT
        assert 0 < scores.scores["exact_match"].value < 1
        for metric, interval in scores.scores.items():
            assert [interval.value, interval.low, interval.high] == [
                told["metrics"][metric][part] for part in ("value", "low", "high")
            ]
        assert set(told["metrics"]) - set(scores.scores) == {"valid_json"}
