"""Which kernels the language model uses on a graphics card from NVIDIA."""

from __future__ import annotations

import logging
from typing import Final, cast

import torch
from transformers import PreTrainedModel
from transformers.integrations.liger import apply_liger_kernel
from transformers.utils.import_utils import is_liger_kernel_available

from core.models.family import LalmFamily

_log = logging.getLogger(__name__)

_KERNELS: Final = {
    "rope": True,
    "rms_norm": True,
    "swiglu": True,
    "geglu": True,
    # `LalmFamily.loss` takes the supervised rows only, which saves more than a fused one of all rows.
    "cross_entropy": False,
    "fused_linear_cross_entropy": False,
}
"""Those a language model does not have are passed over."""


def use_fast_kernels(family: LalmFamily) -> None:
    """Let the language model, and nothing else, compute with Liger's kernels where the library is installed
    and knows it; otherwise it stays as it is. The results are the same but for rounding.

    To be called on a card from NVIDIA, and before an adapter is added.
    """
    if not is_liger_kernel_available():
        _log.info("training can be faster here with Liger's kernels: pip install liger-kernel")
        return
    name, *_ = family.language_modules()
    _log.info("the language model computes with Liger's kernels, where it has any for it")
    model = cast(PreTrainedModel, family.model.get_submodule(name))
    apply_liger_kernel(model, _KERNELS)  # type: ignore[no-untyped-call]


def attend_at_any_length() -> None:
    """Leave out, in this process, the one attention kernel of CUDA's that is planned anew for each length.

    Recordings differ in length, so that hardly a step has the lengths of another: on an H100, Qwen2-Audio-7B
    in batches of eight took 2.5 s a step with cuDNN's kernel, 0.6 s without. Nor is it deterministic.
    """
    torch.backends.cuda.enable_cudnn_sdp(enabled=False)
