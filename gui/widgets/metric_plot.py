"""One live plot of a run: curves with direct labels over bands that mark the curriculum's stages."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsRectItem, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Theme

Floats = npt.NDArray[np.float64]

SMOOTH_STEPS = 20
MOST_PEAKS = 300
_LABEL_PX = 14
_BAND_NAME_PX = 18
_TINT = 0.45
_TINTED = frozenset({"text_series"})
_ROOM_PX = 24
"""Room for direct labels on the right grows in steps of this, so that a new digit does not shake the plot."""


@dataclass(frozen=True)
class Series:
    """One curve. token: its colour in the theme. sparse: draw points. smooth: draw the mean of the last
    `SMOOTH_STEPS` values over a faint line of every value."""

    key: str
    title: str
    token: str
    sparse: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Band:
    """A stage in the background, from one step to another."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Range:
    """The y axis: `floor` is always shown; `ceiling`, when given, fixes the top."""

    floor: float = 0.0
    ceiling: float | None = None


def trailing_mean(values: Floats, window: int) -> Floats:
    """Mean of each value and up to `window - 1` before it. [N] -> [N]."""
    sums = np.cumsum(values)
    sums[window:] = sums[window:] - sums[:-window]
    return np.asarray(sums / np.minimum(np.arange(1, len(values) + 1), window))


def peaks(x: Floats, y: Floats, count: int) -> tuple[Floats, Floats]:
    """At most `2 * count` points that draw like all of them: the lowest and highest of each stretch.

    Done here, before plotting: pyqtgraph's own thinning left a 50 000-point run at 1.9 s a frame.
    """
    size = -(-len(y) // count)
    if size < 3:
        return x, y
    whole = len(y) // size * size
    stretches = y[:whole].reshape(-1, size)
    starts = np.arange(0, whole, size)
    ends = np.stack([starts + stretches.argmin(axis=1), starts + stretches.argmax(axis=1)], axis=1)
    rest = np.arange(whole, len(y))
    # In the order of time, or the line would run backwards inside a stretch.
    chosen = np.concatenate([np.sort(ends, axis=1).ravel(), rest])
    return x[chosen], y[chosen]


def spread(positions: Sequence[float], distance: float) -> list[float]:
    """Positions in their old order, moved up as far as needed to lie `distance` apart."""
    result = list(positions)
    order = sorted(range(len(result)), key=lambda index: result[index])
    for below, above in pairwise(order):
        result[above] = max(result[above], result[below] + distance)
    return result


def series_color(theme: Theme, token: str) -> QColor:
    """A curve's colour. On a dark ground a thin line of the text's blue cannot be followed: a lighter tint of
    the same hue stands for it there."""
    color = theme.color(token)
    if token not in _TINTED or theme.name != "dark":
        return color
    channels = [round(part + _TINT * (255 - part)) for part in (color.red(), color.green(), color.blue())]
    return QColor(*channels)


class _Curve:
    """A series' items in the plot."""

    def __init__(self, plot: Any, series: Series) -> None:
        self.series = series
        self.faint = pg.PlotDataItem(connect="all") if series.smooth else None
        self.line = pg.PlotDataItem(connect="all", antialias=True)
        self.label = pg.TextItem(anchor=(0, 0.5))
        for item in (self.faint, self.line):
            if item is not None:
                plot.addItem(item)
        plot.addItem(self.label, ignoreBounds=True)
        self.x: Floats = np.empty(0)
        self.y: Floats = np.empty(0)
        self.highest = 0.0
        self.label.setVisible(False)

    def set_data(self, x: Floats, y: Floats) -> None:
        known = np.isfinite(y)
        self.x, raw = x[known], y[known]
        self.y = trailing_mean(raw, SMOOTH_STEPS) if self.series.smooth else raw
        self.line.setData(*peaks(self.x, self.y, MOST_PEAKS))
        if self.faint is not None:
            self.faint.setData(*peaks(self.x, raw, MOST_PEAKS))
        self.highest = float(raw.max()) if len(raw) else 0.0

    def recolor(self, theme: Theme) -> None:
        color = series_color(theme, self.series.token)
        self.line.setPen(pg.mkPen(color, width=1))
        if self.series.sparse:
            self.line.setSymbol("o")
            self.line.setSymbolSize(5)
            self.line.setSymbolBrush(color)
            self.line.setSymbolPen(None)
        if self.faint is not None:
            color.setAlpha(70)
            self.faint.setPen(pg.mkPen(color, width=1))


class _StillPlot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that lets the wheel through: the page scrolls under the pointer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MetricPlot(QWidget):
    """A titled plot over global steps. Values are given whole each time; nothing is drawn while hidden."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        series: Sequence[Series],
        *,
        height: int = 170,
        format_value: str = "{:.3g}",
        y_range: Range | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._title = title
        self._format = format_value
        self._range = y_range or Range()
        self._total = 1.0
        self._bands: list[tuple[Band, Any, Any]] = []
        self._plot = _StillPlot(enableMenu=False)
        self._empty = QLabel("No values yet")
        self.setFixedHeight(height)
        self._lay_out()
        self._configure()
        self._curves = {each.key: _Curve(self._plot, each) for each in series}
        self._recolor()
        self._describe()
        theme.changed.connect(self._recolor)

    def set_steps(self, total: int) -> None:
        """The run's planned optimizer steps: the x axis holds them all, so progress is seen at a glance."""
        self._total = float(max(total, 1))
        # Numbers up to the run's end only: the room right of it belongs to the labels.
        ticks = [(step, f"{step:g}") for step in sorted({0, self._total // 2, self._total})]
        self._plot.getPlotItem().getAxis("bottom").setTicks([ticks])

    def set_bands(self, bands: Sequence[Band]) -> None:
        """The stages behind the curves. Call `refresh` when all is set."""
        places = [(band.name, band.start) for band in bands]
        if [(band.name, band.start) for band, _, _ in self._bands] == places:
            # The usual case while a run trains: only the last band got longer.
            items = [(rectangle, label) for _, rectangle, label in self._bands]
            self._bands = [(band, *item) for band, item in zip(bands, items, strict=True)]
            return
        for _, rectangle, label in self._bands:
            self._plot.removeItem(rectangle)
            self._plot.removeItem(label)
        self._bands = []
        for band in bands:
            rectangle = QGraphicsRectItem()
            rectangle.setZValue(-20)
            label = pg.TextItem(band.name, anchor=(0, 0))
            label.setFont(_small_font(self.font()))
            self._plot.addItem(rectangle, ignoreBounds=True)
            self._plot.addItem(label, ignoreBounds=True)
            self._bands.append((band, rectangle, label))
        self._recolor()

    def set_curve(self, key: str, x: Floats, y: Floats) -> None:
        """A curve's points; values that are not finite are left out. Call `refresh` when all are set."""
        self._curves[key].set_data(x, y)

    def refresh(self) -> None:
        """Fit the axes and put labels beside the curves' ends."""
        highest = max((curve.highest for curve in self._curves.values() if len(curve.y)), default=1.0)
        ceiling = self._range.ceiling if self._range.ceiling is not None else highest * 1.02 or 1.0
        # Above the ceiling stand the stages' names, clear of the curves.
        height = max(4.0 * _BAND_NAME_PX, float(self._plot.getViewBox().height()))
        room = (ceiling - self._range.floor) * _BAND_NAME_PX / (height - _BAND_NAME_PX)
        self._plot.setYRange(self._range.floor, ceiling + room, padding=0)
        self._empty.setVisible(not any(len(curve.y) for curve in self._curves.values()))
        self._plot.setXRange(0, self._total * self._stretch_for_labels(), padding=0)
        self._place()
        self._describe()

    def curve_points(self, key: str) -> int:
        """How many points a curve holds."""
        return len(self._curves[key].x)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def _place(self) -> None:
        view = self._plot.getViewBox()
        (_, _), (low, high) = view.viewRange()
        for band, rectangle, label in self._bands:
            rectangle.setRect(QRectF(band.start, low, band.end - band.start, high - low))
            label.setPos(band.start, high)
        shown = [curve for curve in self._curves.values() if len(curve.y)]
        pixel = (high - low) / max(1.0, float(view.height()))
        lowest = low + _LABEL_PX / 2 * pixel
        heights = spread([max(lowest, float(curve.y[-1])) for curve in shown], _LABEL_PX * pixel)
        for curve, height in zip(shown, heights, strict=True):
            curve.label.setHtml(self._marked_label_of(curve))
            curve.label.setPos(float(curve.x[-1]), height)
        for curve in self._curves.values():
            curve.label.setVisible(bool(len(curve.y)))

    def _stretch_for_labels(self) -> float:
        """How much longer than the run the x axis must be, so that labels at a run's end are not cut."""
        metrics = QFontMetricsF(_small_font(self.font()))
        shown = [self._label_of(curve) for curve in self._curves.values() if len(curve.y)]
        widest = max((metrics.horizontalAdvance(words) for words in shown), default=0.0)
        room = ceil((widest + 28) / _ROOM_PX) * _ROOM_PX
        width = max(2.0 * room, float(self._plot.getViewBox().width()))
        return width / (width - room)

    def _label_of(self, curve: _Curve) -> str:
        return f"{curve.series.title} {self._format.format(curve.y[-1])}".strip()

    def _marked_label_of(self, curve: _Curve) -> str:
        dot = series_color(self._theme, curve.series.token).name()
        ink = self._theme.token("text")
        words = html.escape(self._label_of(curve))
        return f'<span style="color: {dot}">●</span> <span style="color: {ink}">{words}</span>'

    def _describe(self) -> None:
        ends = [self._label_of(curve) for curve in self._curves.values() if len(curve.y)]
        self.setAccessibleName(self._title)
        self.setAccessibleDescription("Latest: " + ", ".join(ends) if ends else "No values yet")

    def _configure(self) -> None:
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self._plot.getPlotItem()
        # pyqtgraph makes this menu also when told not to; without a parent it would outlive the window.
        item.ctrlMenu.setParent(self._plot, item.ctrlMenu.windowFlags())
        item.setContentsMargins(0, 0, 0, 0)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setStyle(tickFont=_small_font(self.font()), tickLength=0, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        item.getAxis("left").setWidth(48)
        item.showGrid(x=False, y=True, alpha=0.12)

    def _lay_out(self) -> None:
        heading = QLabel(self._title)
        heading.setProperty("role", "strong")
        self._empty.setProperty("role", "hint")
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._plot, 1)

    def _recolor(self) -> None:
        muted, line = self._theme.color("muted"), self._theme.color("line")
        self._plot.setBackground(self._theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self._plot.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(muted))
        for curve in self._curves.values():
            curve.recolor(self._theme)
            curve.label.setFont(_small_font(self.font()))
        for index, (_, rectangle, label) in enumerate(self._bands):
            tint = self._theme.color("text")
            tint.setAlpha(14 if index % 2 else 5)
            rectangle.setBrush(tint)
            rectangle.setPen(pg.mkPen(None))
            label.setColor(muted)
        self._place()


def _small_font(base: QFont) -> QFont:
    font = QFont(base)
    font.setPixelSize(11)
    return font
