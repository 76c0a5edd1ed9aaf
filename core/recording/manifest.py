"""What the file of an exported session says of it: `session.json`, and how it is read strictly."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.utterance import Label, Slot, Split
from core.errors import UserError
from core.recording.session import Decision, TakeState

FORMAT: Final = "spoonful recording session"
VERSION: Final = 1
LARGEST_TAKE: Final = 200 << 20
"""Bytes of one file: more than ten minutes at any rate there is."""

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Time = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SpeakerEntry(_Table):
    id: _Id
    code: str = Field(min_length=1, max_length=80)
    age_band: str = ""
    gender: str = ""
    accent: str = ""
    notes: str = ""
    consent_on: str | None = None


class SessionEntry(_Table):
    id: _Id
    created_at: _Time
    dataset: str
    split: Split
    device: str
    rate: int | None
    keep_original: bool
    seed: int | None
    source: str


class FileEntry(_Table):
    size: int = Field(ge=1, le=LARGEST_TAKE)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ReviewEntry(_Table):
    id: _Id
    reviewer: str = Field(min_length=1)
    time: _Time
    decision: Decision
    reason: str
    note: str


class TakeEntry(_Table):
    id: _Id
    recorded_at: _Time
    device: str
    rate: int = Field(gt=0)
    duration_s: float = Field(gt=0, allow_inf_nan=False)
    file: FileEntry
    original: FileEntry | None
    verdict: list[dict[str, Any]]
    gaps: int = Field(ge=0)
    state: TakeState
    reason: str
    note: str
    reviews: list[ReviewEntry]

    @property
    def files(self) -> list[tuple[str, FileEntry]]:
        """The names of its files, which its id alone decides, and what is known of them."""
        found = [(f"{self.id}.flac", self.file)]
        return [*found, (f"{self.id}.original.flac", self.original)] if self.original else found


class LabelEntry(_Table):
    intent: str = Field(min_length=1)
    slots: list[dict[str, str]]

    @classmethod
    def of(cls, label: Label) -> LabelEntry:
        """A label as it is written."""
        return cls(intent=label.intent, slots=[{slot.type: slot.filler} for slot in label.slots])

    @property
    def label(self) -> Label:
        """The label that is written."""
        pairs = [pair for slot in self.slots for pair in slot.items()]
        return Label(self.intent, tuple(Slot(*pair) for pair in pairs))


class PromptEntry(_Table):
    position: int = Field(ge=1)
    text: str = Field(min_length=1)
    label: LabelEntry | None
    language: str
    origin: str
    skipped: bool
    takes: list[TakeEntry]


class Manifest(_Table):
    """Everything of a session but the sound."""

    format: Literal["spoonful recording session"] = FORMAT
    version: Literal[1] = VERSION
    session: SessionEntry
    speaker: SpeakerEntry
    prompts: list[PromptEntry] = Field(min_length=1)

    @property
    def takes(self) -> list[TakeEntry]:
        """Those of all prompts."""
        return [take for prompt in self.prompts for take in prompt.takes]


def parse_manifest(data: bytes, where: str) -> Manifest:
    """The manifest that is written. where: the file, for errors. Raises UserError when it was not written by
    Spoonful, or not by this one, or contradicts itself."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        if place == "version":
            raise UserError(
                "This session was exported by a newer Spoonful.", where=where, remedy="Update Spoonful."
            ) from error
        raise UserError(
            f"This is not an exported recording session, or a damaged one ({place}: {first['msg']}).",
            where=where,
            remedy="Have the session exported again.",
            details=str(error),
        ) from error
    twice = _twice([prompt.position for prompt in manifest.prompts])
    twice += _twice([take.id for take in manifest.takes])
    twice += _twice([review.id for take in manifest.takes for review in take.reviews])
    for prompt in manifest.prompts:
        twice += _twice([take.state for take in prompt.takes if take.state == "accepted"])
    if twice:
        raise UserError(
            f"The session contradicts itself: {twice[0]} stands there twice.",
            where=where,
            remedy="Have the session exported again.",
        )
    return manifest


def _twice(values: list[Any]) -> list[str]:
    return [str(value) for value, count in Counter(values).items() if count > 1]
