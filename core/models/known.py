"""Base models that are known to be good starting points, so that nobody has to search the Hub for one.

The figures are those of each model's page on the Hugging Face Hub as known when this was written, rounded;
nothing of it was measured here, and only the Hub itself knows today's (`core.models.download.look_up` asks
it). `parameters` counts what Spoonful loads: of the Omni models that is the part that listens and writes,
without the one that speaks. `download_bytes` is the whole download.

Left out on purpose: microsoft/Phi-4-multimodal-instruct, whose main revision needs code of its own, which is
never run here (its native form is a pull request on the Hub: download that revision and give its folder).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MANY: Final = "mul"
"""ISO 639 for "multiple languages": the model's page names more than can be listed."""


@dataclass(frozen=True)
class KnownModel:
    """name: what an experiment calls it, "teaspoon" or an id on the Hub. family: its `model_type`.
    parameters: weights that are loaded. languages: spoken ones, by their ISO 639 codes."""

    name: str
    family: str
    parameters: int
    download_bytes: int
    licence: str
    languages: tuple[str, ...]
    note: str

    @property
    def is_built_in(self) -> bool:
        return "/" not in self.name


def known_models() -> list[KnownModel]:
    """Teaspoon first, then by family; all of them can be tuned."""
    return list(_KNOWN)


def known_model(name: str) -> KnownModel | None:
    """The entry of that name."""
    return next((model for model in _KNOWN if model.name.lower() == name.lower()), None)


def _model(
    name: str,
    family: str,
    billions: float,
    gigabytes: float,
    licence: str,
    languages: str,
    note: str,
) -> KnownModel:
    counts = round(billions * 1e9), round(gigabytes * 1e9)
    return KnownModel(name, family, *counts, licence, tuple(languages.split()), note)


_APACHE: Final = "Apache-2.0"
_NVIDIA: Final = "NVIDIA OneWay Noncommercial"
_VOXTRAL: Final = "en es fr pt hi de nl it"
_QWEN3_ASR: Final = (
    "zh en yue ar de fr es pt id it ko ru th vi ja tr hi ms nl sv da fi pl cs fil fa el hu mk ro"
)
_QWEN3_OMNI: Final = "en zh ko ja de ru it fr es pt ms nl id tr vi yue ar ur"

_KNOWN: Final = (
    _model(
        "teaspoon", "qwen2_audio", 0.0054, 0.0, _APACHE, "en",
        "Built in; for the demo and for trying things out.",
    ),
    _model(
        "Qwen/Qwen2-Audio-7B-Instruct", "qwen2_audio", 8.4, 16.8, _APACHE, "zh en yue fr it es de ja",
        "The base model of the paper.",
    ),
    _model(
        "mistralai/Voxtral-Mini-3B-2507", "voxtral", 4.7, 9.4, _APACHE, _VOXTRAL,
        "Small and good at both speech and text.",
    ),
    _model(
        "mistralai/Voxtral-Small-24B-2507", "voxtral", 24.3, 48.5, _APACHE, _VOXTRAL,
        "The large Voxtral, for a large graphics card.",
    ),
    _model(
        "nvidia/audio-flamingo-3-hf", "audioflamingo3", 8.3, 16.5, _NVIDIA, "en",
        "Speech, sounds and music; for research only.",
    ),
    _model(
        "nvidia/music-flamingo-2601-hf", "musicflamingo", 8.3, 16.5, _NVIDIA, "en",
        "Made for music; for research only.",
    ),
    _model(
        "zai-org/GLM-ASR-Nano-2512", "glmasr", 2.3, 4.5, "MIT", "zh en yue",
        "Made for transcripts, also of quiet speech and dialects.",
    ),
    _model(
        "Qwen/Qwen3-ASR-0.6B-hf", "qwen3_asr", 0.94, 1.9, _APACHE, _QWEN3_ASR,
        "Made for transcripts; the smallest here that knows many languages.",
    ),
    _model("Qwen/Qwen3-ASR-1.7B-hf", "qwen3_asr", 2.3, 4.7, _APACHE, _QWEN3_ASR, "Made for transcripts."),
    _model(
        "ibm-granite/granite-speech-3.3-2b", "granite_speech", 2.9, 5.8, _APACHE, "en fr de es",
        "Small, for business use.",
    ),
    _model(
        "ibm-granite/granite-speech-3.3-8b", "granite_speech", 8.6, 17.3, _APACHE, "en fr de es",
        "The large one of the two.",
    ),
    _model(
        "Qwen/Qwen2.5-Omni-3B", "qwen2_5_omni", 4.7, 12.0, "Qwen Research", "en zh",
        "Sees and speaks, too, which is not used here; for research only.",
    ),
    _model(
        "Qwen/Qwen2.5-Omni-7B", "qwen2_5_omni", 8.9, 22.4, _APACHE, "en zh",
        "Sees and speaks, too, which is not used here.",
    ),
    _model(
        "Qwen/Qwen3-Omni-30B-A3B-Instruct", "qwen3_omni_moe", 31.7, 70.5, _APACHE, _QWEN3_OMNI,
        "A mixture of experts: needs much memory, computes like a small model.",
    ),
    _model("google/gemma-4-E2B-it", "gemma4", 5.1, 10.2, _APACHE, MANY, "Sees, too, which is not used here."),
    _model("google/gemma-4-E4B-it", "gemma4", 8.0, 16.0, _APACHE, MANY, "Sees, too, which is not used here."),
)  # fmt: skip
