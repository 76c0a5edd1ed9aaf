"""The picture of the scores: every row is there, in proportion."""

from __future__ import annotations

from xml.etree import ElementTree

from core.evaluation.results import Interval
from core.teaspoon.chart import chart

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_as_long_as_their_scores() -> None:
    rows = [
        ("text-only", Interval(0.4, 0.35, 0.45), Interval(0.98, 0.97, 0.99)),
        ("2 % <speech>", Interval(0.8, 0.75, 0.85), Interval(0.98, 0.97, 0.99)),
    ]
    picture = ElementTree.fromstring(chart("Scores & more", rows))  # noqa: S314 - our own
    words = [element.text for element in picture.iter(f"{SVG}text")]
    assert {"Scores & more", "text-only", "2 % <speech>", "40.0 %", "80.0 %"} <= set(words)
    bars = [float(bar.get("width", 0)) for bar in picture.iter(f"{SVG}rect") if bar.get("height") == "18"]
    assert len(bars) == 2
    assert abs(bars[1] / bars[0] - 2) < 0.01
