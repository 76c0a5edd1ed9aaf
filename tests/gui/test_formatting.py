"""Numbers as people read them."""

from __future__ import annotations

import pytest

from gui.formatting import (
    counted,
    disk_space,
    duration,
    memory,
    percent,
    rough_duration,
    short_number,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min"), (190, "3 min 10 s"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_durations_have_at_most_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute"), (55, "about 1 min"), (260, "about 4 min"), (7300, "about 2 h")],
)
def test_estimates_do_not_pretend(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words


def test_counts_shares_sizes_and_labels() -> None:
    assert counted(1, "recording") == "1 recording"
    assert counted(4000, "recording") == "4\N{NARROW NO-BREAK SPACE}000 recordings"
    assert percent(0.025) == "2.5 %"
    assert percent(0.07) == "7 %"
    assert memory(628e6) == "0.6 GB"
    assert [disk_space(size) for size in (0, 2_000_000, 999_949_999, 999_950_000)] == [
        "0.0 MB",
        "2.0 MB",
        "999.9 MB",
        "1.0 GB",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2e-4, "2e-4"),
        (1e-6, "1e-6"),
        (5e-6, "5e-6"),
        (0.05, "0.05"),
        (1.25e-5, "1.25e-5"),
        (0.002, "2e-3"),
        (1 / 3000, None),
    ],
)
def test_learning_rates_are_short_and_exact(value: float, words: str | None) -> None:
    assert float(short_number(value)) == value
    if words is not None:
        assert short_number(value) == words
