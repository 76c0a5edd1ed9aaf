"""Combo boxes into which one may type a part of a choice."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit


def complete(box: QComboBox, name: str) -> QLineEdit:
    """Let people type into a box: choices that hold what was typed pop up. Returns what they type into; name:
    the accessible one of both."""
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    line = cast("QLineEdit", box.lineEdit())
    for each in (box, line):
        each.setAccessibleName(name)
    completer = cast("QCompleter", box.completer())
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    return line
