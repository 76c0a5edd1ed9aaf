"""What the window remembers between starts: one small JSON file, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.audio.verdict import DEFAULT_THRESHOLDS, Thresholds
from core.errors import UserError


class Settings(BaseModel):
    """The remembered choices. Every field has a default, so older files keep working."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    theme: Literal["light", "dark", "system"] = "system"
    geometry: str = ""
    """The window's place, as Qt saves it, in base64."""
    page: str = "data"
    welcomed: bool = False
    """Whether the first-start card was answered."""
    dataset: str = ""
    microphone: str = ""
    model: str = ""
    modality: str = ""
    """Which utterances the Data page lists: with "text", with "speech", or all."""
    import_folder: str = ""
    """Where the last manifest was chosen."""
    recording_keys: dict[str, str] = {}
    """Action -> key, where the user changed it; see `gui.recording_keys`."""
    recording_thresholds: Thresholds = DEFAULT_THRESHOLDS
    recording_mode: Literal["press", "hands-free"] = "press"
    recording_preset: Literal["quiet", "normal", "noisy"] = "normal"
    recording_auto_advance: bool = False
    """Whether a good take is accepted by itself."""
    talk_hands_free: bool = False
    """Whether Try it listens by itself instead of while the button is held."""
    talk_preset: Literal["quiet", "normal", "noisy"] = "normal"
    talk_pause_s: float = 0.6
    """The silence that ends what is said hands-free."""
    talk_key: str = "Space"
    """The key that is held to talk, as Qt writes it."""
    talk_speaker: str = ""
    """Who is named as the speaker of corrected recordings."""
    correction_dataset: str = ""
    """Where the last correction went."""
    compared_models: tuple[str, ...] = ()
    """Keys of the models whose answers stand beside the chosen one's."""
    keep_nothing: bool = False
    """Whether Try it forgets recordings and answers at once instead of keeping them."""
    not_sure_below: float = 0.5
    """The calibrated confidence below which an answer is shown as "not sure"."""
    experiment: str = ""
    """The experiment that was being written, as `ExperimentDraft` writes it."""


class SettingsStore:
    """Reads the file once; `update` writes it. An unreadable file is kept aside and `trouble` says so."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble: UserError | None = None
        self.current = self._load()

    def update(self, **changes: Any) -> None:
        """Change some fields and save. UserError when the file cannot be written; the change holds."""
        changed = Settings.model_validate({**self.current.model_dump(), **changes})
        if changed == self.current:
            return
        self.current = changed
        try:
            self._write(changed.model_dump_json(indent=2))
        except OSError as error:
            raise UserError(
                f"The window's settings could not be saved ({error.strerror or error}).",
                where=str(self._path),
                remedy="Free some space or make the folder writable. The choice holds until you close it.",
            ) from error

    def _load(self) -> Settings:
        try:
            return Settings.model_validate(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return Settings()
        except (OSError, ValueError, ValidationError) as error:
            self.trouble = self._set_aside(error)
            return Settings()

    def _set_aside(self, error: Exception) -> UserError:
        kept = self._path.with_suffix(self._path.suffix + ".bad")
        try:
            self._path.replace(kept)
        except OSError:
            kept = self._path
        return UserError(
            "The window's settings could not be read, so the defaults are used.",
            where=str(self._path),
            remedy=f"The unreadable file was kept as {kept.name}.",
            details=str(error),
        )

    def _write(self, text: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
