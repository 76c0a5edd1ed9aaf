"""Tests of the window leave no timer, thread or widget behind."""

import gc
from collections.abc import Iterator

import pytest

from tests.gui.window import context
from tests.qt_leaks import no_qt_leaks

__all__ = ["context", "no_qt_leaks"]


@pytest.fixture(scope="session", autouse=True)
def _libraries_are_not_collected() -> Iterator[None]:
    """The search for leaks collects garbage after many tests; without this it would each time go through the
    400 000 objects of the libraries that earlier tests loaded."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
