"""What each stage of an experiment sees, counted and listed utterance by utterance, and what is left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.data.library import Library
from core.data.search import UtteranceQuery
from core.data.utterance import Modality, Utterance
from core.experiment.schedule import Schedule, build_schedule
from core.experiment.spec import ExperimentSpec
from core.storage.files import write_text_atomically


@dataclass(frozen=True)
class Part:
    """Of one stage what it sees of a dataset in one language and modality. pairs: different ones. examples:
    over all epochs, repeats counted. minutes: of the different recordings."""

    stage: str
    dataset: str
    language: str
    modality: Modality
    pairs: int
    examples: int
    minutes: float


@dataclass(frozen=True)
class Mix:
    """unheard_intents, unheard_slot_types: of the training data, those no recording teaches; unseen_...:
    those no stage sees at all. left_out: how many utterances of the training split are not used, by why."""

    parts: tuple[Part, ...]
    unheard_intents: tuple[str, ...]
    unheard_slot_types: tuple[str, ...]
    unseen_intents: tuple[str, ...]
    unseen_slot_types: tuple[str, ...]
    left_out: dict[str, int]

    @property
    def words(self) -> list[str]:
        """What is missing and what is left out, a sentence each."""
        lines = []
        for names, what in (
            (self.unseen_intents, "No stage sees these intents"),
            (self.unseen_slot_types, "No stage sees these slot types"),
            (self.unheard_intents, "No recording teaches these intents"),
            (self.unheard_slot_types, "No recording teaches these slot types"),
        ):
            if names:
                lines.append(f"{what}: {', '.join(names)}.")
        lines += [f"Left out: {number} {why}." for why, number in self.left_out.items()]
        return lines or ["Every intent and slot type is seen, in text and in speech; nothing is left out."]


def mix_of(spec: ExperimentSpec, library: Library) -> Mix:
    """Count everything. Reads every training utterance, so of large datasets not on a window's thread. Raises
    UserError as `build_schedule` does."""
    train = {each.id: each for each in library.utterances(spec.data.train, ["train"])}
    schedule = build_schedule(spec, library.candidates(spec.data.train))
    parts: list[Part] = []
    used: dict[Modality, set[int]] = {"text": set(), "speech": set()}
    for stage in schedule.stages:
        seen: dict[tuple[str, str, Modality], Counter[int]] = defaultdict(Counter)
        for batch in stage.batches:
            for id_, modality, *_ in batch:
                seen[train[id_].dataset, train[id_].language, modality][id_] += 1
                used[modality].add(id_)
        for (dataset, language, modality), counts in sorted(seen.items()):
            minutes = sum(train[id_].duration_s or 0 for id_ in counts) / 60 if modality == "speech" else 0.0
            parts.append(Part(stage.name, dataset, language, modality, len(counts), counts.total(), minutes))
    heard = [train[id_] for id_ in used["speech"]]
    seen_at_all = [train[id_] for id_ in used["text"] | used["speech"]]
    return Mix(
        tuple(parts),
        _missing(_intents, train.values(), heard),
        _missing(_slot_types, train.values(), heard),
        _missing(_intents, train.values(), seen_at_all),
        _missing(_slot_types, train.values(), seen_at_all),
        _left_out(spec, library, train, used, set(schedule.speech_ids)),
    )


def write_list(spec: ExperimentSpec, library: Library, file: Path) -> int:
    """Write what each step sees, in order, as a table with tabs; returns its rows. Raises UserError as
    `build_schedule` does, or when the file cannot be written."""
    train = {each.id: each for each in library.utterances(spec.data.train, ["train"])}
    rows = list(_rows(build_schedule(spec, library.candidates(spec.data.train)), train))
    header = "stage\tepoch\tstep\tmodality\tlanguage\tdataset\tkey\tintent\ttext"
    write_text_atomically(file, "\n".join([header, *rows]) + "\n")
    return len(rows)


def _rows(schedule: Schedule, train: dict[int, Utterance]) -> Iterator[str]:
    step = 1
    for stage in schedule.stages:
        for batch, epoch, ends in zip(stage.batches, stage.epoch_of_batch, stage.ends_step, strict=True):
            for id_, modality, *_ in batch:
                found = train[id_]
                values = (
                    stage.name,
                    str(epoch + 1),
                    str(step),
                    modality,
                    found.language,
                    found.dataset,
                    found.key,
                    found.label.intent,
                    found.text or "",
                )
                # A tab or a line break within a value would make another column or row of it.
                yield "\t".join(" ".join(value.split()) for value in values)
            step += ends


def _left_out(
    spec: ExperimentSpec,
    library: Library,
    train: dict[int, Utterance],
    used: dict[Modality, set[int]],
    chosen: set[int],
) -> dict[str, int]:
    recordings = {id_ for id_, each in train.items() if each.audio is not None}
    texts = {id_ for id_, each in train.items() if each.text is not None}
    hears, reads = any(stage.speech for stage in spec.stage), any(stage.text > 0 for stage in spec.stage)
    aside = sum(
        len(library.find(UtteranceQuery(name, split="train", quarantined=True))) for name in spec.data.train
    )
    counts = {
        "quarantined": aside,
        "recordings, since no stage uses speech": 0 if hears else len(recordings),
        "recordings outside of the speech share": len(recordings - chosen) if hears else 0,
        "chosen recordings that find no place in the stages": len(chosen - used["speech"]),
        "texts, since no stage uses text": 0 if reads else len(texts),
        "texts outside of the text share": len(texts - used["text"]) if reads else 0,
    }
    return {why: number for why, number in counts.items() if number}


def _intents(utterance: Utterance) -> list[str]:
    return [utterance.label.intent]


def _slot_types(utterance: Utterance) -> list[str]:
    return [slot.type for slot in utterance.label.slots]


def _missing(
    name_of: Callable[[Utterance], list[str]], wanted: Iterable[Utterance], there: Iterable[Utterance]
) -> tuple[str, ...]:
    known = {name for each in there for name in name_of(each)}
    return tuple(sorted({name for each in wanted for name in name_of(each)} - known))
