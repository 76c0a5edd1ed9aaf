from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap.system_libraries import NEEDS, Level
from tests.core.bootstrap.fake_machine import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """A Debian desktop without a GPU: every library of the window is there, an ordinary user, a network."""
    made = FakeMachine(tmp_path / "checkout")
    made.packages = {need.debian for need in NEEDS if need.level <= Level.WINDOW}
    return made
