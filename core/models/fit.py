"""Does a base model fit on this computer? Asked before anything is downloaded or loaded; loads no torch."""

from __future__ import annotations

from core.errors import UserError
from core.experiment.computer import Computer, Verdict, fits
from core.experiment.estimate import keeps_sixteen_bit, loading_need, memory_need
from core.experiment.spec import ExperimentSpec, Method, Quantization


def tuning_verdict(
    parameters: int, computer: Computer, *, method: Method = "lora", quantization: Quantization = "none"
) -> Verdict:
    """Whether a base model of so many weights can be tuned here, in the precision that is usual here."""
    need = memory_need(
        parameters,
        method=method,
        quantization=quantization,
        sixteen_bit=keeps_sixteen_bit("auto", computer.has_card),
    )
    return fits(need, computer)


def smallest_quantization(computer: Computer) -> Quantization:
    """What needs the least memory here."""
    return "4bit" if computer.has_card else "none"


def refuse_too_large(name: str, parameters: int | None, spec: ExperimentSpec, computer: Computer) -> None:
    """Raise UserError when not even the experiment's loaded base model fits. parameters: None when not known.

    What training needs beyond that is a guess, so nobody is turned away for it.
    """
    if parameters is None:
        return
    quantization = spec.training.quantization
    sixteen_bit = keeps_sixteen_bit(spec.training.precision, computer.has_card)
    verdict = fits(loading_need(parameters, quantization=quantization, sixteen_bit=sixteen_bit), computer)
    if verdict.fit == "too large":
        smaller = (
            ', set training.quantization = "4bit"' if computer.has_card and quantization != "4bit" else ""
        )
        raise UserError(
            verdict.words,
            where=name,
            remedy=f"Choose a smaller base model{smaller}, or use a computer with more memory."
            " See: spoonful models list",
        )
