"""What a draft would come to: its mistakes, what it will see, time and memory. No Qt: runs on any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.data.library import Library
from core.data.summary import DatasetSummary
from core.data.utterance import Candidate
from core.errors import UserError
from core.experiment.computer import Computer, this_computer
from core.experiment.estimate import Estimate, estimate
from core.experiment.problems import ExperimentError, FieldProblem
from core.experiment.schedule import MixturePreview, preview
from core.experiment.spec import ExperimentSpec, validate_experiment
from core.models.loading import BaseModelFacts, base_model_facts
from core.models.pseudo_audio import UNFAMILIAR
from core.runs.store import RunStore
from gui.base_model_choices import hint
from gui.experiment_draft import ExperimentDraft
from gui.experiment_settings import TITLES, concerned


@dataclass
class Problems:
    """Mistakes in words, by the place where the page shows them. stages[index][field]; the field "" is the
    stage as a whole. settings[key]: those of "More settings", by a field's or a table's place in the file."""

    name: str = ""
    base_model: str = ""
    train: str = ""
    test: str = ""
    share: str = ""
    curriculum: str = ""
    stages: dict[int, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def first(self) -> str:
        """One mistake to show beside Start; empty when there is none."""
        of_page = (self.name, self.base_model, self.train, self.test, self.share, self.curriculum)
        of_stages = [
            f"Stage {index + 1}: {words}" for index, stage in self.stages.items() for words in stage.values()
        ]
        of_settings = [f"{TITLES[key]}: {words}" for key, words in self.settings.items()]
        return next((words for words in (*of_page, *of_stages, *of_settings) if words), "")


@dataclass(frozen=True)
class Knowledge:
    """What was read for an earlier draft and still holds. Dropped when the library may have changed."""

    train: tuple[str, ...] = ()
    candidates: Sequence[Candidate] = ()
    facts: BaseModelFacts | None = None
    computer: Computer | None = None


@dataclass(frozen=True)
class Assessment:
    """The findings about one draft. spec: None while it has mistakes. preview, estimate: None where the
    mistakes prevent them. live_runs: how many runs train at this moment. warning: what may disappoint,
    though nothing is wrong. model_hint: whether the base model fits here and has to be downloaded."""

    draft: ExperimentDraft
    problems: Problems
    knowledge: Knowledge
    spec: ExperimentSpec | None = None
    preview: MixturePreview | None = None
    estimate: Estimate | None = None
    live_runs: int = 0
    warning: str = ""
    model_hint: str = ""


def assess(
    draft: ExperimentDraft,
    known: Knowledge,
    datasets: Sequence[DatasetSummary],
    library: Library,
    store: RunStore,
) -> Assessment:
    """Check the draft's fields, then its model and data. datasets: all of the library."""
    problems = Problems()
    try:
        spec = validate_experiment(draft.document())
    except ExperimentError as error:
        for problem in error.problems:
            _place(problem, problems)
        return Assessment(draft, problems, known)
    known = _with_facts(draft, known, problems)
    known = _with_candidates(draft, known, library, problems)
    scored = _count_scored(spec, datasets, problems)
    seen = None
    if not problems.train:
        try:
            seen = preview(spec, known.candidates)
        except UserError as error:
            problems.curriculum = str(error)
    guess = None
    if seen is not None and known.facts is not None:
        guess = estimate(
            spec,
            seen,
            parameters=known.facts.parameters,
            scored=scored,
            utterances_per_s=store.throughput(spec.base_model, spec.method),
            shape=known.facts.shape,
        )
    computer = known.computer or this_computer()
    known = replace(known, computer=computer)
    live = sum(run.is_live for run in store.list())
    unfamiliar = spec.writes_pseudo_audio and known.facts is not None and not known.facts.knows_pseudo_audio
    return Assessment(
        draft,
        problems,
        known,
        spec=None if problems.first() else spec,
        preview=seen,
        estimate=guess,
        live_runs=live,
        warning=UNFAMILIAR if unfamiliar else "",
        model_hint=hint(known.facts.name, guess.memory_bytes, computer) if known.facts and guess else "",
    )


def _with_facts(draft: ExperimentDraft, known: Knowledge, problems: Problems) -> Knowledge:
    if known.facts is not None and known.facts.name == draft.base_model.strip():
        return known
    facts = None
    try:
        facts = base_model_facts(draft.base_model.strip())
    except UserError as error:
        problems.base_model = f"{error.what} {error.remedy}".strip()
    return replace(known, facts=facts)


def _with_candidates(
    draft: ExperimentDraft, known: Knowledge, library: Library, problems: Problems
) -> Knowledge:
    if known.train == draft.train:
        return known
    try:
        return replace(known, train=draft.train, candidates=library.candidates(draft.train))
    except UserError as error:
        problems.train = str(error)
        return replace(known, train=(), candidates=())


def _count_scored(spec: ExperimentSpec, datasets: Sequence[DatasetSummary], problems: Problems) -> int:
    """Questions that the final scores ask: text, speech, speech again for the hearing check, and a cascade's
    two, the words and the label."""
    splits = {dataset.name: dataset.counts["test"] for dataset in datasets}
    missing = [name for name in spec.data.test if name not in splits]
    if missing:
        problems.test = (
            f"There is no dataset “{missing[0]}” in the library. Import it, or choose another one."
        )
        return 0
    text = sum(splits[name]["text"] for name in spec.data.test)
    speech = sum(splits[name]["speech"] for name in spec.data.test)
    if not text and not speech:
        problems.test = "Nothing to test on: the test split is empty. Choose another dataset."
    return text + speech * (1 + spec.evaluation.hearing + 2 * spec.evaluation.cascade)


def _place(problem: FieldProblem, problems: Problems) -> None:
    location, words = problem.location, _inline(problem)
    if location[:1] == ("stage",) and len(location) > 1 and isinstance(location[1], int):
        place = str(location[2]) if len(location) > 2 else ""
        problems.stages.setdefault(location[1], {})[place] = words
    elif location[:1] in {("name",), ("base_model",)}:
        setattr(problems, str(location[0]), words)
    elif location[:2] in {("data", "train"), ("data", "test")}:
        setattr(problems, str(location[1]), words)
    elif location[:3] == ("data", "speech", "share"):
        problems.share = words
    elif keys := concerned(".".join(str(part) for part in location), words):
        problems.settings.update(dict.fromkeys(keys, words))
    else:
        problems.curriculum = f"{problem.what} {problem.remedy}".strip()


def _inline(problem: FieldProblem) -> str:
    """The problem without the key in front: it stands right below that field."""
    key = ".".join(str(part) for part in problem.location)
    words = problem.what.removeprefix(f'"{key}" ').removeprefix(f"{key}: ") if key else problem.what
    return f"{words[0].upper()}{words[1:]} {problem.remedy}".strip()
