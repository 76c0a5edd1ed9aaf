"""Everything a page may need, made once by `gui.app` and handed to every page's constructor."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.paths import AppPaths
from gui.background import Background
from gui.error_reporting import ErrorReporter
from gui.settings import SettingsStore
from gui.theme import Theme

if TYPE_CHECKING:
    from core.audio.devices import AudioSystem
    from core.audio.player import Player
    from core.data.library import Library
    from core.inference.client import InferenceClient
    from core.recording.store import RecordingStore
    from core.runs.store import RunStore
    from core.runs.supervisor import Supervisor
    from core.storage.database import Database
    from core.tryout.store import TryoutStore


@dataclass
class AppContext:
    """The window's services. One connection to the database per thread, closed with the thread."""

    paths: AppPaths
    settings: SettingsStore
    theme: Theme
    errors: ErrorReporter
    background: Background
    recording: Background
    """What must begin at once, whatever else is going on: takes, and listening for speech."""
    supervisor: Supervisor
    inference: InferenceClient
    audio: AudioSystem
    player: Player
    _threads: threading.local = field(default_factory=threading.local, repr=False)

    def open_library(self) -> Library:
        """The library over the calling thread's connection. Raises UserError when it cannot be opened."""
        from core.data.library import Library

        return Library(self._database(), self.paths)

    def recordings(self) -> RecordingStore:
        """Recording sessions over the calling thread's connection. Raises UserError when it cannot be
        opened."""
        from core.recording.store import RecordingStore

        return RecordingStore(self._database(), self.paths)

    def tryouts(self) -> TryoutStore:
        """What was said at Try it, over the calling thread's connection. Raises UserError when it cannot be
        opened."""
        from core.tryout.store import TryoutStore

        return TryoutStore(self._database(), self.paths)

    def run_store(self) -> RunStore:
        """The run store over the calling thread's connection. Raises UserError when it cannot be opened."""
        from core.runs.store import RunStore

        return RunStore(self._database(), self.paths)

    def remember(self, **changes: Any) -> None:
        """Change settings; a failure to save is shown, not raised."""
        try:
            self.settings.update(**changes)
        except UserError as error:
            self.errors.report(error)

    def close(self) -> None:
        """End sound, inference, background threads and this thread's connection. Runs go on by themselves."""
        self.inference.close()
        self.recording.shutdown()
        self.background.shutdown()
        self.audio.shutdown()
        self._threads.__dict__.clear()

    def _database(self) -> Database:
        connection: _ThreadConnection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = _ThreadConnection(self.paths)
            self._threads.connection = connection
        return connection.database


class _ThreadConnection:
    """Closes the database when its thread ends: a thread-local's value is dropped there."""

    def __init__(self, paths: AppPaths) -> None:
        from core.storage.database import open_database

        self.database = open_database(paths.database)

    def __del__(self) -> None:
        if hasattr(self, "database"):
            self.database.conn.close()
