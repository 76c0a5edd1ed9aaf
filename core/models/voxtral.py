"""Voxtral: Whisper's encoder without a mask, four of its frames side by side to a token, a Mistral decoder.

Its encoder hears the silence behind a recording as well, and so does the language model: a recording is
always as many tokens as the window holds.
"""

from __future__ import annotations

from typing import Any, cast

from torch import Tensor
from transformers import ProcessorMixin, VoxtralForConditionalGeneration, VoxtralProcessor

from core.errors import UserError
from core.models.prompt import Render
from core.models.whisper_features import WholeWindowFamily

_TRANSCRIBE = "[TRANSCRIBE]"
"""Stands behind the user's turn, and asks without any words."""


class Voxtral(WholeWindowFamily):
    """LalmFamily of model_type "voxtral"."""

    model_class = VoxtralForConditionalGeneration
    processor_class = VoxtralProcessor
    frames_per_token = 8
    audio_token = "[AUDIO]"  # noqa: S105 - a control token
    end_token = "</s>"  # noqa: S105
    transcribe_instruction = _TRANSCRIBE

    @classmethod
    def _load_processor(cls, source: str) -> ProcessorMixin:
        # Otherwise, where mistral-common is installed, its tokenizer would be taken, which reads the control
        # tokens of a prompt as text.
        try:
            processor: ProcessorMixin = VoxtralProcessor.from_pretrained(
                source, trust_remote_code=False, mistral_format=False
            )
        except ImportError as error:
            # Asked for where the tokenizer's file is in a form that is older than any Voxtral.
            raise UserError(
                "The base model's tekken.json does not list its control tokens.",
                where=source,
                remedy="Copy or download the model again.",
                details=str(error),
            ) from error
        return processor

    @classmethod
    def _render(cls, processor: ProcessorMixin) -> Render:  # noqa: ARG003
        """The format of mistral-common, which is no dependency: the model comes with no chat template."""

        def render(written: str | None, instruction: str) -> str:
            content = f"[BEGIN_AUDIO]{cls.audio_token}" if written is None else written
            if instruction == _TRANSCRIBE:
                return f"<s>[INST]{content}[/INST]{_TRANSCRIBE}"
            return f"<s>[INST]{content}{instruction}[/INST]"

        return render

    def _audio_tokens(self, samples: int) -> int:  # noqa: ARG002 - all of the window, always
        return self._window_frames // self.frames_per_token

    def _encode(self, features: Tensor, samples: int) -> Tensor:  # noqa: ARG002
        heard = cast(Any, self._model).get_audio_features(self._tower_input(features))
        return cast(Tensor, heard.pooler_output)
