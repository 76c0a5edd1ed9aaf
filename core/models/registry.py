"""The model families Spoonful can tune. Another family = one more module and one more line here."""

from __future__ import annotations

from core.errors import UserError

FAMILIES: dict[str, str] = {
    "qwen2_audio": "core.models.qwen2_audio:Qwen2Audio",
}
"""`config.model_type` -> "module:class"; imported only when a model of that type is loaded."""


def check_type(model_type: object, where: str) -> None:
    """Raise UserError when no family is of that `config.model_type`."""
    if model_type not in FAMILIES:
        raise UserError(
            f'Spoonful cannot tune models of the type "{model_type}".',
            where=where,
            remedy=f"Types it can tune: {', '.join(sorted(FAMILIES))}.",
        )
