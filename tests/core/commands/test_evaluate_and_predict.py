from __future__ import annotations

import json
from pathlib import Path

from core.runs.store import RunStore
from tests.conftest import WavMaker
from tests.core.commands.conftest import Spoonful
from tests.core.runs.conftest import SPEC


def test_a_base_model_is_scored_on_a_dataset(spoonful: Spoonful, dataset: str, tiny_model: Path) -> None:
    done = spoonful("evaluate", tiny_model, "--dataset", dataset, "--hearing", "--json")
    assert done.code == 0
    speech, shuffled = done.json["scores"]
    assert (speech["dataset"], speech["split"], speech["input"], speech["n"]) == ("home", "test", "speech", 2)
    assert set(speech["metrics"]) == {"exact_match", "intent_accuracy", "slot_f1", "slu_f1", "valid_json"}
    assert "hearing_gain_exact_match" in shuffled["metrics"]
    text = spoonful(
        "evaluate", tiny_model, "--dataset", dataset, "--input", "text", "--split", "train", "--limit", 3
    )
    assert text.code == 0
    assert "home / train" in text.out
    assert "95 %" in text.out


def test_the_cascade_is_scored_with_its_transcripts(
    spoonful: Spoonful, dataset: str, tiny_model: Path
) -> None:
    done = spoonful("evaluate", tiny_model, "--dataset", dataset, "--input", "cascade", "--json")
    assert done.code == 0
    (scores,) = done.json["scores"]
    assert (scores["input"], scores["n"]) == ("cascade", 2)
    assert {"exact_match", "slot_f1", "word_error_rate"} <= set(scores["metrics"])
    refused = spoonful("evaluate", tiny_model, "--dataset", dataset, "--input", "cascade", "--hearing")
    assert refused.code == 2
    assert "leave out --input cascade" in refused.err


def test_predict_answers_every_file_and_names_the_unreadable(
    spoonful: Spoonful, dataset: str, tiny_model: Path, wav_file: WavMaker, tmp_path: Path
) -> None:
    good, bad = wav_file("good.wav"), tmp_path / "bad.wav"
    bad.write_bytes(b"not audio")
    done = spoonful("predict", tiny_model, bad, good, "--dataset", dataset, "--json")
    assert done.code == 2
    failed, answer = done.json["answers"]
    assert "bad.wav" in failed["error"]["where"]
    assert answer["label"]["intent"] in {"lamp_on", "lamp_off"}
    assert 0 <= answer["confidence"] <= 1
    assert answer["latency_ms"] > 0
    plain = spoonful("predict", tiny_model, good, "--dataset", dataset)
    assert plain.code == 0
    assert '{"intent": "lamp_o' in plain.out
    assert "confidence" in plain.out


def test_files_are_looked_at_before_the_model_is_loaded(
    spoonful: Spoonful, dataset: str, tiny_model: Path, wav_file: WavMaker, tmp_path: Path
) -> None:
    nowhere = tmp_path / "gone.wav"
    missing = spoonful("predict", tiny_model, nowhere, tmp_path, "--dataset", dataset)
    assert missing.code == 2
    assert "loading" not in missing.err
    assert str(nowhere) in missing.err
    assert "Check the path" in missing.err
    assert "This is a folder" in missing.err
    assert "manifest" not in missing.err
    told = spoonful("predict", tiny_model, nowhere, "--dataset", dataset, "--json")
    assert told.code == 2
    assert told.json["answers"][0]["error"]["what"] == "The sound file is missing."

    # With one good file among them the model answers that; the bad one was named first.
    mixed = spoonful("predict", tiny_model, wav_file("good.wav"), nowhere, "--dataset", dataset)
    assert mixed.code == 2
    assert "lamp_o" in mixed.out
    assert mixed.err.index("gone.wav") < mixed.err.index("loading")


def test_what_cannot_answer_is_refused_in_words(
    spoonful: Spoonful, dataset: str, tiny_model: Path, store: RunStore, wav_file: WavMaker
) -> None:
    audio = wav_file()
    assert "--dataset" in spoonful("predict", tiny_model, audio).err
    unknown = spoonful("predict", "no-such-thing", audio)
    assert unknown.code == 2
    assert "neither a run nor a base model" in unknown.err
    untrained = spoonful("predict", store.create(SPEC), audio)
    assert untrained.code == 2
    assert "run" in untrained.err
    assert spoonful("evaluate", tiny_model, "--dataset", "hone").code == 2
    both = spoonful("evaluate", tiny_model, "--dataset", dataset, "--hearing", "--input", "text")
    assert both.code == 2


def test_how_sure_a_model_is_can_be_looked_at(spoonful: Spoonful, dataset: str, tiny_model: Path) -> None:
    done = spoonful("evaluate", tiny_model, "--dataset", dataset, "--calibration", "--json")
    assert done.code == 0
    found = done.json["calibration"]
    assert found["n"] == 2
    assert 0 <= found["ece"] <= 1
    assert found["ece"] == found["ece_uncalibrated"]  # a base model is not calibrated
    plain = spoonful("evaluate", tiny_model, "--dataset", dataset, "--calibration")
    assert "Calibration of the intents" in plain.out


def test_only_runs_are_calibrated(spoonful: Spoonful, tiny_model: Path) -> None:
    refused = spoonful("calibrate", tiny_model)
    assert refused.code == 2
    assert "Name a run" in refused.err


def test_a_file_of_predictions_is_scored_as_slurp_does(spoonful: Spoonful, tmp_path: Path) -> None:
    gold, predictions = tmp_path / "gold.jsonl", tmp_path / "p.jsonl"
    label = {"scenario": "lamp", "action": "on"}
    tokens = [{"surface": "On"}]
    gold.write_text(json.dumps({**label, "slurp_id": 1, "tokens": tokens, "entities": [], "recordings": []}))
    predictions.write_text(json.dumps({**label, "slurp_id": "1", "entities": []}))
    done = spoonful("score", "--gold", gold, "--predictions", predictions, "--load-gold", "--json")
    assert done.code == 0
    assert done.json["scores"]["intent"]["f1"] == 1
    plain = spoonful("score", "--gold", gold, "--predictions", predictions, "--load-gold")
    assert "SLU-F1" in plain.out
    assert "1 examples scored" in plain.out
