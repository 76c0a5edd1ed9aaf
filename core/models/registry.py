"""The model families Spoonful can tune. Another family = one more module and one more line here."""

from __future__ import annotations

from core.errors import UserError

FAMILIES: dict[str, str] = {
    "audioflamingo3": "core.models.audioflamingo3:AudioFlamingo3",
    "gemma4": "core.models.gemma4:Gemma4",
    "glmasr": "core.models.glmasr:GlmAsr",
    "granite_speech": "core.models.granite_speech:GraniteSpeech",
    "granite_speech_plus": "core.models.granite_speech:GraniteSpeechPlus",
    "musicflamingo": "core.models.audioflamingo3:MusicFlamingo",
    "phi4_multimodal": "core.models.phi4_multimodal:Phi4Multimodal",
    "qwen2_5_omni": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_5_omni_thinker": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_audio": "core.models.qwen2_audio:Qwen2Audio",
    "qwen3_asr": "core.models.qwen3_asr:Qwen3Asr",
    "qwen3_omni_moe": "core.models.qwen_omni:Qwen3OmniMoe",
    "qwen3_omni_moe_thinker": "core.models.qwen_omni:Qwen3OmniMoe",
    "voxtral": "core.models.voxtral:Voxtral",
}
"""`config.model_type` -> "module:class"; imported only when a model of that type is loaded."""

WINDOWS_S: dict[str, float] = {
    # Its extractor cuts what is longer, and its processor gives a recording 750 tokens of 40 ms at most.
    "gemma4": 30.0,
    # The tower looks 4 s far and would take any length; what it was trained on are single utterances (Common
    # Voice, LibriSpeech, MLS and the like), of which hardly any is longer.
    "granite_speech": 30.0,
    "granite_speech_plus": 30.0,
    # Its tower takes 500 tokens of 80 ms at once and cuts longer recordings in pieces; its card asks for
    # at most 40 s, too, except for summaries.
    "phi4_multimodal": 40.0,
    # Its tower begins anew each second and would take any length; the makers' file names this one, though as
    # samples, which the extractor does not read.
    "qwen3_omni_moe": 300.0,
    "qwen3_omni_moe_thinker": 300.0,
}
"""Seconds of audio by model type, where a model's own files do not say how many."""

WITH_EXPERTS = frozenset({"qwen3_omni_moe", "qwen3_omni_moe_thinker"})
"""Model types that keep most of their weights in experts, which bitsandbytes leaves as they are."""


def check_type(model_type: object, where: str) -> None:
    """Raise UserError when no family is of that `config.model_type`."""
    if model_type not in FAMILIES:
        raise UserError(
            f'Spoonful cannot tune models of the type "{model_type}".',
            where=where,
            remedy=f"Types it can tune: {', '.join(sorted(FAMILIES))}.",
        )
