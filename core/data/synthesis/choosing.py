"""Which texts are spoken, by which voice and how fast: by seed, the same for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.data.seeding import draws, round_half_up, stratified_order
from core.data.synthesis.voice import Voice, main_language
from core.data.utterance import Split, Utterance
from core.errors import UserError

# Different uses of one seed must not be correlated.
_TEXTS, _VOICES, _PACES = 21, 22, 23
_PACE_SPREAD: Final = 0.15
"""As much faster or slower than usual a voice speaks when its pace varies; the ends still sound natural."""


@dataclass(frozen=True)
class SpeechPlan:
    """What to make speech of. voices: each utterance gets one of them that fits its language.

    count: how many recordings; None to take `share`, a part from 0 to 1 of the texts that have no recording.
    vary_pace: speak each a little faster or slower. Smaller choices are inside larger ones of the same seed.
    """

    dataset: str
    voices: tuple[Voice, ...]
    splits: tuple[Split, ...] = ("train",)
    share: float = 1.0
    count: int | None = None
    vary_pace: bool = False
    seed: int = 17

    def size(self, texts: int) -> int:
        """How many of so many texts without a recording are spoken: at least 1 of some."""
        if self.count is not None:
            return min(self.count, texts)
        return min(texts, max(1, round_half_up(self.share * texts)))


class ToSpeak(NamedTuple):
    """An utterance, who speaks it, and how many times as fast as usual."""

    utterance: Utterance
    voice: Voice
    pace: float


def choose(utterances: Sequence[Utterance], plan: SpeechPlan) -> list[ToSpeak]:
    """What the plan takes of these utterances, in their order; those with a recording are passed over.

    Stratified by split and intent. Raises UserError when the plan cannot be followed: no voice, no text
    without a recording, a share or number that is none, or languages that do not fit.
    """
    _refuse_bad_numbers(plan)
    texts = [utterance for utterance in utterances if utterance.text and utterance.audio is None]
    if not texts:
        raise UserError(
            f"The chosen split of {plan.dataset} has no text without a recording.",
            where=f"{plan.dataset} / {', '.join(plan.splits)}",
            remedy="Choose another split or dataset: there is nothing left to speak here.",
        )
    _refuse_languages(texts, plan)
    order = stratified_order([f"{text.split}\n{text.label.intent}" for text in texts], plan.seed, _TEXTS)
    # Drawn for all texts, so that more recordings do not change who speaks the first ones.
    voice_draws = draws(len(texts), plan.seed, _VOICES)
    paces = draws(len(texts), plan.seed, _PACES) / 2.0**64
    chosen = []
    for position in sorted(order[: plan.size(len(texts))].tolist()):
        fitting = [voice for voice in plan.voices if voice.fits(texts[position].language)]
        voice = fitting[int(voice_draws[position]) % len(fitting)]
        pace = 1 + _PACE_SPREAD * (2 * float(paces[position]) - 1) if plan.vary_pace else 1.0
        chosen.append(ToSpeak(texts[position], voice, pace))
    return chosen


def _refuse_bad_numbers(plan: SpeechPlan) -> None:
    if not plan.voices:
        raise UserError(
            "No voice is chosen.", remedy="Choose one or more; spoonful datasets voices lists them."
        )
    if plan.count is not None and plan.count < 1:
        raise UserError(f"{plan.count} recordings cannot be made.", remedy="Give a number from 1 on.")
    if not 0 < plan.share <= 1:
        raise UserError(
            f"{plan.share:g} is no share of the texts.",
            remedy="Give a number above 0 and up to 1, for instance 0.05.",
        )


def _refuse_languages(texts: Sequence[Utterance], plan: SpeechPlan) -> None:
    by_language: dict[str, list[Utterance]] = defaultdict(list)
    for text in texts:
        by_language[text.language].append(text)
    unspoken = [
        language for language in by_language if not any(voice.fits(language) for voice in plan.voices)
    ]
    voices = ", ".join(voice.speaker for voice in plan.voices)
    if unspoken:
        first = by_language[unspoken[0]][0]
        raise UserError(
            f"No chosen voice speaks {', '.join(unspoken)}: {voices} would read"
            f" {sum(len(by_language[language]) for language in unspoken)} texts in the wrong language.",
            where=f"{plan.dataset}/{first.key}",
            remedy="Choose a voice of that language as well; spoonful datasets voices lists them.",
        )
    for voice in plan.voices:
        if not any(voice.fits(language) for language in by_language):
            raise UserError(
                f"The voice {voice.speaker} speaks {voice.language}, but the texts are in"
                f" {', '.join(sorted(by_language))}.",
                where=plan.dataset,
                remedy="Leave this voice out, or choose one of the texts' language.",
            )
    spoken = sorted({main_language(voice.language) for voice in plan.voices})
    if "" in by_language and len(spoken) > 1:
        raise UserError(
            f"{len(by_language[''])} texts do not say their language, and the voices speak several:"
            f" {', '.join(spoken)}.",
            where=f"{plan.dataset}/{by_language[''][0].key}",
            remedy="Choose voices of one language, or import the dataset with its languages.",
        )
