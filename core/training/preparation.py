"""From a run's folder to everything it works on, checked before the first step and written down beside it."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil
import torch

from core.data.checks.splits import refuse_leaks
from core.data.library import Library
from core.data.seeding import permutation
from core.data.utterance import Utterance
from core.errors import UserError
from core.experiment.schedule import build_schedule
from core.experiment.spec import ExperimentSpec
from core.inference.ontology_file import write_ontology
from core.models.augmentation import noise_files
from core.models.family import LalmFamily
from core.models.kernels import use_fast_kernels
from core.models.loading import base_model_fingerprint, load_family
from core.models.pseudo_audio import UNFAMILIAR
from core.storage.files import write_text_atomically
from core.training.base_model import fetch_base_model
from core.training.early_stopping import check_validation
from core.training.material import (
    check_labels,
    check_recordings,
    fingerprint,
    noises_fingerprint,
    recordings_fingerprint,
)
from core.training.parallel import process_count
from core.training.precision import training_device, weights_dtype
from core.training.recipe import Job
from core.training.reporter import Reporter

_log = logging.getLogger(__name__)

DATA_FILE = "data.json"
ENVIRONMENT_FILE = "environment.json"
_LIBRARIES = ("torch", "transformers", "peft", "accelerate", "numpy", "safetensors", "soxr", "soundfile")
_VALIDATION_CHOICE = 4
"""What the seed is used for here; core.experiment.schedule has the other uses."""
_SETTLED: Final = {
    "utterances": "The data has",
    "sha256": "The data has",
    "recordings": "The content of the recordings has",
    "noises": "The folder of noises has",
    "base_model": "The base model has",
}
"""What DATA_FILE holds, and how the error begins when a resumed run finds it changed."""


@dataclass(frozen=True)
class Preparation:
    """A run ready to train, and the test utterances that give its final scores."""

    job: Job
    test: Sequence[Utterance]
    watched: Sequence[Utterance]
    """All of the validation utterances."""


def prepare(
    run: Path, spec: ExperimentSpec, library: Library, reporter: Reporter, features: Path | None = None
) -> Preparation:
    """Read the data, download the base model if need be, load it and check that they fit.

    features: where the feature cache is, None to do without one whatever the experiment says.
    Writes environment.json, data.json and ontology.json into `run`. Raises UserError for whatever would
    make the run fail later or its scores wrong: missing datasets, no test utterances, recordings in two
    splits, unreadable, too short or too long recordings, labels that spell control tokens, a stage without
    data or a validation that early stopping needs, and data, recordings or a base model that changed since
    the run began.
    """
    reporter.activity("reading the data")
    schedule = build_schedule(spec, library.candidates(spec.data.train))
    training = {utterance.id: utterance for utterance in library.utterances(spec.data.train, ["train"])}
    watched = list(library.utterances(spec.data.train, ["validation"]))
    validation = _validation(spec, watched)
    check_validation(spec.evaluation, validation)
    library.require_test(spec.data.test)
    test = list(library.utterances(spec.data.test, ["test"]))
    refuse_leaks([*training.values(), *watched], test)
    _note_environment(run, spec)
    ontology = library.ontology(spec.data.train)

    fetch_base_model(spec, reporter)
    reporter.activity("loading the base model")
    family = load_base_model(spec, training_device(), features)
    noises = () if spec.augmentation is None else noise_files(spec.augmentation)
    if spec.writes_pseudo_audio and not family.knows_pseudo_audio:
        _log.warning(UNFAMILIAR)
    reporter.activity("checking the recordings")
    # The names of all validation labels may be answered, so they are tokenised too.
    check_labels([*training.values(), *watched], family)
    heard = [*(training[id_] for id_ in schedule.speech_ids), *validation, *test]
    hashes = check_recordings(heard, family.window_s, reporter.heartbeat)
    everything = [*training.values(), *validation, *test]
    content = {
        "utterances": len(everything),
        "sha256": fingerprint(everything, languages=bool(spec.data.languages)),
        "recordings": recordings_fingerprint(heard, hashes),
        "noises": noises_fingerprint(noises, reporter.heartbeat),
        "base_model": base_model_fingerprint(spec.base_model),
    }
    _settle_data(run, content)
    write_ontology(run, ontology)
    job = Job(
        spec=spec,
        schedule=schedule,
        family=family,
        utterances=training,
        ontology=ontology,
        validation=validation,
        checkpoints=run / "checkpoints",
    )
    return Preparation(job, test, watched)


def load_base_model(spec: ExperimentSpec, device: torch.device, features: Path | None) -> LalmFamily:
    """The experiment's base model as it is trained. features: where the feature cache is, None to do without.
    Raises UserError when the model is not there or does not fit."""
    family = load_family(
        spec.base_model,
        dtype=weights_dtype(spec.training.precision),
        device=device,
        quantization=spec.training.quantization,
    )
    if device.type == "cuda" and spec.training.kernels == "auto":
        use_fast_kernels(family)
    if spec.hears_anew:
        _log.info("the feature cache is off: %s", spec.hears_anew)
    elif spec.training.remember_features and features is not None:
        family.remember_features(features)
    if spec.augmentation is not None:
        family.augment(spec.augmentation)
    return family


def _validation(spec: ExperimentSpec, utterances: Sequence[Utterance]) -> list[Utterance]:
    """A seeded choice of validation recordings; of texts when there is no recording."""
    pool = [utterance for utterance in utterances if utterance.has("speech")] or utterances
    chosen = permutation(len(pool), spec.training.seed, _VALIDATION_CHOICE)
    return [pool[position] for position in sorted(chosen[: spec.evaluation.validation_limit])]


def _settle_data(run: Path, content: Mapping[str, object]) -> None:
    """Write down what the run learns from and is scored on, or, when it goes on, see that it is the same."""
    file = run / DATA_FILE
    if not file.is_file():
        write_text_atomically(file, json.dumps(content))
        return
    # Runs begun by an earlier version noted less.
    noted = json.loads(file.read_text(encoding="utf-8"))
    changed = [words for name, words in _SETTLED.items() if name in noted and noted[name] != content[name]]
    if changed:
        raise UserError(
            f"{changed[0]} changed since this run began, so going on would mix two experiments.",
            where=str(file),
            remedy="Start a new run with the same experiment, or bring back what was there before.",
        )


def _note_environment(run: Path, spec: ExperimentSpec) -> None:
    """Add this launch to the run's list of them: a resumed run may meet other libraries or another card."""
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    launch = {
        "launched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count(),
        "threads": torch.get_num_threads(),
        "graphics_card": card,
        "processes": process_count(spec.training.processes),
        "seed": spec.training.seed,
    }
    file = run / ENVIRONMENT_FILE
    write_text_atomically(file, json.dumps([*_earlier_launches(file), launch], indent=1))


def _earlier_launches(file: Path) -> list[Any]:
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    # Earlier versions noted the last launch only.
    return noted if isinstance(noted, list) else [noted]
