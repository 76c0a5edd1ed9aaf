"""From a run's folder to everything it works on, checked before the first step and written down beside it."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from core.data.library import Library
from core.data.seeding import permutation
from core.data.utterance import Utterance
from core.errors import UserError
from core.experiment.schedule import build_schedule
from core.experiment.spec import ExperimentSpec
from core.inference.ontology_file import write_ontology
from core.models.loading import load_family
from core.models.pseudo_audio import UNFAMILIAR
from core.storage.files import write_text_atomically
from core.training.material import check_recordings, fingerprint
from core.training.precision import training_device, weights_dtype
from core.training.recipe import Job
from core.training.reporter import Reporter

_log = logging.getLogger(__name__)

DATA_FILE = "data.json"
ENVIRONMENT_FILE = "environment.json"
_LIBRARIES = ("torch", "transformers", "peft", "accelerate", "numpy", "safetensors", "soxr", "soundfile")
_VALIDATION_CHOICE = 4
"""What the seed is used for here; core.experiment.schedule has the other uses."""


@dataclass(frozen=True)
class Preparation:
    """A run ready to train, and the test utterances that give its final scores."""

    job: Job
    test: Sequence[Utterance]


def prepare(run: Path, spec: ExperimentSpec, library: Library, reporter: Reporter) -> Preparation:
    """Read the data, load the base model and check that they fit.

    Writes environment.json, data.json and ontology.json into `run`. Raises UserError for whatever would
    make the run fail later: missing datasets, no test utterances, unreadable or too long recordings, a
    stage without data, data that changed since the run began.
    """
    reporter.activity("reading the data")
    schedule = build_schedule(spec, library.candidates(spec.data.train))
    training = {utterance.id: utterance for utterance in library.utterances(spec.data.train, ["train"])}
    validation = _validation(spec, library)
    library.require_test(spec.data.test)
    test = list(library.utterances(spec.data.test, ["test"]))
    _write_environment(run, spec)
    _settle_data(run, [*training.values(), *validation, *test])
    ontology = library.ontology(spec.data.train)
    write_ontology(run, ontology)

    reporter.activity("loading the base model")
    dtype = weights_dtype(spec.training.precision)
    family = load_family(spec.base_model, dtype=dtype, device=training_device())
    if spec.writes_pseudo_audio and not family.knows_pseudo_audio:
        _log.warning(UNFAMILIAR)
    reporter.activity("checking the recordings")
    spoken = [training[id_] for id_ in schedule.speech_ids]
    check_recordings([*spoken, *validation, *test], family.window_s)
    job = Job(
        spec=spec,
        schedule=schedule,
        family=family,
        utterances=training,
        ontology=ontology,
        validation=validation,
        checkpoints=run / "checkpoints",
    )
    return Preparation(job, test)


def _validation(spec: ExperimentSpec, library: Library) -> list[Utterance]:
    """A seeded choice of validation recordings; of texts when there is no recording."""
    utterances = list(library.utterances(spec.data.train, ["validation"]))
    pool = [utterance for utterance in utterances if utterance.has("speech")] or utterances
    chosen = permutation(len(pool), spec.training.seed, _VALIDATION_CHOICE)
    return [pool[position] for position in sorted(chosen[: spec.evaluation.validation_limit])]


def _settle_data(run: Path, utterances: Sequence[Utterance]) -> None:
    """Write down what the run learns from and is scored on, or, when it goes on, see that it is the same."""
    file = run / DATA_FILE
    content = {"utterances": len(utterances), "sha256": fingerprint(utterances)}
    if not file.is_file():
        write_text_atomically(file, json.dumps(content))
    elif json.loads(file.read_text(encoding="utf-8")) != content:
        raise UserError(
            "The data has changed since this run began, so going on would mix two experiments.",
            where=str(file),
            remedy="Start a new run with the same experiment, or import the earlier data again.",
        )


def _write_environment(run: Path, spec: ExperimentSpec) -> None:
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    content = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count(),
        "threads": torch.get_num_threads(),
        "graphics_card": card,
        "seed": spec.training.seed,
    }
    write_text_atomically(run / ENVIRONMENT_FILE, json.dumps(content, indent=1))
