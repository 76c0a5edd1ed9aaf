"""How training recordings are changed each time they are heard: the table of the experiment file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from core.experiment.table import Table

_OFTEN = "Part of the recordings this is done to, each time anew: 0.5 is half."


class SpeedSpec(Table):
    probability: float = Field(default=0.5, gt=0, le=1, title="How often", description=_OFTEN)
    slowest: float = Field(
        default=0.9,
        ge=0.5,
        le=2,
        title="Slowest",
        description="0.9 is 10 % slower and lower in pitch. What would no longer fit into the model's window"
        " is slowed down less.",
    )
    fastest: float = Field(
        default=1.1, ge=0.5, le=2, title="Fastest", description="1.1 is 10 % faster and higher in pitch."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_order(self, "slowest", "fastest")
        return self


class NoiseSpec(Table):
    probability: float = Field(default=0.5, gt=0, le=1, title="How often", description=_OFTEN)
    loudest_snr: float = Field(
        default=5,
        ge=-10,
        le=60,
        title="Loudest noise",
        description="How far the loudest noise is below the speech, in dB; below 0 it is above it.",
    )
    softest_snr: float = Field(
        default=25,
        ge=-10,
        le=60,
        title="Softest noise",
        description="How far the softest noise is below the speech, in dB; 40 is hardly heard.",
    )
    folder: str | None = Field(
        default=None,
        min_length=1,
        title="Own noises",
        json_schema_extra={"format": "folder"},
        description="Full path of a folder whose sound files (WAV, FLAC, Ogg, MP3, also in folders inside)"
        " are the noise. Without it noise is made: white, pink or brown, steady or swelling.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.folder is not None and not Path(self.folder).expanduser().is_absolute():
            raise ValueError(f'The "folder" of noises must be a full path, not {self.folder!r}.')
        _check_order(self, "loudest_snr", "softest_snr")
        return self


class RoomSpec(Table):
    probability: float = Field(default=0.3, gt=0, le=1, title="How often", description=_OFTEN)
    shortest_rt60: float = Field(
        default=0.2,
        ge=0.05,
        le=3,
        title="Shortest echo",
        description="Seconds until the driest room has fallen silent (by 60 dB).",
    )
    longest_rt60: float = Field(
        default=0.6,
        ge=0.05,
        le=3,
        title="Longest echo",
        description="The same of the room that echoes most: 0.5 is a living room, 1.5 a church.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_order(self, "shortest_rt60", "longest_rt60")
        return self


class MaskSpec(Table):
    """SpecAugment's masks (arXiv 1904.08779)."""

    probability: float = Field(default=1.0, gt=0, le=1, title="How often", description=_OFTEN)
    times: int = Field(
        default=2, ge=0, le=20, title="Gaps", description="How many stretches of time are hidden."
    )
    longest_time: float = Field(
        default=0.1,
        gt=0,
        le=0.5,
        title="Longest gap",
        description="The part of a recording that one of them hides at most: 0.1 is 10 %.",
    )
    bands: int = Field(
        default=2, ge=0, le=20, title="Bands", description="How many bands of frequencies are hidden."
    )
    widest_band: float = Field(
        default=0.15,
        gt=0,
        le=0.5,
        title="Widest band",
        description="The part of all frequencies that one of them hides at most.",
    )


class AugmentationSpec(Table):
    """Each kind is done only where it has a table: `[augmentation.speed]` alone is enough."""

    speed: SpeedSpec | None = Field(
        default=None, title="Speed", description="Recordings are heard slower or faster."
    )
    room: RoomSpec | None = Field(
        default=None, title="Room", description="Recordings are heard as in a room that echoes."
    )
    noise: NoiseSpec | None = Field(default=None, title="Noise", description="Noise is mixed in.")
    masks: MaskSpec | None = Field(
        default=None,
        title="Masks",
        description="Stretches of time and bands of frequencies are hidden from the model (SpecAugment).",
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any((self.speed, self.room, self.noise, self.masks)):
            raise ValueError(
                "Nothing is changed: add a table such as [augmentation.speed], or leave out [augmentation]."
            )
        return self


def _check_order(spec: Table, low: str, high: str) -> None:
    """Raise ValueError when the ends of a range are the wrong way round."""
    lowest, highest = getattr(spec, low), getattr(spec, high)
    if lowest > highest:
        raise ValueError(f'"{low}" ({lowest:g}) must not be above "{high}" ({highest:g}).')
