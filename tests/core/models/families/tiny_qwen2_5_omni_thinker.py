"""The Thinker of the miniature Qwen2.5-Omni alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from transformers import Qwen2_5OmniThinkerForConditionalGeneration

from tests.core.models.families import tiny_qwen2_5_omni as whole
from tests.core.models.families.omni import thinker_alone


def build(folder: Path) -> None:
    thinker_alone(whole.build, Qwen2_5OmniThinkerForConditionalGeneration, folder)


TINY = replace(whole.TINY, build=build)
