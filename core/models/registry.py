"""The model families Spoonful can tune. Another family = one more module and one more line here."""

from __future__ import annotations

FAMILIES: dict[str, str] = {
    "qwen2_audio": "core.models.qwen2_audio:Qwen2Audio",
}
"""`config.model_type` -> "module:class"; imported only when a model of that type is loaded."""
