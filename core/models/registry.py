"""The model families Spoonful can tune. Another family = one more module and one more line here."""

from __future__ import annotations

FAMILIES: dict[str, str] = {
    "gemma4": "core.models.gemma4:Gemma4",
    "granite_speech": "core.models.granite_speech:GraniteSpeech",
    "granite_speech_plus": "core.models.granite_speech:GraniteSpeechPlus",
    "phi4_multimodal": "core.models.phi4_multimodal:Phi4Multimodal",
    "qwen2_5_omni": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_5_omni_thinker": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_audio": "core.models.qwen2_audio:Qwen2Audio",
    "qwen3_asr": "core.models.qwen3_asr:Qwen3Asr",
    "qwen3_omni_moe": "core.models.qwen_omni:Qwen3OmniMoe",
    "qwen3_omni_moe_thinker": "core.models.qwen_omni:Qwen3OmniMoe",
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
