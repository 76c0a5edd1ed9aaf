"""Plots: what is drawn, what is said to those who cannot see it, and labels that do not overlap."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from pyqtgraph import PlotWidget
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.context import AppContext
from gui.widgets.metric_plot import (
    MOST_PEAKS,
    Band,
    MetricPlot,
    Series,
    peaks,
    series_color,
    spread,
    trailing_mean,
)


@pytest.fixture
def plot(context: AppContext, qtbot: QtBot) -> MetricPlot:
    widget = MetricPlot(
        context.theme,
        "Loss",
        [Series("text", "text", "text_series", smooth=True), Series("speech", "speech", "speech_series")],
    )
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_values_that_were_not_measured_are_left_out(plot: MetricPlot) -> None:
    steps = np.arange(1.0, 6.0)
    plot.set_curve("text", steps, np.array([3.0, 2.0, 2.0, 1.0, 1.0]))
    plot.set_curve("speech", steps, np.array([np.nan, 4.0, np.nan, np.nan, 2.5]))
    plot.refresh()
    assert plot.curve_points("speech") == 2
    assert plot.accessibleDescription() == "Latest: text 1.8, speech 2.5"


def test_without_values_it_says_so(plot: MetricPlot) -> None:
    plot.set_steps(100)
    plot.set_bands([Band("text", 0, 50)])
    plot.refresh()
    assert plot.accessibleDescription() == "No values yet"


def test_the_theme_may_change_at_any_time(plot: MetricPlot, context: AppContext) -> None:
    plot.set_curve("text", np.array([1.0]), np.array([2.0]))
    plot.set_bands([Band("text", 0, 1)])
    plot.refresh()
    context.theme.changed.emit()
    assert not plot.grab().isNull()


@pytest.mark.parametrize(
    ("total", "ticks"), [(387, ["0", "193", "387"]), (100, ["0", "50", "100"]), (1, ["0", "1"])]
)
def test_the_axis_names_whole_steps(plot: MetricPlot, total: int, ticks: list[str]) -> None:
    plot.set_steps(total)
    ((*shown,),) = plot.findChildren(PlotWidget)[0].getPlotItem().getAxis("bottom")._tickLevels
    assert [words for _, words in shown] == ticks


@pytest.mark.parametrize("token", ["text_series", "speech_series"])
@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_curve_can_be_followed_on_its_ground(
    name: Literal["light", "dark"], token: str, context: AppContext, qapp: QApplication
) -> None:
    context.theme.apply(qapp, name)
    drawn = series_color(context.theme, token)
    surface = context.theme.color("surface")
    assert abs(drawn.hslHue() - context.theme.color(token).hslHue()) <= 2
    if name == "dark":
        assert contrast(drawn, surface) > 4.5
    else:
        assert drawn == context.theme.color(token)


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(color: QColor) -> float:
        parts = [color.redF(), color.greenF(), color.blueF()]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_trailing_mean_looks_only_back() -> None:
    assert trailing_mean(np.array([4.0, 2.0, 0.0, 6.0]), 2) == pytest.approx([4.0, 3.0, 1.0, 3.0])
    assert trailing_mean(np.array([5.0]), 20) == pytest.approx([5.0])


def test_labels_are_spread_in_their_order() -> None:
    assert spread([1.0, 0.9, 5.0], 1.0) == [1.9, 0.9, 5.0]
    assert spread([], 1.0) == []


def test_thinning_keeps_every_peak_in_the_order_of_time() -> None:
    steps = np.arange(50_123.0)
    values = np.random.default_rng(17).random(len(steps))
    values[[7, 31_000, 50_122]] = [9.0, -9.0, 8.0]
    x, y = peaks(steps, values, MOST_PEAKS)
    assert len(x) <= 3 * MOST_PEAKS
    assert (np.diff(x) >= 0).all()
    assert {9.0, -9.0, 8.0} <= set(y)
    assert (values[x.astype(int)] == y).all()


def test_a_short_curve_is_drawn_as_it_is() -> None:
    steps = np.arange(2.0 * MOST_PEAKS)
    assert peaks(steps, steps, MOST_PEAKS)[0] is steps
