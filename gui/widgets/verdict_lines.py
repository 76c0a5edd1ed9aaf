"""What the verdict on a take says: an icon, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.audio.verdict import Verdict
from gui.theme import Theme
from gui.widgets.message import InlineMessage

_MOST = 3
"""Of more, nobody would read the last."""


class VerdictLines(QWidget):
    """Empty until there is a take."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = [InlineMessage(theme) for _ in range(_MOST)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        for line in self._lines:
            column.addWidget(line)
        self.setAccessibleName("Verdict")

    def text(self) -> str:
        """All that is said."""
        return "\n".join(line.text() for line in self._lines if line.text())

    def show_verdict(self, verdict: Verdict) -> None:
        """Say what is wrong with a take, the worst first, or that it is good."""
        self.show_findings([asdict(finding) for finding in verdict.findings])
        if not verdict.findings:
            self._lines[0].say("good", f"A good take{_figures(verdict)}")

    def show_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Say what was found before, as it is kept with a take; nothing where there was nothing."""
        self.clear()
        for line, finding in zip(self._lines, findings, strict=False):
            line.say(finding["severity"], f"{finding['words']} {finding['remedy']}")

    def clear(self) -> None:
        """There is no take to speak of."""
        for line in self._lines:
            line.clear()


def _figures(verdict: Verdict) -> str:
    parts = [f"{verdict.seconds:.1f} s"]
    if verdict.speech_dbfs is not None:
        parts.append(f"voice at {verdict.speech_dbfs:.0f} dB".replace("-", "\N{MINUS SIGN}"))
    if verdict.snr_db is not None:
        parts.append(f"{verdict.snr_db:.0f} dB above the noise")
    return f": {', '.join(parts)}."
