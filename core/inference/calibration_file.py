"""How sure a run's answers are: its temperatures, kept beside its adapter. Loads no torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from core.data.utterance import MODALITIES, Modality
from core.errors import UserError
from core.evaluation.calibration import LEAST, Fit
from core.storage.files import write_text_atomically

CALIBRATION_FILE: Final = "calibration.json"


@dataclass(frozen=True)
class Calibration:
    """The temperature of the intents' probabilities, by what the model was given; 1 changes nothing."""

    speech: float = 1.0
    text: float = 1.0


UNCALIBRATED: Final = Calibration()


class _Input(BaseModel):
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _File(BaseModel):
    schema_version: Literal[1]
    speech: _Input
    text: _Input


def write_calibration(run: Path, fits: dict[Modality, tuple[Fit | None, int]]) -> None:
    """Keep what was found in the run's folder. fits: by input, with the number of validation utterances."""
    content: dict[str, Any] = {"schema_version": 1}
    for modality in MODALITIES:
        fit, n = fits[modality]
        reason = f"{n} validation utterances; {LEAST} are the least that tell anything"
        content[modality] = {"temperature": 1.0, "n": n, "reason": reason} if fit is None else asdict(fit)
    write_text_atomically(run / CALIBRATION_FILE, json.dumps(content, indent=1))


def read_calibration(run: Path) -> Calibration:
    """The run's temperatures; those that change nothing for a run that has none. Raises UserError when the
    file is damaged: what it holds changes what people see."""
    file = run / CALIBRATION_FILE
    try:
        found = _File.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return UNCALIBRATED
    except (OSError, ValidationError) as error:
        raise UserError(
            "What is known about how sure this run is cannot be read.",
            where=str(file),
            remedy=f"Calibrate it again: spoonful calibrate {run.name}",
            details=repr(error),
        ) from error
    return Calibration(found.speech.temperature, found.text.temperature)
