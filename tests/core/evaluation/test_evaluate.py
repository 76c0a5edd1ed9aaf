from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.data.targets import target_text
from core.data.utterance import Label, Slot, Utterance
from core.errors import Cancelled, UserError
from core.evaluation.evaluate import ModelInput, evaluate, evaluate_hearing


@dataclass
class Said:
    label: Label | None
    raw: str
    confidence: float = 0.9
    transcript: str | None = None
    raw_confidence: float | None = None


class Listener:
    """Recognises the intent from the loudness of the audio, or from the text; free answers are JSON only for
    even intents."""

    def __init__(self, deaf: bool = False) -> None:
        self.deaf = deaf
        self.batches: list[int] = []

    def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> list[Said]:
        self.batches.append(len(items))
        numbers = [0 if self.deaf else self._number(item) for item in items]
        labels = [Label(f"intent {number}") for number in numbers]
        if constrained:
            return [Said(label, target_text(label)) for label in labels]
        return [
            Said(None, target_text(label) if number % 2 == 0 else '{"intent": ')
            for number, label in zip(numbers, labels, strict=True)
        ]

    @staticmethod
    def _number(item: ModelInput) -> int:
        return int(item) if isinstance(item, str) else round(float(np.abs(item).max()) * 10)


@pytest.fixture
def utterances(tmp_path: Path) -> list[Utterance]:
    made = []
    for index in range(24):
        number = index % 6
        audio = tmp_path / f"{index}.wav"
        soundfile.write(audio, np.full(1600 + 160 * index, number / 10), 16_000, subtype="FLOAT")
        label = Label(f"intent {number}")
        made.append(
            Utterance(index + 1, "loud", f"u{index}", "test", label, str(number), audio, 0.1 + 0.01 * index)
        )
    return made


def test_synthetic_recordings_are_counted_where_they_were_heard(utterances: list[Utterance]) -> None:
    mixed = [replace(each, synthetic="flite: slt" if each.id <= 7 else "") for each in utterances]
    true = evaluate(Listener(), mixed, "speech")
    assert true.synthetic == 7
    assert evaluate(Listener(), mixed, "text").synthetic == 0
    assert evaluate(Listener(), utterances, "speech").synthetic == 0
    assert evaluate_hearing(Listener(), mixed, true).synthetic == 7


def test_speech_and_text_are_scored_in_the_order_asked(utterances: list[Utterance]) -> None:
    listener = Listener()
    result = evaluate(listener, utterances, "speech", batch_size=10)
    assert (result.dataset, result.split, result.input, result.n) == ("loud", "test", "speech", 24)
    assert result.scores["exact_match"].value == 1
    assert result.scores["valid_json"].value == 0.5
    assert "slot_f1" not in result.scores
    assert [prediction.utterance_id for prediction in result.predictions] == list(range(1, 25))
    assert all(
        prediction.correct and prediction.predicted == prediction.gold for prediction in result.predictions
    )
    assert max(listener.batches) == 10
    assert evaluate(Listener(), utterances, "text").scores["intent_accuracy"].value == 1


def test_a_listener_gains_by_hearing_and_a_deaf_model_does_not(utterances: list[Utterance]) -> None:
    heard = evaluate(Listener(), utterances, "speech", free_sample=0)
    shuffled = evaluate_hearing(Listener(), utterances, heard)
    assert shuffled.input == "shuffled speech"
    assert shuffled.scores["exact_match"].value == 0
    assert shuffled.scores["hearing_gain_exact_match"].value == 1

    unheard = evaluate(Listener(deaf=True), utterances, "speech", free_sample=0)
    gain = evaluate_hearing(Listener(deaf=True), utterances, unheard).scores["hearing_gain_intent_accuracy"]
    assert gain.value == 0
    assert gain.low < 0 < gain.high


def test_where_all_have_one_intent_hearing_shows_in_the_fillers(utterances: list[Utterance]) -> None:
    def order(number: int) -> Label:
        return Label("order", (Slot("drink", f"drink {number}"),))

    class Barista(Listener):
        def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> list[Said]:
            labels = [order(self._number(item)) for item in items]
            return [Said(label, target_text(label)) for label in labels]

    orders = [replace(utterance, label=order(int(utterance.text or ""))) for utterance in utterances]
    heard = evaluate(Barista(), orders, "speech", free_sample=0)
    gains = evaluate_hearing(Barista(), orders, heard).scores
    assert gains["hearing_gain_intent_accuracy"].value == 0
    assert gains["hearing_gain_slot_f1"].low > 0


class Transcriber(Listener):
    """A cascade whose transcript of a recording is its number, misheard where that is above 3."""

    def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> list[Said]:
        heard = [self._number(item) for item in items]
        answers = super().predict([str(number) for number in heard], constrained)
        return [
            replace(answer, transcript=str(number) if number < 4 else "uh oh")
            for answer, number in zip(answers, heard, strict=True)
        ]


def test_a_cascades_transcripts_are_scored_too_where_there_is_a_text(utterances: list[Utterance]) -> None:
    result = evaluate(Transcriber(), utterances, "cascade", free_sample=0)
    assert result.input == "cascade"
    assert result.scores["exact_match"].value == 1
    # One word said each; two wrong in a third of them.
    errors = result.scores["word_error_rate"]
    assert errors.value == pytest.approx(2 / 3)
    assert 0.2 < errors.low < errors.value < errors.high < 1.2
    assert "word_error_rate" not in evaluate(Listener(), utterances, "speech").scores

    first, *others = utterances
    few = [first, *(replace(utterance, text=None) for utterance in others)]
    assert evaluate(Transcriber(), few, "cascade").scores["word_error_rate"].value == 0
    assert "word_error_rate" not in evaluate(Transcriber(), few[1:], "cascade").scores


def test_progress_counts_every_question_and_cancel_stops_between_batches(utterances: list[Utterance]) -> None:
    told: list[tuple[int, int]] = []
    evaluate(
        Listener(),
        utterances,
        "text",
        batch_size=16,
        free_sample=4,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(16, 28), (24, 28), (28, 28)]

    listener = Listener()
    with pytest.raises(Cancelled):
        evaluate(listener, utterances, "text", batch_size=8, cancelled=lambda: len(listener.batches) == 2)
    assert listener.batches == [8, 8]


def test_nothing_to_test_on_is_said_in_words(utterances: list[Utterance]) -> None:
    textless = [Utterance(1, "d", "u", "test", Label("a"), audio=utterances[0].audio)]
    with pytest.raises(UserError, match="none has a text"):
        evaluate(Listener(), textless, "text")
    with pytest.raises(UserError, match="No utterance"):
        evaluate(Listener(), [], "speech")


def test_an_unreadable_recording_is_named(utterances: list[Utterance], tmp_path: Path) -> None:
    gone = tmp_path / "gone.wav"
    broken = Utterance(99, "d", "u", "test", Label("a"), audio=gone)
    with pytest.raises(UserError) as caught:
        evaluate(Listener(), [*utterances, broken], "speech")
    assert "gone.wav" in caught.value.where
