"""The command line on a fresh home with one small dataset, and workers that only pretend to train."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core import cli
from core.commands import services
from core.data.importers import import_dataset
from core.data.library import Library
from core.paths import AppPaths
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from tests.conftest import WavMaker
from tests.core.models.fixtures import online_hub, tiny_model
from tests.core.runs.conftest import FAKE_WORKER

__all__ = ["online_hub", "tiny_model"]


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        (line,) = self.out.splitlines()
        content: dict[str, Any] = json.loads(line)
        return content


Spoonful = Callable[..., Printed]


@pytest.fixture
def spoonful(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Spoonful:
    """spoonful("runs", "list"): runs the command in this process."""
    monkeypatch.setattr(Library, "ensure_demo", lambda _: None)

    def run(*arguments: object) -> Printed:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Printed(code, captured.out, captured.err)

    return run


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch, store: RunStore) -> Iterator[Callable[[str], Supervisor]]:
    """workers("complete"): the commands' workers behave so from now on; see `fake_worker`."""
    made: list[Supervisor] = []

    def behave(behaviour: str) -> Supervisor:
        worker = (sys.executable, str(FAKE_WORKER), behaviour)
        monkeypatch.setattr(services, "Supervisor", lambda paths: Supervisor(paths, worker=worker))
        made.append(Supervisor(store.paths, worker=worker))
        return made[-1]

    yield behave
    for supervisor in made:
        for run in supervisor.reattach():
            supervisor.kill(run.id)


@pytest.fixture
def manifest(tmp_path: Path, wav_file: WavMaker) -> Path:
    lines = [
        {
            "text": f"turn on lamp {index}",
            "audio": str(wav_file(f"{index}.wav", seconds=0.5 + index / 100)) if index % 2 else None,
            "intent": "lamp_on" if index % 3 else "lamp_off",
            "slots": {"room": "kitchen"},
            "split": ("train", "validation", "test")[index % 3],
        }
        for index in range(12)
    ]
    file = tmp_path / "home.jsonl"
    file.write_text(
        "\n".join(json.dumps({key: value for key, value in line.items() if value}) for line in lines)
    )
    return file


@pytest.fixture
def dataset(store: RunStore, manifest: Path) -> str:
    import_dataset(Library(store.db, store.paths), "jsonl", [manifest], "home")
    return "home"


@pytest.fixture
def experiment(dataset: str, tmp_path: Path) -> Path:
    file = tmp_path / "orders.toml"
    file.write_text(
        'schema_version = 1\nname = "orders"\nbase_model = "some/model"\nscheme = "direct mixing"\n'
        f'[data]\ntrain = ["{dataset}"]\ntest = ["{dataset}"]\n[data.speech]\nshare = 0.5\n'
        '[[stage]]\nname = "mixed"\nepochs = 1\nspeech = true\nlearning_rate = 1e-4\n'
    )
    return file
