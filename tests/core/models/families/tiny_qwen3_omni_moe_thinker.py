"""The Thinker of the miniature Qwen3-Omni alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from transformers import Qwen3OmniMoeThinkerForConditionalGeneration

from tests.core.models.families import tiny_qwen3_omni_moe as whole
from tests.core.models.families.omni import thinker_alone


def build(folder: Path) -> None:
    thinker_alone(whole.build, Qwen3OmniMoeThinkerForConditionalGeneration, folder)


TINY = replace(whole.TINY, build=build)
