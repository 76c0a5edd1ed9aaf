"""From an experiment to the exact contents of every batch: pure, seeded, and the same everywhere.

Which recordings a speech share means, and what each stage sees in which order, is decided here and
nowhere else. Candidates come in the library's order (dataset by dataset, as imported), and only that
order counts, not row ids: the same datasets in another home give the same run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

from core.data.seeding import draws, evenly_spread, permutation, round_half_up
from core.data.utterance import Candidate, Modality
from core.errors import UserError
from core.experiment.pools import Pool, Pools, allotted, choose_pools
from core.experiment.spec import ExperimentSpec
from core.experiment.stages import LearningRateSchedule, StageSpec

# What a seed is used for; different uses of one seed must not be correlated.
# 1 and 7: core.experiment.pools
_TEXT_CHOICE: Final = 2
_ORDER: Final = 3
_PSEUDO_AUDIO: Final = 5  # 4 is the choice of validation utterances in core.training.preparation
_AUGMENTATION: Final = 6


class Example(NamedTuple):
    """One utterance used with its text or with its audio as input.

    pseudo_audio_seed: of the chance in it when the text is written as pseudo-audio; None when it is not.
    augmentation_seed: of the chance in it when the recording is changed; None when it is heard as it is.
    """

    utterance_id: int
    modality: Modality
    pseudo_audio_seed: int | None = None
    augmentation_seed: int | None = None


@dataclass(frozen=True)
class StageSchedule:
    """One stage, batch by batch: `batches`, `epoch_of_batch` and `ends_step` are of the same length.

    batches: micro-batches of `batch_size` examples (the last of an epoch may be smaller), all epochs in
    order. epoch_of_batch: from 0. ends_step: whether an optimizer step follows the batch; the last batch of
    an epoch always ends one, even when fewer than `gradient_accumulation` batches were gathered.
    """

    name: str
    learning_rate: float
    warmup_ratio: float
    schedule: LearningRateSchedule
    batches: list[list[Example]]
    epoch_of_batch: list[int]
    ends_step: list[bool]

    @property
    def steps(self) -> int:
        """Optimizer steps of the stage."""
        return sum(self.ends_step)

    @property
    def has_speech(self) -> bool:
        """Whether any of it is heard."""
        return any(example.modality == "speech" for batch in self.batches for example in batch)


@dataclass(frozen=True)
class Schedule:
    """All stages, and the sorted ids of the recordings that the speech share chose (none without speech)."""

    stages: list[StageSchedule]
    speech_ids: list[int]

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole run."""
        return sum(stage.steps for stage in self.stages)


class StageSeen(NamedTuple):
    """What one stage sees: distinct pairs, examples over all epochs (repeats counted), optimizer steps.

    pseudo_audio_examples: those of the text examples that are written as pseudo-audio.
    """

    name: str
    text_pairs: int
    speech_pairs: int
    text_examples: int
    pseudo_audio_examples: int
    speech_examples: int
    steps: int


@dataclass(frozen=True)
class MixturePreview:
    """What an experiment will see, in numbers; always those of the schedule built from it.

    speech_used: recordings the speech share chose. speech_heard: those of them that any stage hears; fewer
    when a stage's speech part has less room than there are recordings. longest_s: seconds of the longest one.
    """

    text_pool: int
    speech_pool_total: int
    speech_used: int
    speech_heard: int
    speech_minutes: float
    speakers: int
    intents_covered: int
    intents_total: int
    seen: tuple[StageSeen, ...]
    total_steps: int
    longest_s: float = 0.0


def build_schedule(spec: ExperimentSpec, candidates: Sequence[Candidate]) -> Schedule:
    """Every batch of the run. Raises UserError when a stage would have no data to learn from."""
    pools = _pools_of(spec, candidates)
    stages = [_stage_schedule(spec, index, stage, pools) for index, stage in enumerate(spec.stage)]
    return Schedule(stages, sorted(pools.speech_ids))


def preview(spec: ExperimentSpec, candidates: Sequence[Candidate]) -> MixturePreview:
    """The numbers of `build_schedule` without building it; raises the same UserErrors."""
    pools = _pools_of(spec, candidates)
    chosen_ids = set(pools.speech_ids)
    chosen = [candidate for candidate in candidates if candidate.id in chosen_ids]
    seen = tuple(_stage_seen(spec, stage, pools) for stage in spec.stage)
    return MixturePreview(
        text_pool=sum(len(pool.ids) for pool in pools.text),
        speech_pool_total=sum(candidate.has_audio for candidate in candidates),
        speech_used=len(chosen),
        # Every stage hears them in the same order, so the stage that hears most hears all that any does.
        speech_heard=max(stage.speech_pairs for stage in seen),
        speech_minutes=sum(candidate.duration_s for candidate in chosen) / 60,
        speakers=len({candidate.speaker for candidate in chosen if candidate.speaker}),
        intents_covered=len({candidate.intent for candidate in chosen}),
        intents_total=len({candidate.intent for candidate in candidates}),
        seen=seen,
        total_steps=sum(stage.steps for stage in seen),
        longest_s=max((candidate.duration_s for candidate in chosen), default=0.0),
    )


def _pools_of(spec: ExperimentSpec, candidates: Sequence[Candidate]) -> Pools:
    hears = any(stage.speech for stage in spec.stage)
    pools = choose_pools(
        candidates,
        share=spec.data.speech.share,
        seed=spec.data.speech.seed,
        languages=spec.data.languages,
        weights=spec.data.weights,
    )
    pools = pools if hears else Pools(pools.text, ())
    _refuse_empty_stages(spec, pools)
    return pools


def _stage_schedule(spec: ExperimentSpec, index: int, stage: StageSpec, pools: Pools) -> StageSchedule:
    training = spec.training
    counts = _epoch_counts(stage, pools)
    texts = [
        [pool.ids[position] for position in permutation(len(pool.ids), training.seed, *use, index)]
        # One pool alone is ordered as it was before there could be several: such runs can be resumed.
        for pool, use in zip(pools.text, _uses(_TEXT_CHOICE, len(pools.text)), strict=True)
    ]
    batches: list[list[Example]] = []
    epoch_of_batch: list[int] = []
    ends_step: list[bool] = []
    for epoch in range(stage.epochs):
        seeds = _pseudo_audio_seeds(counts, texts, epoch, training.seed, index)
        read = _turns(texts, counts.texts, epoch)
        examples = [Example(id_, "text", seed) for id_, seed in zip(read, seeds, strict=True)]
        changes = _augmentation_seeds(spec, counts.speech, index, epoch)
        heard = _turns([pool.ids for pool in pools.speech], counts.recordings, epoch)
        examples += [
            Example(id_, "speech", augmentation_seed=seed) for id_, seed in zip(heard, changes, strict=True)
        ]
        order = permutation(len(examples), training.seed, _ORDER, index, epoch)
        shuffled = [examples[position] for position in order]
        cuts = range(0, len(shuffled), training.batch_size)
        batches += [shuffled[cut : cut + training.batch_size] for cut in cuts]
        epoch_of_batch += [epoch] * len(cuts)
        ends_step += [
            number % training.gradient_accumulation == 0 or number == len(cuts)
            for number in range(1, len(cuts) + 1)
        ]
    return StageSchedule(
        stage.name,
        stage.learning_rate,
        stage.warmup_ratio,
        stage.schedule,
        batches,
        epoch_of_batch,
        ends_step,
    )


class _EpochCounts(NamedTuple):
    """Examples of one epoch. texts, recordings: by pool. pseudo_audio: of the texts, those written so."""

    texts: tuple[int, ...]
    recordings: tuple[int, ...]
    pseudo_audio: int

    @property
    def text(self) -> int:
        return sum(self.texts)

    @property
    def speech(self) -> int:
        return sum(self.recordings)


def _epoch_counts(stage: StageSpec, pools: Pools) -> _EpochCounts:
    texts = [_part_of(pool.turns, stage.text) for pool in pools.text]
    recordings = [_part_of(pool.turns, float(stage.speech)) for pool in pools.speech]
    text = sum(texts)
    if stage.speech_part is not None and any(recordings):
        # In the place of text, not beside it: as many examples, whatever the speech share.
        speech = max(1, min(text - 1, round_half_up(stage.speech_part * text)))
        texts = allotted(text - speech, texts)
        recordings = allotted(speech, recordings)
    return _EpochCounts(tuple(texts), tuple(recordings), _part_of(sum(texts), stage.pseudo_audio))


def _uses(use: int, pools: int) -> list[tuple[int, ...]]:
    """What a seed is used for, for each of several pools."""
    return [(use,)] if pools == 1 else [(use, number) for number in range(pools)]


def _part_of(whole: float, share: float) -> int:
    return max(1, round_half_up(share * whole)) if share > 0 and whole else 0


def _turn(ids: Sequence[int], count: int, epoch: int) -> list[int]:
    """What an epoch sees: the next `count` of the pool in its fixed order, around and around."""
    return [ids[position % len(ids)] for position in range(epoch * count, (epoch + 1) * count)]


def _turns(pools: Sequence[Sequence[int]], counts: Sequence[int], epoch: int) -> list[int]:
    return [id_ for ids, count in zip(pools, counts, strict=True) for id_ in _turn(ids, count, epoch)]


def _pseudo_audio_seeds(
    counts: _EpochCounts, text_pools: Sequence[Sequence[int]], epoch: int, seed: int, stage: int
) -> list[int | None]:
    """For each text of an epoch, in the order of `_turns`, the seed of its pseudo-audio or None.

    A smaller share is part of a larger one. Each time around a pool it begins elsewhere, so that a text
    is written both ways: at a share of one half, in turn. Of each pool as large a part is written so.
    """
    seeds: list[int] = draws(counts.text, seed, _PSEUDO_AUDIO, stage, epoch).tolist()
    written: list[bool] = []
    for pool, count, part in zip(
        text_pools, counts.texts, allotted(counts.pseudo_audio, counts.texts), strict=True
    ):
        begin = round_half_up(evenly_spread(epoch * count // len(pool)) * count)
        written += [(place - begin) % count < part for place in range(count)]
    return [each if so else None for each, so in zip(seeds, written, strict=True)]


def _augmentation_seeds(spec: ExperimentSpec, count: int, stage: int, epoch: int) -> list[int | None]:
    """For each recording of an epoch, in the order of `_turn`, the seed of how it is changed, or None."""
    if spec.augmentation is None:
        return [None] * count
    return [*draws(count, spec.training.seed, _AUGMENTATION, stage, epoch).tolist()]


def _stage_seen(spec: ExperimentSpec, stage: StageSpec, pools: Pools) -> StageSeen:
    counts = _epoch_counts(stage, pools)
    batches = ceil((counts.text + counts.speech) / spec.training.batch_size)

    def pairs(of: Sequence[Pool], each: Sequence[int]) -> int:
        taken = zip(of, each, strict=True)
        return sum(min(len(pool.ids), count * stage.epochs) for pool, count in taken)

    return StageSeen(
        name=stage.name,
        text_pairs=pairs(pools.text, counts.texts),
        speech_pairs=pairs(pools.speech, counts.recordings),
        text_examples=counts.text * stage.epochs,
        pseudo_audio_examples=counts.pseudo_audio * stage.epochs,
        speech_examples=counts.speech * stage.epochs,
        steps=ceil(batches / spec.training.gradient_accumulation) * stage.epochs,
    )


def _refuse_empty_stages(spec: ExperimentSpec, pools: Pools) -> None:
    datasets = " + ".join(spec.data.train)
    for stage in spec.stage:
        where = f'stage "{stage.name}"'
        if stage.text > 0 and not pools.text:
            raise UserError(
                f"The stage asks for text, but {datasets} has no text to train on.",
                where=where,
                remedy="Choose another dataset, or set the stage's text share to 0.",
            )
        # Share 0 with text left over is meant: the zero point of a curve over speech shares.
        if stage.speech and not pools.speech and (stage.text == 0 or spec.data.speech.share > 0):
            no_share = spec.data.speech.share == 0
            raise UserError(
                "The stage learns from speech only, but the speech share is 0."
                if no_share
                else f"The stage asks for speech, but {datasets} has no recordings to train on.",
                where=where,
                remedy="Raise the speech share."
                if no_share
                else "Choose a dataset with recordings, or switch speech off in the stage.",
            )
