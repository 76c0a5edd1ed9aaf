"""Measures the shipped model: how well it hears, and what each scheme of the demo makes of it.

Everything lives in a home of its own and goes on where it was stopped: a run that is complete is not trained
again, which also means that a changed preset or trainer needs an empty folder. All figures are means over the
seeds; an utterance counts once, with its share of right answers, so that three seeds do not look like three
times as many utterances.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click
import numpy as np

from core.data.library import DEMO, Library
from core.errors import UserError
from core.evaluation.bootstrap_ci import difference, interval
from core.evaluation.metrics import Ratio, score
from core.evaluation.results import EvaluationInput, Interval
from core.evaluation.word_errors import word_error_rate
from core.experiment.presets import PRESETS
from core.experiment.spec import load_experiment
from core.models.loading import TEASPOON, base_model_fingerprint
from core.paths import AppPaths
from core.runs.pace import seconds_of_breaks, seconds_taken
from core.runs.run import Run
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from core.storage.files import write_text_atomically
from core.teaspoon.chart import chart

SEEDS = (17, 18, 19)
HEARD = 200
"""Sentences transcribed for each set of unseen voices."""
_PER_VOICE = 20
_ANSWERED = 50
_CHART = f"Intent accuracy on the demo's unseen voices, mean of {len(SEEDS)} seeds"
_SIDE_BY_SIDE = 2
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Plan:
    """One row of the table. share: speech share; None where no recording is used."""

    title: str
    preset: str
    share: float | None = None

    def name(self, seed: int) -> str:
        """The run's name, by which it is found again."""
        return f"{self.title}, seed {seed}"


_MIXED = Plan("direct mixing, 2 %", "demo-direct-mixing", 0.02)
_ORDERED = Plan("curriculum, 2 %", "demo-curriculum", 0.02)
PLANS = (
    Plan("text-only", "demo-text-only"),
    Plan("text-only + pseudo-audio", "demo-text-only-pseudo-audio"),
    _MIXED,
    _ORDERED,
    Plan("curriculum, 5 %", "demo-curriculum", 0.05),
    Plan("curriculum, 100 %", "demo-curriculum", 1.0),
)


@dataclass(frozen=True)
class Row:
    """A plan's scores: metric -> interval on speech (or by way of a transcript) and on text, the gain in
    intent accuracy on speech over the first plan's, the smallest hearing gain of the seeds' runs, and the
    mean minutes of a run (with a cascade's scores where it has them); None where it does not apply."""

    title: str
    speech: dict[str, Interval]
    text: dict[str, Interval]
    gain: Interval | None
    hearing: Interval | None
    minutes: float


def evaluate(home: Path) -> str:
    """Measure everything, return it as Markdown and write it to `scores.md` and `scores.svg`.

    home: what is measured of one version of the weights lies in a folder of its own there, and so do the two
    files. Raises UserError when a run fails.
    """
    paths = AppPaths(home.absolute() / base_model_fingerprint(TEASPOON)[:12]).create()
    db = open_database(paths.database)
    try:
        library, store = Library(db, paths), RunStore(db, paths)
        library.ensure_demo()
        words = _hearing(library)
        _train_all(paths, store)
        rows = [_row(store, plan) for plan in PLANS]
        rows.insert(1, _row(store, PLANS[0], "cascade"))
        latency = _answer_seconds(paths, store, library)
        tables = "\n\n".join([_hearing_table(words), _table(rows), _compared(store), _told(latency)])
        write_text_atomically(paths.home / "scores.md", tables + "\n")
        bars = [(row.title, row.speech["intent_accuracy"], row.text["intent_accuracy"]) for row in rows]
        write_text_atomically(paths.home / "scores.svg", chart(_CHART, bars))
        return tables
    finally:
        db.close()


# ---- hearing


def _hearing(library: Library) -> dict[str, Interval]:
    """Word error rate of general sentences by each set of voices that no training has heard."""
    from core.inference.predictor import Predictor
    from core.teaspoon.corpus import corpus_texts, demo_texts
    from core.teaspoon.voices import UNSEEN_ENGINE_VOICE, VALIDATION_VARIANTS, Speakers, espeak_voices

    predictor = Predictor.load(TEASPOON, library.ontology([DEMO]))
    unseen = {
        "espeak-ng, unseen voice variants": espeak_voices(VALIDATION_VARIANTS),
        "festival ked, an unseen engine voice": (UNSEEN_ENGINE_VOICE,),
    }
    found: dict[str, Interval] = {}
    for title, voices in unseen.items():
        rng = Random(f"evaluation {title}")
        sentences, speakers = corpus_texts(rng, demo_texts()), Speakers()
        pairs: list[tuple[str, str]] = []
        while len(pairs) < HEARD:
            texts = [next(sentences).text for _ in range(_PER_VOICE)]
            spoken = [
                speech.samples[: int(predictor.family.window_s * 16_000)]
                for speech in speakers.say_all(rng.choice(voices), texts, rng)
            ]
            pairs += zip(texts, predictor.transcribe(spoken), strict=True)
            click.echo(f"{title}: {len(pairs)} of {HEARD}")
        rate = interval(word_error_rate(pairs))
        assert rate is not None  # noqa: S101 - sentences have words
        found[title] = rate
    return found


def _hearing_table(words: dict[str, Interval]) -> str:
    lines = [f"| voices | word error rate, {HEARD} general sentences |", "|---|---|"]
    return "\n".join([*lines, *(f"| {title} | {rate} |" for title, rate in words.items())])


# ---- the demo


def _train_all(paths: AppPaths, store: RunStore) -> None:
    """Have a complete run of every plan and seed, two at a time with one thread each."""
    # On two cores two runs of one thread take three quarters of the time of one after the other.
    os.environ["OMP_NUM_THREADS"] = "1"
    supervisor = Supervisor(paths)
    complete = {run.name for run in store.list() if run.state == "completed"}
    waiting = [(plan, seed) for seed in SEEDS for plan in PLANS if plan.name(seed) not in complete]
    live: list[str] = []
    while waiting or live:
        runs = [supervisor.poll(run_id) for run_id in live]
        live = [run.id for run in runs if run.is_live]
        for run in runs:
            if not run.is_live:
                _tell_end(run)
        while waiting and len(live) < _SIDE_BY_SIDE:
            plan, seed = waiting.pop(0)
            live.append(store.create(load_experiment(PRESETS / f"{plan.preset}.toml", _changes(plan, seed))))
            supervisor.launch(live[-1])
        time.sleep(_LOOK_EVERY_S)


def _changes(plan: Plan, seed: int) -> list[str]:
    changes = [f'name="{plan.name(seed)}"', f"training.seed={seed}", f"data.speech.seed={seed}"]
    # Scores while training are for people who watch.
    changes.append("evaluation.every_steps=0")
    if plan is PLANS[0]:
        changes.append("evaluation.cascade=true")
    return changes if plan.share is None else [*changes, f"data.speech.share={plan.share}"]


def _tell_end(run: Run) -> None:
    if run.state != "completed":
        outcome = run.outcome
        raise UserError(
            f"The run “{run.name}” ended as {run.state}.",
            where=run.id,
            remedy=outcome.what if outcome is not None else "",
        )
    click.echo(f"trained and scored: {run.name}")


def _row(store: RunStore, plan: Plan, given: EvaluationInput = "speech") -> Row:
    runs = _runs(store, plan)
    heard = _ratios(store, runs, given)
    seconds = [
        seconds_taken(run, 0.0, seconds_of_breaks(store.steps(run.id), store.evaluations(run.id))) or 0.0
        for run in runs
    ]
    return Row(
        plan.title if given == "speech" else f"{plan.title}, {given}",
        _intervals(heard),
        _intervals(_ratios(store, runs, "text")),
        None if (plan, given) == (PLANS[0], "speech") else _gain(store, heard, PLANS[0]),
        _smallest_hearing_gain(store, runs) if given == "speech" else None,
        float(np.mean(seconds)) / 60,
    )


def _gain(store: RunStore, heard: dict[str, Ratio], over: Plan) -> Interval | None:
    other = _ratios(store, _runs(store, over), "speech")
    return difference(heard["intent_accuracy"], other["intent_accuracy"])


def _smallest_hearing_gain(store: RunStore, runs: Sequence[Run]) -> Interval | None:
    gains = [
        evaluation.scores["hearing_gain_intent_accuracy"]
        for run in runs
        for evaluation in store.final_evaluations(run.id)
        if "hearing_gain_intent_accuracy" in evaluation.scores
    ]
    return min(gains, key=lambda gain: gain.value, default=None)


def _compared(store: RunStore) -> str:
    """What the order of text and speech is worth where speech is scarcest."""
    mixed, ordered = _MIXED, _ORDERED
    gain = _gain(store, _ratios(store, _runs(store, ordered), "speech"), mixed)
    return f"Intent accuracy of “{ordered.title}” less that of “{mixed.title}”: {gain}"


def _answer_seconds(paths: AppPaths, store: RunStore, library: Library) -> list[float]:
    """Time from a recording to its label, warm, one recording after the other."""
    from core.audio.files import read_audio
    from core.inference.predictor import Predictor

    run = _runs(store, PLANS[0])[0]
    predictor = Predictor.load(paths.run(run.id))
    files = [each.audio for each in library.utterances([DEMO], ["test"]) if each.audio is not None]
    recordings = [read_audio(file) for file in files[:_ANSWERED]]
    predictor.predict(recordings[:1])
    seconds = []
    for samples in recordings:
        started = time.perf_counter()
        predictor.predict([samples])
        seconds.append(time.perf_counter() - started)
    return seconds


def _told(seconds: Sequence[float]) -> str:
    middle, late = np.quantile(seconds, [0.5, 0.95]) * 1000
    return f"One recording to its label, warm: median {middle:.0f} ms, 95th percentile {late:.0f} ms"


def _runs(store: RunStore, plan: Plan) -> list[Run]:
    names = {plan.name(seed) for seed in SEEDS}
    newest = {run.name: run for run in reversed(store.list()) if run.state == "completed"}
    return [newest[name] for name in sorted(names)]


def _ratios(store: RunStore, runs: Sequence[Run], given: EvaluationInput) -> dict[str, Ratio]:
    """Per-utterance sums over the seeds: one entry per utterance, in the same order for every plan."""
    found = [
        score([(answer.gold, answer.predicted) for answer in store.final_answers(run.id, given)])
        for run in runs
    ]
    return {
        metric: Ratio(
            np.sum([scores[metric].numerator for scores in found], axis=0),
            np.sum([scores[metric].denominator for scores in found], axis=0),
        )
        for metric in ("exact_match", "intent_accuracy", "slot_f1")
    }


def _intervals(ratios: dict[str, Ratio]) -> dict[str, Interval]:
    found = {metric: interval(ratio) for metric, ratio in ratios.items()}
    return {metric: each for metric, each in found.items() if each is not None}


def _table(rows: Sequence[Row]) -> str:
    titles = (
        "scheme", "intent accuracy, speech", "exact match, speech", "slot F1, speech",
        "intent accuracy, text", "gain in intent accuracy over text-only", "smallest hearing gain, intent",
        "minutes, two side by side",
    )  # fmt: skip
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for row in rows:
        cells = [
            row.title,
            *(str(row.speech[metric]) for metric in ("intent_accuracy", "exact_match", "slot_f1")),
            str(row.text["intent_accuracy"]),
            str(row.gain or ""),
            str(row.hearing or ""),
            f"{row.minutes:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
