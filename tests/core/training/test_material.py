"""What a run's data are known by."""

from __future__ import annotations

from dataclasses import replace

from core.data.utterance import Label, Utterance
from core.training.material import fingerprint


def test_languages_count_where_the_schedule_follows_them() -> None:
    one = Utterance(0, "d", "a", "train", Label("x"), "hello", language="en")
    other = replace(one, language="de")
    assert fingerprint([one]) == fingerprint([other])
    assert fingerprint([one], languages=True) != fingerprint([other], languages=True)
