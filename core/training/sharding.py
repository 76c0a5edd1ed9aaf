"""With method = "full" the processes of a run divide the language model among themselves (torch's FSDP).

Each keeps its part of every weight, of its gradient and of the optimizer's means. A unit (a layer, the
embeddings, the head) is put together in all processes just before it computes, and taken apart behind it. So
all of them must make the same passes at the same time; what one of them does alone, such as scoring, it does
within `Division.whole`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers.modeling_layers import GradientCheckpointingLayer

from core.models.family import LalmFamily


@dataclass(frozen=True)
class Division:
    """The units of a model that are divided among processes; none in a run that divides nothing."""

    units: Sequence[FSDPModule] = field(default=())

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Within it each process has the whole model, reads it by itself, and trains nothing. All processes
        must come here together; what is written into the weights is lost."""
        self.put_together()
        try:
            yield
        finally:
            for unit in self.units:
                unit.set_reshard_after_forward(True)
                unit.reshard()

    def put_together(self) -> None:
        """Give each process the whole model for good. All processes must come here together."""
        for unit in self.units:
            unit.set_reshard_after_forward(False)
            unit.unshard()


UNDIVIDED: Final = Division()


def divide(family: LalmFamily) -> Division:
    """Divide the language model, all of which must be able to learn, among the processes of the run. What
    hears stays whole in each, and so do embeddings whose matrix is the head's, too: FSDP divides none that
    compute at both ends. Weights are other objects afterwards."""
    # A group of its own: what else the processes tell each other must not get between.
    group = distributed.new_group()
    mesh = DeviceMesh.from_group(group, family.device.type)
    modules = [family.model.get_submodule(name) for name in family.language_modules()]
    inside = [module for each in modules for module in each.modules()]
    ends = [family.model.get_input_embeddings(), modules[-1]]
    if ends[0].weight is ends[1].weight:
        inside = [module for module in inside if module not in ends]
    layers = [module for module in inside if isinstance(module, GradientCheckpointingLayer)]
    units = [fully_shard(layer, mesh=mesh) for layer in layers]
    # Not one unit around the rest: the embeddings compute before it, which FSDP takes for a mistake.
    units += [fully_shard(module, mesh=mesh) for module in inside if _owns_whole_weights(module)]
    for unit in units:
        # A loss is divided by the target tokens of all processes already: their gradients are added up.
        unit.set_gradient_divide_factor(1.0)
        unit.set_force_sum_reduction_for_comms(enable=True)
    return Division(units)


def _owns_whole_weights(module: nn.Module) -> bool:
    return any(not isinstance(weight, DTensor) for weight in module.parameters(recurse=False))


def own_part(weight: Tensor) -> Tensor:
    """What this process keeps of a weight: a view of it, the weight itself where it is not divided."""
    return weight.to_local() if isinstance(weight, DTensor) else weight


def is_divided(weight: Tensor) -> bool:
    """Whether this process keeps only its part of a weight."""
    return isinstance(weight, DTensor)


def whole_state(optimizer: torch.optim.Optimizer, *, wanted: bool) -> dict[str, Any]:
    """The optimizer's state as that of a process alone. All processes must come here together; wanted:
    whether this one uses the result, which the others need not keep in memory."""
    state = optimizer.state_dict()
    whole: dict[int, dict[str, Any]] = {}
    for number, values in state["state"].items():
        whole[number] = {}
        for name, value in values.items():
            # One after the other, and off the graphics card: together they are larger than the model.
            put_together = value.full_tensor() if isinstance(value, DTensor) else value
            if wanted:
                whole[number][name] = put_together.to("cpu")
    return {**state, "state": whole}


def divided_state(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> dict[str, Any]:
    """A state of `whole_state` as this process's optimizer takes it."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    return {
        **state,
        "state": {
            number: {name: _divided_like(weights[number], value) for name, value in values.items()}
            for number, values in state["state"].items()
        },
    }


def _divided_like(weight: Tensor, value: Any) -> Any:
    if not isinstance(weight, DTensor) or not isinstance(value, Tensor) or value.shape != weight.shape:
        return value
    # Each process has read the whole file and takes its part by itself.
    return distribute_tensor(value, weight.device_mesh, weight.placements, src_data_rank=None)
