"""Weights of a model that learn themselves, without an adapter beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from safetensors.torch import save as serialize
from torch import nn

from core.models.family import ParameterGroup
from core.storage.files import worded_disk_errors, write_bytes_atomically


class WholeWeights:
    """A `core.models.tuned.Tuned`: some of a model's weights, kept in a file of their own."""

    def __init__(
        self, model: nn.Module, names: Sequence[str], file: str, *, trainable: bool, keep_base: bool
    ) -> None:
        """names: of the model's weights. file: its name in whichever folder. keep_base: remember the weights
        as they are now, for `base_weights`; costs that much memory."""
        self._model, self._names, self._file = model, names, file
        weights = self._weights
        # Off the graphics card, whose memory is the scarcer.
        self._base = (
            {name: weight.detach().to("cpu", copy=True) for name, weight in weights.items()}
            if keep_base
            else {}
        )
        if trainable:
            for weight in weights.values():
                # As an adapter is: small steps are lost in 16 bits.
                weight.data = weight.data.float()
                weight.requires_grad_(True)

    @property
    def _weights(self) -> dict[str, nn.Parameter]:
        # By name each time: where processes divide them they are other objects from time to time.
        return {name: self._model.get_parameter(name) for name in self._names}

    @property
    def parameters(self) -> list[nn.Parameter]:
        return [weight for weight in self._weights.values() if weight.requires_grad]

    def groups(self, learning_rate: float) -> list[ParameterGroup]:
        return [{"params": self.parameters, "lr": learning_rate}]

    def save(self, folder: Path) -> None:
        weights = {name: weight.detach().contiguous() for name, weight in self._weights.items()}
        with worded_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        # Through memory: safetensors reports a full disk as an error of its own that does not say so.
        write_bytes_atomically(folder / self._file, serialize(weights, metadata={"format": "pt"}))

    def load(self, folder: Path) -> None:
        """Take over the weights saved in `folder`, in the number format these have here.

        Raises OSError, ValueError or SafetensorError when they are damaged or another base model's.
        """
        saved = load_file(folder / self._file)
        shapes = {name: weight.shape for name, weight in self._weights.items()}
        if shapes != {name: weight.shape for name, weight in saved.items()}:
            raise ValueError("the saved weights have other names or shapes than this base model's")
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(saved[name])

    @contextmanager
    def base_weights(self) -> Iterator[None]:
        if not self._base:
            raise RuntimeError("the base model's weights were not kept")
        weights = self._weights
        tuned = {name: weight.data for name, weight in weights.items()}
        for name, weight in weights.items():
            weight.data = self._base[name].to(weight.device)
        try:
            yield
        finally:
            for name, weight in weights.items():
                weight.data = tuned[name]

    def merge(self) -> None:
        """Nothing to do: the weights are the model's own."""
