"""What a command works with: the user's home, the library, the runs and their supervisor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.data.library import Library
from core.data.synthesis import sweep
from core.errors import UserError
from core.models.loading import resolve_base_model
from core.paths import AppPaths
from core.recording.store import RecordingStore
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database


@dataclass(frozen=True)
class Services:
    """Everything opened for one command, on its thread."""

    paths: AppPaths
    library: Library
    recordings: RecordingStore
    runs: RunStore
    supervisor: Supervisor

    def model_folder(self, name: str) -> str | Path:
        """What `Predictor.load` takes for a run or a base model called `name`.

        Raises UserError naming the nearest runs when it is neither.
        """
        try:
            return self.paths.run(self.runs.find(name).id)
        except UserError as no_run:
            try:
                resolve_base_model(name)
            except UserError as no_model:
                if Path(name).exists():
                    raise
                raise UserError(
                    f"'{name}' is neither a run nor a base model.",
                    remedy=f"{no_run.remedy} {no_model.remedy}".strip(),
                ) from no_model
            return name


@contextmanager
def open_services() -> Iterator[Services]:
    """The services of this user; the built-in demo dataset is there. Closed at the end.

    Raises UserError when the home or its database cannot be used.
    """
    paths = AppPaths.default().create()
    db = open_database(paths.database)
    try:
        library = Library(db, paths)
        library.ensure_demo()
        sweep(library, paths)
        yield Services(paths, library, RecordingStore(db, paths), RunStore(db, paths), Supervisor(paths))
    finally:
        db.close()
