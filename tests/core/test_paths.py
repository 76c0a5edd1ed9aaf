from __future__ import annotations

from pathlib import Path

import pytest

from core.paths import AppPaths


def test_a_relative_home_means_the_same_folder_for_workers_that_live_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPOONFUL_HOME", "data")
    assert AppPaths.default().home == tmp_path / "data"
    monkeypatch.setenv("SPOONFUL_HOME", "~/data")
    assert AppPaths.default().home == Path.home() / "data"
