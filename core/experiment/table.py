"""What every table of the experiment file is."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

LARGEST_SEED: Final = 2**32 - 1
"""numpy's generators take no larger one."""


class Table(BaseModel):
    """Unknown keys, wrong types and numbers that are none are errors; once read, nothing changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
