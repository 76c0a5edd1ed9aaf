"""What an experiment must pass before a run is made of it; the window and the command line ask here alike."""

from __future__ import annotations

from pathlib import Path

from core.data.checks.splits import refuse_leaks
from core.data.library import Library
from core.data.search import UtteranceQuery
from core.experiment.computer import this_computer
from core.experiment.schedule import preview
from core.experiment.spec import ExperimentSpec
from core.models.fit import refuse_too_large
from core.models.known import known_model
from core.models.loading import TEASPOON, resolve_base_model
from core.models.quantization import refuse_quantization, refuse_quantized_experts


def checked(spec: ExperimentSpec, library: Library) -> ExperimentSpec:
    """The experiment as a run of it can be started anywhere: a base model's folder is named by its full path.

    Raises UserError when its base model or its data are not there, the model cannot be quantised or does
    not fit here, a stage would have nothing to learn from, there is nothing to test on, or recordings are
    in two splits. A model on the Hub is not asked for; the run does that. Loads no torch. Reads every
    utterance of the datasets, so of large ones not on the thread of a window.
    """
    library.require_test(spec.data.test)
    preview(spec, library.candidates(spec.data.train))
    base_model = resolve_base_model(spec.base_model)
    _refuse_what_cannot_load(spec)
    refuse_leaks(
        library.utterances(spec.data.train, ["train", "validation"]),
        library.utterances(spec.data.test, ["test"]),
    )
    if isinstance(base_model, Path) and spec.base_model != TEASPOON:
        # The worker lives in another folder, and a run may be resumed from anywhere.
        return spec.model_copy(update={"base_model": str(base_model.resolve())})
    return spec


def open_errors(spec: ExperimentSpec, library: Library) -> dict[str, tuple[str, ...]]:
    """What the last checks of the experiment's datasets found that stops a run or makes its scores wrong, by
    dataset: each error in words, unless all it is about was set aside since. Whoever starts one is asked."""
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys((*spec.data.train, *spec.data.test)):
        findings = library.findings.of(name)
        if findings is None:
            continue
        aside = library.by_ids(library.find(UtteranceQuery(name, quarantined=True))).values()
        keys = {utterance.key for utterance in aside}
        errors = [problem for problem in findings.problems if problem.severity == "error"]
        still = tuple(p.what for p in errors if not p.keys or not keys.issuperset(p.keys))
        if still:
            found[name] = still
    return found


def _refuse_what_cannot_load(spec: ExperimentSpec) -> None:
    computer = this_computer()
    refuse_quantization(spec.training.quantization, card=computer.has_card)
    known = known_model(spec.base_model)
    if known is not None:
        refuse_quantized_experts(spec.training.quantization, known.family, known.name)
        refuse_too_large(known.name, known.parameters, spec, computer)
