"""The table of scores as a picture: one bar per scheme with its 95 % interval, as an SVG file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.evaluation.results import Interval

_LEFT, _RIGHT, _TOP, _ROW, _BAR = 220, 70, 46, 34, 18
_WIDTH = 760
INK, FAINT, SPEECH, _TEXT = "#22262b", "#d5d9de", "#E69F00", "#0072B2"
_FONT = 'font-family="sans-serif" font-size="13"'


def chart(title: str, rows: Sequence[tuple[str, Interval, Interval]]) -> str:
    """rows: what the bar is called, the score on speech (the bar and its whisker), and on text (a tick)."""
    height = _TOP + _ROW * len(rows) + 44
    parts: list[str] = []
    bottom = _TOP + _ROW * len(rows)
    for tenth in range(0, 101, 20):
        x = _at(tenth / 100)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{bottom}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{tenth} %</text>')
    for number, (name, heard, read) in enumerate(rows):
        parts += _bar(_TOP + _ROW * number + _ROW // 2, name, heard, read)
    legend = bottom + 30
    parts += [
        f'<rect x="{_LEFT}" y="{legend}" width="12" height="8" fill="{SPEECH}"/>',
        f'<text x="{_LEFT + 18}" y="{legend + 9}" font-size="12">asked by voice, with 95 % interval</text>',
        f'<rect x="{_LEFT + 250}" y="{legend - 2}" width="3" height="12" fill="{_TEXT}"/>',
        f'<text x="{_LEFT + 260}" y="{legend + 9}" font-size="12">asked in writing</text>',
    ]
    return picture(title, _WIDTH, height, parts)


def picture(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    """An SVG file: `parts` on white under a title, which ends 26 pixels below the upper edge."""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {_FONT} fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="16" y="26" font-weight="bold">{escape(title)}</text>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _at(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _bar(y: int, name: str, heard: Interval, read: Interval) -> list[str]:
    zero, end, low, high, text = (_at(x) for x in (0.0, heard.value, heard.low, heard.high, read.value))
    return [
        f'<text x="{_LEFT - 10}" y="{y + 5}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{zero}" y="{y - _BAR // 2}" width="{end - zero:.1f}" height="{_BAR}" fill="{SPEECH}"/>',
        f'<path d="M{low} {y}H{high}M{low} {y - 5}V{y + 5}M{high} {y - 5}V{y + 5}" stroke="{INK}"/>',
        f'<rect x="{text - 1.5:.1f}" y="{y - 12}" width="3" height="24" fill="{_TEXT}"/>',
        f'<text x="{_WIDTH - _RIGHT + 12}" y="{y + 5}">{100 * heard.value:.1f} %</text>',
    ]
