"""The model families Spoonful can tune. Another family = one more module and one more line here."""

from __future__ import annotations

FAMILIES: dict[str, str] = {
    "qwen2_5_omni": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_5_omni_thinker": "core.models.qwen_omni:Qwen2_5Omni",
    "qwen2_audio": "core.models.qwen2_audio:Qwen2Audio",
    "qwen3_asr": "core.models.qwen3_asr:Qwen3Asr",
    "qwen3_omni_moe": "core.models.qwen_omni:Qwen3OmniMoe",
    "qwen3_omni_moe_thinker": "core.models.qwen_omni:Qwen3OmniMoe",
}
"""`config.model_type` -> "module:class"; imported only when a model of that type is loaded."""
