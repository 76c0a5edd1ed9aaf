"""Where Spoonful keeps its files. An `AppPaths` is created once at start and passed in, never global."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from core.errors import UserError

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""The shipped, read-only files: the embedded base model, the demo dataset, presets, icons."""


@dataclass(frozen=True)
class AppPaths:
    """The user's home of Spoonful: `SPOONFUL_HOME` or the platform's user data directory."""

    home: Path

    @classmethod
    def default(cls) -> AppPaths:
        chosen = os.environ.get("SPOONFUL_HOME")
        # Absolute: workers live in other folders than the program that starts them.
        return cls(
            Path(chosen).expanduser().absolute()
            if chosen
            else Path(platformdirs.user_data_dir("spoonful", False))
        )

    @property
    def database(self) -> Path:
        return self.home / "spoonful.db"

    @property
    def audio(self) -> Path:
        return self.home / "audio"

    @property
    def recordings(self) -> Path:
        """Takes, in a folder for each recording session."""
        return self.audio / "recordings"

    @property
    def takes(self) -> Path:
        """What was said at Try it."""
        return self.audio / "takes"

    @property
    def corrections(self) -> Path:
        """What was said at Try it and became an utterance."""
        return self.audio / "corrections"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def features(self) -> Path:
        """The feature cache; it may be removed at any time."""
        return self.home / "features"

    def run(self, run_id: str) -> Path:
        return self.runs / run_id

    def create(self) -> AppPaths:
        """Make the folders; raises UserError when the home cannot be written."""
        try:
            for folder in (self.home, self.audio, self.runs, self.models):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.home / f".write-probe-{os.getpid()}"
            probe.write_bytes(b"ok")
            probe.unlink()
        except OSError as error:
            raise UserError(
                f"Spoonful cannot write its data folder ({error.strerror or error}).",
                where=str(self.home),
                remedy="Free some space or make the folder writable, or set SPOONFUL_HOME to another folder.",
            ) from error
        return self
