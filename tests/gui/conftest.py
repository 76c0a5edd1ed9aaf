"""Tests of the window leave no timer, thread or widget behind."""

from tests.qt_leaks import no_qt_leaks

__all__ = ["no_qt_leaks"]
