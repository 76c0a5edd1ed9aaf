"""Ready experiments: ordinary experiment files in resources/presets, opened like any other."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from core.errors import UserError
from core.experiment.spec import ExperimentSpec, load_experiment
from core.experiment.stages import Scheme
from core.paths import RESOURCES

PRESETS: Final = RESOURCES / "presets"


@dataclass(frozen=True)
class Preset:
    """A preset as lists show it. name: the file's name without .toml; title: the experiment's name;
    description: the comment at the file's beginning."""

    name: str
    title: str
    description: str
    scheme: Scheme
    path: Path


def list_presets(folder: Path = PRESETS) -> list[Preset]:
    """All presets of the folder: by family (demo, paper), then in the order of the schemes."""
    presets = [_preset(path) for path in folder.glob("*.toml")]
    schemes = get_args(Scheme)
    return sorted(presets, key=lambda p: (p.name.split("-")[0], schemes.index(p.scheme), p.name))


def load_preset(name: str, folder: Path = PRESETS) -> ExperimentSpec:
    """The experiment of a preset. Raises UserError when there is none of that name."""
    path = folder / f"{name}.toml"
    names = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names
        raise UserError(f'There is no preset named "{name}".', remedy=f"Presets: {', '.join(near)}.")
    return load_experiment(path)


def _preset(path: Path) -> Preset:
    spec = load_experiment(path)
    comment = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("#").strip())
    return Preset(path.stem, spec.name, " ".join(comment), spec.scheme, path)
