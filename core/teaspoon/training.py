"""What the training phases share: the optimiser, its schedule over wall-clock time, checkpoints, the log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

import click
import torch
from torch import nn

_LONGEST_STEP_S = 30.0
_GENTLY = 0.25


class Phase:
    """One phase of training under a time budget.

    The learning rate warms up over the first steps and falls linearly with the share of the budget spent;
    most of the gain comes during that fall. A checkpoint holds everything, so a phase goes on where it was
    stopped.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        model: nn.Module,
        *,
        minutes: float,
        rate: float,
        warmup: int = 200,
        gently: nn.Module | None = None,
    ) -> None:
        """rate: the highest learning rate; `gently` is a part of the model that learns at a quarter of it."""
        self.name, self.step, self.spent = name, 0, 0.0
        self._file = folder / f"{name}.pt"
        self._log = folder / "log.jsonl"
        self._model, self._budget, self._rate, self._warmup = model, minutes * 60.0, rate, warmup
        gentle = set() if gently is None else set(gently.parameters())
        groups = [
            {
                "params": [p for p in _trained(model) if (p in gentle) is slow and (p.ndim > 1) is matrix],
                "weight_decay": 0.01 if matrix else 0.0,
                "part_of_rate": _GENTLY if slow else 1.0,
            }
            for slow in (False, True)
            for matrix in (True, False)
        ]
        groups = [group for group in groups if group["params"]]
        self._optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)
        self._tick = time.monotonic()
        self._sums: dict[str, float] = {}
        self._since = 0
        if self._file.exists():
            self._resume()

    @property
    def progress(self) -> float:
        """Share of the time budget spent, 0 to 1."""
        return min(1.0, self.spent / self._budget)

    def finished(self) -> bool:
        return self.spent >= self._budget

    def update(self, loss: torch.Tensor, parts: dict[str, float]) -> None:
        """One optimiser step on `loss`; `parts` are averaged into the log."""
        scale = min(1.0, (self.step + 1) / self._warmup) * max(0.02, 1.0 - self.progress)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * scale * group["part_of_rate"]
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(_trained(self._model), 1.0)
        self._optimizer.step()
        self.step += 1
        self._since += 1
        now = time.monotonic()
        # A process or computer that was put to sleep has not trained meanwhile.
        self.spent += min(now - self._tick, _LONGEST_STEP_S)
        self._tick = now
        for key, value in parts.items():
            self._sums[key] = self._sums.get(key, 0.0) + value

    def report(self, **more: float) -> None:
        """Append the averages since the last report to the log."""
        row: dict[str, object] = {"phase": self.name, "step": self.step, "minutes": round(self.spent / 60, 2)}
        row |= {key: round(value / max(1, self._since), 4) for key, value in self._sums.items()} | more
        self._sums, self._since = {}, 0
        with self._log.open("a") as log:
            log.write(json.dumps(row) + "\n")
        click.echo(json.dumps(row))

    def pause(self) -> None:
        """Leave out of the budget whatever happened since the last update (evaluation, saving)."""
        self._tick = time.monotonic()

    def save(self) -> None:
        state = {
            "model": self._model.state_dict(), "optimizer": self._optimizer.state_dict(),
            "step": self.step, "spent": self.spent,
        }  # fmt: skip
        temporary = self._file.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._file)

    def forget(self) -> None:
        """Remove the checkpoint: what was learned is elsewhere, and the next time shall begin anew."""
        self._file.unlink(missing_ok=True)

    def _resume(self) -> None:
        state = torch.load(self._file, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.spent = state["step"], state["spent"]


def _trained(model: nn.Module) -> Iterable[nn.Parameter]:
    return (parameter for parameter in model.parameters() if parameter.requires_grad)
