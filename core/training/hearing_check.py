"""Does the model hear while it learns? The loss on the right label, given a recording's own audio, that of
another one, and silence: three passes without decoding tell it earlier and cheaper than answers do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch

from core.audio.files import read_audio
from core.data.targets import target_segments
from core.data.utterance import Utterance
from core.evaluation.bootstrap_ci import difference
from core.evaluation.hearing import LIKELY_CAUSES, exchange_audio
from core.evaluation.metrics import Ratio
from core.evaluation.results import EvaluationResult, Interval
from core.inference.predictor import evaluating
from core.models.family import LalmFamily, ModelInput, Samples
from core.training.reporter import Reporter

_log = logging.getLogger(__name__)

RECORDINGS: Final = 16
FEWEST: Final = 8
"""With fewer recordings, no difference could be told from chance."""
_AT_ONCE: Final = 8

GAIN: Final = "hearing_loss_gain"
GAIN_OVER_SILENCE: Final = "hearing_loss_gain_silence"


class HearingCheck:
    """Some validation recordings, each beside the one whose audio it is given instead."""

    def __init__(self, family: LalmFamily, validation: Sequence[Utterance], seed: int) -> None:
        self._family, self._seed = family, seed
        self._pairs = _pairs([utterance for utterance in validation if utterance.has("speech")], seed)

    @property
    def is_possible(self) -> bool:
        """Whether there are enough recordings with different labels."""
        return len(self._pairs) >= FEWEST

    def report(self, reporter: Reporter, *, stage: int, global_step: int, learned_speech: bool) -> None:
        """Measure, tell the result as an evaluation with exchanged audio, and warn of a model that learned
        from speech and yet does not hear; the warning is taken back once it does."""
        reporter.activity("checking whether the model hears")
        result = self.measure(reporter.heartbeat)
        reporter.evaluation(result, stage=stage, global_step=global_step, final=False)
        gain = result.scores[GAIN]
        _log.info(
            "step %d: another's audio costs %s in loss, silence %s (nats a token, %d recordings)",
            global_step,
            _signed(gain),
            _signed(result.scores[GAIN_OVER_SILENCE]),
            result.n,
        )
        if not learned_speech:
            return
        deaf = gain.low <= 0
        words = (
            "The model does not hear the audio: the labels of validation recordings are as likely to it with"
            f" another recording's audio (a loss of {_signed(gain)}). {LIKELY_CAUSES}"
        )
        if deaf:
            _log.warning("%s", words)
        reporter.warning("hearing", words if deaf else "")

    def measure(self, alive: Callable[[], None] = lambda: None) -> EvaluationResult:
        """What the own audio takes off the loss, in nats per target token, against another's (GAIN) and
        against silence (GAIN_OVER_SILENCE), with paired intervals. alive: called between the passes."""
        utterances = [utterance for utterance, _ in self._pairs]
        own = [_samples(utterance) for utterance in utterances]
        others = [_samples(giver) for _, giver in self._pairs]
        heard = self._losses(own, alive)
        exchanged = self._losses(others, alive)
        silent = self._losses([np.zeros_like(samples) for samples in own], alive)
        gains = {GAIN: difference(exchanged, heard, self._seed)}
        gains[GAIN_OVER_SILENCE] = difference(silent, heard, self._seed)
        return EvaluationResult(
            dataset=" + ".join(sorted({utterance.dataset for utterance in utterances})),
            split=" + ".join(sorted({utterance.split for utterance in utterances})),
            input="shuffled speech",
            n=len(utterances),
            scores={metric: gain for metric, gain in gains.items() if gain is not None},
            predictions=(),
            synthetic=sum(bool(utterance.synthetic) for utterance in utterances),
        )

    @torch.no_grad()
    def _losses(self, clips: Sequence[Samples], alive: Callable[[], None]) -> Ratio:
        """Summed loss and number of target tokens of each utterance, given these clips in their place."""
        sums: list[float] = []
        counts: list[int] = []
        items = [
            ModelInput(samples=clip, target=tuple(target_segments(utterance.label)))
            for clip, (utterance, _) in zip(clips, self._pairs, strict=True)
        ]
        with evaluating(self._family):
            for start in range(0, len(items), _AT_ONCE):
                batch_sums, batch_counts = self._family.loss(
                    self._family.collate(items[start : start + _AT_ONCE])
                )
                sums += batch_sums.tolist()
                counts += batch_counts.tolist()
                alive()
        return Ratio(np.array(sums, np.float64), np.array(counts, np.float64))


def _pairs(recordings: Sequence[Utterance], seed: int) -> list[tuple[Utterance, Utterance]]:
    """Up to RECORDINGS of them, spread over all, each with one of another label."""
    if len(recordings) < FEWEST:
        return []
    places = np.linspace(0, len(recordings) - 1, min(RECORDINGS, len(recordings))).round().astype(int)
    chosen = [recordings[place] for place in places.tolist()]
    exchanged = zip(chosen, exchange_audio(chosen, seed), strict=True)
    # Where two share a label, the other's audio says the same.
    return [(own, giver) for own, giver in exchanged if own.label != giver.label]


def _samples(utterance: Utterance) -> Samples:
    assert utterance.audio is not None  # noqa: S101 - only recordings are paired
    return read_audio(utterance.audio)


def _signed(gain: Interval) -> str:
    return f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"
