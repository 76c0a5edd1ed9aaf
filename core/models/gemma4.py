"""Gemma 4 with ears (E2B, E4B): a conformer, a projection, a decoder that reads each token at every layer.

Most of its layers see only the latest tokens, and some reuse the keys and values of layers below. The vision
tower is never used.
"""

from __future__ import annotations

from typing import Any, Self, cast

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    Cache,
    DynamicCache,
    Gemma4AudioFeatureExtractor,
    Gemma4Config,
    Gemma4ForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from core.audio.files import SAMPLE_RATE
from core.errors import UserError
from core.models.base import BaseFamily
from core.models.family import LoadOptions, Samples
from core.models.prompt import between_marks, chat_template
from core.models.registry import WINDOWS_S
from core.models.stock import load_complete


class Gemma4(BaseFamily):
    """LalmFamily of model_type "gemma4"."""

    trim_policy = "exact"
    frames_axis = 0
    audio_token = "<|audio|>"  # noqa: S105 - a control token
    end_token = "<turn|>"  # noqa: S105
    transcribe_instruction = (  # the card's, without its wish for digits
        "Transcribe the following speech segment in its original language. "
        "Only output the transcription, with no newlines."
    )
    projector_names = ("model.embed_audio",)

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        extractor: Gemma4AudioFeatureExtractor,
    ) -> None:
        self._extractor = cast(Any, extractor)
        self._text_config = cast(Any, model.config).text_config
        marks = cast(Any, tokenizer)
        render = between_marks(chat_template(tokenizer), self.audio_token, marks.boa_token, marks.eoa_token)
        # Its two convolutions halve twice.
        super().__init__(model, tokenizer, render, SAMPLE_RATE / (self._extractor.hop_length * 4))

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        if Gemma4Config.from_pretrained(source).audio_config is None:
            raise UserError(
                "This Gemma 4 cannot hear: it has no audio tower.",
                where=source,
                remedy="Choose one that has, for instance Gemma 4 E2B or E4B.",
            )
        model = load_complete(Gemma4ForConditionalGeneration, source, options)
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        return cls(model, tokenizer, Gemma4AudioFeatureExtractor.from_pretrained(source))

    @property
    def window_s(self) -> float:
        return WINDOWS_S["gemma4"]

    def hidden(
        self,
        input_ids: Tensor,
        *,
        attention_mask: Tensor,
        positions: Tensor,
        inputs_embeds: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        language = self._language_model
        if inputs_embeds is None:
            inputs_embeds = cast(Tensor, self._model.get_input_embeddings()(input_ids))
        per_layer = None
        if language.hidden_size_per_layer_input:
            # Sound has no token for the layers to read; the stock model lets them read padding there.
            pad = self._text_config.pad_token_id
            per_layer = language.get_per_layer_inputs(
                input_ids.masked_fill(input_ids == self._prompt.audio_id, pad)
            )
        output = language(
            inputs_embeds=inputs_embeds,
            per_layer_inputs=per_layer,
            attention_mask=self._visible(attention_mask, positions),
            position_ids=positions,
            cache=cache,
            use_cache=cache is not None,
        )
        return cast(Tensor, output.last_hidden_state)

    def logits(self, hidden: Tensor, tokens: Tensor | None = None) -> Tensor:
        scores = super().logits(hidden, tokens)
        cap = self._text_config.final_logit_softcapping
        return scores if cap is None else torch.tanh(scores / cap) * cap

    def new_cache(self) -> Cache:
        # One that keeps all columns, since rows have gaps: the usual one for these layers forgets by columns.
        return DynamicCache()

    def _visible(self, attention_mask: Tensor, positions: Tensor) -> dict[str, Tensor]:
        """[N, 1, L, columns] for each kind of layer: which columns each token sees.

        What is too long ago is told by positions, not by columns as the stock mask does it: rows have gaps.
        """
        length, columns = positions.shape[1], attention_mask.shape[-1]
        if attention_mask.dim() == 4:
            visible, past = attention_mask, attention_mask[:, 0, 0, : columns - length]
        else:
            column = torch.arange(columns, device=attention_mask.device)
            visible = attention_mask[:, None, None] & (column <= column[columns - length :, None])
            past = attention_mask[:, : columns - length]
        key_positions = torch.cat([past.long().cumsum(-1) - 1, positions], dim=1)
        near = positions[:, :, None] - key_positions[:, None] < self._text_config.sliding_window
        return {"full_attention": visible, "sliding_attention": visible & near[:, None]}

    def _audio_tokens(self, samples: int) -> int:
        # Halved twice, rounded up.
        return -(-self._frames(samples) // 4)

    def _frames(self, samples: int) -> int:
        """Frames that the extractor makes of sound alone: half a frame is put before, each reads one more."""
        before, read = self._extractor.frame_length // 2, self._extractor.frame_length + 1
        return int((samples + before - read) // self._extractor.hop_length + 1)

    def _features(self, samples: Samples) -> Tensor:
        """[frames, mel bins]; without those of padding, which the stock tower masks."""
        made = self._extractor([samples], return_tensors="pt")
        return cast(Tensor, made["input_features"][0, : self._frames(len(samples))])

    def _encode(self, features: Tensor, samples: int) -> Tensor:  # noqa: ARG002 - all frames are sound
        heard = torch.ones(1, len(features), dtype=torch.bool, device=self.device)
        made = cast(Any, self._model).model.get_audio_features(
            features[None].to(self._model.dtype), heard, return_dict=True
        )
        return cast(Tensor, made.pooler_output[0])

    def _feature_settings(self) -> str:
        tower = cast(Any, self._model.config).audio_config
        return "\n".join((self._extractor.to_json_string(), tower.to_json_string(use_diff=False)))
