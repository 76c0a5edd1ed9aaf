from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from core.models.feature_cache import FeatureCache
from core.paths import AppPaths
from tests.core.commands.conftest import Spoonful


def test_the_cache_is_shown_and_cleared(spoonful: Spoonful) -> None:
    folder = AppPaths.default().features
    assert "Recordings  0" in spoonful("cache", "show").out
    FeatureCache(folder, "a tower").put("ab12", torch.zeros(1000, 500))
    shown = spoonful("cache", "show")
    assert str(folder) in shown.out
    assert "2.0 MB" in shown.out
    assert spoonful("cache", "show", "--json").json["entries"] == 1
    assert "Removed 2.0 MB (recordings: 1)" in spoonful("cache", "clear").out
    assert spoonful("cache", "clear", "--json").json["entries"] == 0


@pytest.mark.parametrize("command", ["show", "clear"])
def test_looking_after_the_cache_costs_no_torch(command: str) -> None:
    code = (
        f"import sys; from core import cli; assert cli.run(['cache', '{command}']) == 0;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
