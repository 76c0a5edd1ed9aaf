from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.utterance import Label
from core.errors import Cancelled, UserError
from core.evaluation.batch.answers import BatchAnswer, answers
from core.evaluation.batch.items import BatchItem
from tests.conftest import WavMaker
from tests.core.evaluation.batch.conftest import FakeModel, Said, item


def all_answers(items: Sequence[BatchItem], model: FakeModel, chunk: int = 16) -> list[BatchAnswer]:
    found: dict[int, BatchAnswer] = {}
    for some in answers(items, model, chunk=chunk):
        found.update(some)
    return [found[index] for index in range(len(items))]


def test_the_longest_are_asked_first_and_each_gets_its_own_answer() -> None:
    items = [item("on", "on"), item("please off now", "off"), item("louder", "louder")]
    model = FakeModel(lambda given: Said(Label(str(given).split()[0])))
    found = all_answers(items, model, chunk=2)
    assert model.asked == [["please off now", "louder"], ["on"]]
    assert [each.item for each in found] == items
    assert [each.correct for each in found] == [True, False, True]


def test_what_is_wrong_with_one_file_stops_no_other(wav_file: WavMaker, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound")
    good = wav_file("good.wav")
    long = wav_file("long.wav")

    def answer(given: Path | str) -> Said:
        if given == long:
            raise UserError("The recording is longer than the model can hear.", where=str(given))
        return Said(Label("light_on"))

    items = [item(path.name, None, audio=path) for path in (broken, long, good)]
    first, second, third = all_answers(items, FakeModel(answer))
    assert first.error is not None
    assert first.error.what == "The sound file cannot be read."
    assert second.error is not None
    assert "longer than" in second.error.what
    assert third.error is None
    assert third.answer == Said(Label("light_on"))


def test_a_recording_that_breaks_the_model_takes_no_other_with_it() -> None:
    items = [item(text, "light_on") for text in ("aaa", "bbb", "ccc", "ddd")]
    model = FakeModel(lambda _given: Said(Label("light_on")), breaks=frozenset({"bbb"}))
    found = all_answers(items, model)
    assert [each.error is None for each in found] == [True, False, True, True]
    assert found[1].error is not None
    assert "ended unexpectedly" in found[1].error.what


def test_a_model_that_answers_nothing_any_more_ends_the_batch() -> None:
    items = [item(f"text {number}", "light_on") for number in range(40)]
    model = FakeModel(lambda _given: Said(None), breaks=frozenset(each.given for each in items))
    with pytest.raises(UserError, match="ended unexpectedly"):
        all_answers(items, model)
    assert len(model.asked) < 6


def test_silence_without_a_label_gives_no_guess_and_one_with_a_label_is_scored_and_told(
    wav_file: WavMaker,
) -> None:
    silence, tone = wav_file("silence.wav", kind="silence"), wav_file("tone.wav")
    model = FakeModel(lambda _given: Said(Label("light_on")))
    items = [
        item("a", None, audio=silence),
        item("b", "light_off", audio=silence),
        item("c", None, audio=tone),
        item("d", "light_off", audio=tone),
    ]
    unlabelled, labelled, spoken, wrong = all_answers(items, model)
    assert model.asked == [[silence, tone, tone]]
    assert unlabelled.answer is None
    assert unlabelled.silent == ("No speech heard", "The recording is silent.")
    assert labelled.answer is not None
    assert labelled.correct is False
    assert labelled.silent == unlabelled.silent
    assert spoken.answer is not None
    assert (spoken.silent, spoken.correct) == (None, None)
    assert wrong.silent is None


def test_nothing_is_asked_where_all_is_silent(wav_file: WavMaker) -> None:
    silence = wav_file("silence.wav", kind="silence")
    model = FakeModel(lambda _given: Said(Label("light_on")))
    (only,) = all_answers([item("a", None, audio=silence)], model)
    assert only.silent is not None
    assert model.asked == []


def test_it_can_be_cancelled_between_two_chunks() -> None:
    items = [item(text, "light_on") for text in ("aaa", "bbb", "ccc")]
    model = FakeModel(lambda _given: Said(Label("light_on")))
    coming = answers(items, model, cancelled=lambda: bool(model.asked), chunk=1)
    assert list(next(coming)) == [0]
    with pytest.raises(Cancelled):
        next(coming)
    assert len(model.asked) == 1


def test_an_answer_without_a_label_is_wrong_and_one_to_an_unlabelled_item_is_neither() -> None:
    labelled = BatchAnswer(item("on", "light_on"), Said(None, raw="hm"))
    assert labelled.correct is False
    assert replace(labelled, item=item("on")).correct is None
    assert BatchAnswer(item("on", "light_on")).correct is None
