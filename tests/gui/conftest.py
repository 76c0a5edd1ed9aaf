"""Tests of the window leave no timer, thread or widget behind."""

from tests.gui.window import context
from tests.qt_leaks import no_qt_leaks

__all__ = ["context", "no_qt_leaks"]
