"""What an audience sees of one answer, painted as large as the screen allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPixmap,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from core.data.utterance import Slot
from core.inference.fillers import find_fillers
from gui.icons import pixmap
from gui.theme import Theme
from gui.widgets.confidence_bars import whole_percent

_SMALLEST_PX: Final = 14.0
_AIR: Final = 0.05
"""Of the width, on either side."""


Pictures = dict[tuple[str, str, int, float], QPixmap]
"""Icon, colour, size and ratio of pixels -> as it is painted."""


@dataclass(frozen=True)
class Scene:
    """Everything that is to be read. headline: the intent, or why there is none. sure: 0 to 1, None where
    nothing is claimed. tone: the token of the state's colour. level: 0 to 1 while it listens, else None."""

    title: str = ""
    words: str = ""
    headline: str = ""
    slots: tuple[Slot, ...] = ()
    sure: float | None = None
    state: str = ""
    icon: str = "speech"
    tone: str = "stage_text"
    level: float | None = None
    latency: str = ""
    leave: str = "Esc leaves"

    def without_answer(self) -> Scene:
        """The same before anything is known."""
        return replace(self, words="", headline="", slots=(), sure=None, latency="")

    def in_words(self) -> str:
        """For screen readers."""
        slots = ", ".join(f"{slot.type}: {slot.filler}" for slot in self.slots)
        return ". ".join(part for part in (self.headline, slots, self.words, self.state) if part)


class StagePainter:
    """Paints a scene into a rectangle of any size; type shrinks only where words do not fit."""

    def __init__(
        self, painter: QPainter, theme: Theme, scene: Scene, area: QRectF, pictures: Pictures | None = None
    ) -> None:
        """pictures: those painted before, which need not be read again twenty times a second."""
        self._painter = painter
        self._pictures: Pictures = {} if pictures is None else pictures
        self._theme = theme
        self._scene = scene
        self._area = area
        self._unit = min(area.height() / 100, area.width() / 160)

    def paint(self) -> None:
        """The whole picture."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.fillRect(self._area, self._theme.color("stage_ground"))
        scene = self._scene
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._line(scene.title, self._band(0.03, 0.08, 0.0, 0.75), 2.6, "stage_muted", left)
        self._line(scene.leave, self._band(0.03, 0.08, 0.75, 1.0), 2.6, "stage_muted", right)
        self._words(self._band(0.11, 0.30))
        self._headline(self._band(0.30, 0.54))
        self._chips(self._band(0.55, 0.71))
        self._sureness(self._band(0.73, 0.79))
        self._state(self._band(0.82, 0.93))
        self._line(scene.latency, self._band(0.94, 0.98), 2.2, "stage_muted", left)

    def _band(self, top: float, bottom: float, left: float = 0.0, right: float = 1.0) -> QRectF:
        width = self._area.width() * (1 - 2 * _AIR)
        x = self._area.left() + self._area.width() * _AIR
        y, height = self._area.top(), self._area.height()
        return QRectF(x + width * left, y + height * top, width * (right - left), height * (bottom - top))

    def _font(self, px: float, *, bold: bool = False) -> QFont:
        font = QFont(self._painter.font())
        font.setPixelSize(max(1, round(max(px, _SMALLEST_PX))))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _line(
        self, text: str, band: QRectF, units: float, tone: str, align: Qt.AlignmentFlag, *, bold: bool = False
    ) -> None:
        """One line, shrunk to the band's width and then cut off at its end."""
        px = units * self._unit
        wide = QFontMetricsF(self._font(px, bold=bold)).horizontalAdvance(text)
        font = self._font(px * min(1.0, band.width() / wide) if wide else px, bold=bold)
        self._painter.setFont(font)
        self._painter.setPen(self._theme.color(tone))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, band.width())
        self._painter.drawText(band, align, shown)

    def _headline(self, band: QRectF) -> None:
        # A name of several words goes on in a second line before it becomes small.
        text = self._scene.headline.replace("_", "_\N{ZERO WIDTH SPACE}")
        if text:
            self._fitted(self._document(text, bold=True), band, 17.0 if self._scene.sure is not None else 9.0)

    def _words(self, band: QRectF) -> None:
        words = self._scene.words
        if not words:
            return
        document = self._document(f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}")
        marked = QTextCharFormat()
        marked.setForeground(self._theme.color("stage_accent"))
        marked.setFontWeight(QFont.Weight.Bold)
        marked.setFontUnderline(True)
        for start, end, _kind in find_fillers(words, self._scene.slots):
            cursor = QTextCursor(document)
            cursor.setPosition(start + 1)
            cursor.setPosition(end + 1, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(marked)
        self._fitted(document, band, 6.5)

    def _document(self, text: str, *, bold: bool = False) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        document.setDefaultFont(self._font(100, bold=bold))
        document.setPlainText(text)
        colored = QTextCharFormat()
        colored.setForeground(self._theme.color("stage_text"))
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeCharFormat(colored)
        return document

    def _fitted(self, document: QTextDocument, band: QRectF, units: float) -> None:
        """Draw at the largest size up to `units` that fits, at the band's lower edge."""
        px, bold = units * self._unit, document.defaultFont().weight() > QFont.Weight.Normal
        while True:
            document.setDefaultFont(self._font(px, bold=bold))
            document.setTextWidth(band.width())
            if px <= _SMALLEST_PX or self._fits(document, band.size()):
                break
            px *= 0.92
        self._painter.save()
        self._painter.translate(band.left(), band.bottom() - min(band.height(), document.size().height()))
        document.drawContents(self._painter)
        self._painter.restore()

    @staticmethod
    def _fits(document: QTextDocument, room: QSizeF) -> bool:
        size = document.size()
        return size.height() <= room.height() and document.idealWidth() <= room.width()

    def _chips(self, band: QRectF) -> None:
        slots = self._scene.slots
        for units in (5.0, 4.2, 3.5, 2.9, 2.4, 2.0, 1.6):
            if self._chips_of(slots, band, units, draw=False) or units == 1.6:
                self._chips_of(slots, band, units, draw=True)
                return

    def _chips_of(self, slots: tuple[Slot, ...], band: QRectF, units: float, *, draw: bool) -> bool:
        """Draw, or only try, the slots as chips in rows; whether they fit."""
        px = units * self._unit
        small, large = self._font(px * 0.7), self._font(px, bold=True)
        height, gap, pad = px * 1.9, px * 0.5, px * 0.7
        x, y = band.left(), band.top()
        for slot in slots:
            name = QFontMetricsF(small).horizontalAdvance(slot.type) + pad * 0.6
            width = min(band.width(), 2 * pad + name + QFontMetricsF(large).horizontalAdvance(slot.filler))
            if x > band.left() and x + width > band.right():
                x, y = band.left(), y + height + gap
            if draw:
                self._chip(slot, QRectF(x, y, width, height), (small, large), pad)
            x += width + gap
        return y + height <= band.bottom()

    def _chip(self, slot: Slot, box: QRectF, fonts: tuple[QFont, QFont], pad: float) -> None:
        small, large = fonts
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        pen = self._painter.pen()
        pen.setColor(self._theme.color("stage_accent"))
        pen.setWidthF(max(1.0, self._unit * 0.25))
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(box, box.height() / 4, box.height() / 4)
        name = QFontMetricsF(small).horizontalAdvance(slot.type) + pad * 0.6
        self._painter.setFont(small)
        self._painter.setPen(self._theme.color("stage_muted"))
        self._painter.drawText(box.adjusted(pad, 0, -pad, 0), middle, slot.type)
        self._painter.setFont(large)
        self._painter.setPen(self._theme.color("stage_text"))
        room = box.adjusted(pad + name, 0, -pad / 2, 0)
        shown = QFontMetricsF(large).elidedText(slot.filler, Qt.TextElideMode.ElideRight, room.width())
        self._painter.drawText(room, middle, shown)

    def _sureness(self, band: QRectF) -> None:
        sure = self._scene.sure
        if sure is None:
            return
        bar = QRectF(band.left(), band.center().y() - self._unit * 0.9, band.width() * 0.5, self._unit * 1.8)
        self._painter.setPen(Qt.PenStyle.NoPen)
        for width, token in ((1.0, "hover"), (sure, "stage_accent")):
            self._painter.setBrush(self._theme.color(token))
            filled = QRectF(bar)
            filled.setWidth(max(bar.height(), bar.width() * width))
            self._painter.drawRoundedRect(filled, bar.height() / 2, bar.height() / 2)
        words = QRectF(bar.right() + 2 * self._unit, band.top(), band.width() * 0.45, band.height())
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self._line(f"{whole_percent(sure)} sure", words, 3.4, "stage_text", left)

    def _state(self, band: QRectF) -> None:
        scene = self._scene
        side = min(band.height() * 0.7, 7 * self._unit)
        ratio = self._painter.device().devicePixelRatioF()
        wanted = (scene.icon, self._theme.token(scene.tone), round(side), ratio)
        if wanted not in self._pictures:
            self._pictures[wanted] = pixmap(scene.icon, self._theme, round(side), scene.tone, ratio)
        picture = self._pictures[wanted]
        self._painter.drawPixmap(
            QRectF(band.left(), band.center().y() - side / 2, side, side), picture, QRectF(picture.rect())
        )
        words = band.adjusted(side + 2 * self._unit, 0, 0, 0)
        if scene.level is not None:
            words.setWidth(band.width() * 0.4)
            meter = QRectF(words.right(), band.center().y() - self._unit, band.width() * 0.45, 2 * self._unit)
            self._painter.setPen(Qt.PenStyle.NoPen)
            for width, token in ((1.0, "hover"), (scene.level, "stage_text")):
                self._painter.setBrush(self._theme.color(token))
                self._painter.drawRect(
                    QRectF(meter.left(), meter.top(), meter.width() * width, meter.height())
                )
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self._line(scene.state, words, 4.6, scene.tone, left, bold=True)
