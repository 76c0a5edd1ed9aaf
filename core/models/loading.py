"""From what the user names as base model to a ready family. Importing this module loads no torch."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.experiment.memory import ModelShape, model_shape
from core.models.downloaded import downloaded, require_downloaded
from core.models.known import known_model
from core.models.memory import lacks_memory, too_little_memory
from core.models.pseudo_audio import SILENCE
from core.models.quantization import BITS, refuse_quantization, refuse_quantized_experts
from core.models.registry import FAMILIES, WINDOWS_S, check_type
from core.paths import RESOURCES

if TYPE_CHECKING:
    import torch

    from core.experiment.spec import Quantization
    from core.models.family import LalmFamily

TEASPOON = "teaspoon"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_HASHED_BYTES = 32 << 20
_WEIGHTS = "model*.safetensors"
"""What `from_pretrained` reads. Mistral's models hold the same weights once more under another name."""
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_SPEAKING = ("talker.", "token2wav.", "code2wav.")
"""Where an omni model's weights are that it speaks with; they are not loaded."""


@dataclass(frozen=True)
class BaseModelFacts:
    """What can be said of a base model without loading it; None where only a download could tell.

    parameters: number of weights; of a known model, as its page on the Hub says it. window_s: seconds of
    audio it can hear. knows_pseudo_audio: whether it was taught that form; a model from the Hub counts as one
    that was not. shape: sizes of its language model.
    """

    name: str
    parameters: int | None
    window_s: float | None
    knows_pseudo_audio: bool
    shape: ModelShape | None = None


def resolve_base_model(name: str) -> Path | str:
    """The folder of a base model, or its Hub id when it is not on this computer.

    name: "teaspoon", a local folder, or "owner/model". Raises UserError for anything else and for a folder
    that holds no model Spoonful can load.
    """
    folder = RESOURCES / TEASPOON if name == TEASPOON else Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        return folder
    if folder.exists() or name == TEASPOON or not _HUB_ID.fullmatch(name):
        raise UserError(
            "There is no base model here." if name != TEASPOON else "The built-in base model is missing.",
            where=str(folder),
            remedy=f'Give "{TEASPOON}", the folder of a model, or a Hugging Face id such as owner/model.'
            if name != TEASPOON
            else "Install Spoonful again, or restore the folder resources/teaspoon.",
        )
    return name


def is_hub_id(name: str) -> bool:
    """Whether `resolve_base_model` takes this for an id on the Hub. Raises UserError as that."""
    return isinstance(resolve_base_model(name), str)


def base_model_facts(name: str) -> BaseModelFacts:
    """Facts of a base model for estimates and checks; reads only headers, never weights.

    Raises UserError as `resolve_base_model`, and when those headers are damaged.
    """
    parameters = base_model_parameters(name)
    source = resolve_base_model(name)
    if isinstance(source, str):
        return BaseModelFacts(name, parameters, None, knows_pseudo_audio=False)
    # Not tokenizer.json, which names it too but has megabytes in a real model.
    tokens = source / "tokenizer_config.json"
    knows = tokens.is_file() and SILENCE in tokens.read_text(encoding="utf-8")
    shape = model_shape(weight for file in source.glob("*.safetensors") for weight in _weight_shapes(file))
    return BaseModelFacts(name, parameters, _window_s(source), knows, shape)


def base_model_parameters(name: str) -> int | None:
    """Number of weights; None of a model that is neither on this computer nor in the list of known ones.

    Reads only headers. Raises UserError as `resolve_base_model`, and when a header is damaged.
    """
    source = resolve_base_model(name)
    if isinstance(source, str):
        # The Omni models have parts that are never loaded, which only the list knows.
        if (known := known_model(source)) is not None:
            return known.parameters
        folder = downloaded(source)
        if folder is None:
            return None
        source = folder
    return sum(_count_parameters(file) for file in source.glob(_WEIGHTS))


def model_type_of(folder: Path) -> str:
    """The `model_type` of a model's folder. Raises UserError when its config.json is missing or damaged."""
    return str(_read_json(folder / "config.json").get("model_type"))


def base_model_fingerprint(name: str) -> str:
    """Equal for base models that are the same; asked once the model was loaded, that is downloaded.

    Of a folder it covers all settings, the tokenizer and adapters in folders below, and of each weights file
    the header (which stands at its beginning), the size, and the first and last 32 MiB: all of a small model,
    and in a large one what other training would have changed. Of a model from the Hub it is the id and the
    downloaded revision.
    """
    source = resolve_base_model(name)
    if isinstance(source, str):
        folder = downloaded(source)
        return f"{source}@{folder.name if folder else ''}"
    digest = hashlib.sha256()
    patterns = ("*.json", "*.jinja", "*.safetensors", "*/adapter_*.json", "*/adapter_*.safetensors")
    for file in sorted(file for pattern in patterns for file in source.glob(pattern)):
        size = file.stat().st_size
        digest.update(json.dumps([file.name, size]).encode())
        with file.open("rb") as stream:
            digest.update(stream.read(_HASHED_BYTES))
            stream.seek(max(stream.tell(), size - _HASHED_BYTES))
            digest.update(stream.read())
    return digest.hexdigest()


def load_family(
    name: str, *, dtype: torch.dtype, device: torch.device, quantization: Quantization = "none"
) -> LalmFamily:
    """Load a base model's weights, tokenizer and feature extractor, frozen and in evaluation mode.

    name: see `resolve_base_model`. quantization: what the language model's linear layers are kept in. Only
    safetensors are read and no code of the model's is run; nothing is downloaded. Raises UserError when the
    model is unknown, unreadable, not on this computer or does not fit in memory, or cannot be quantised
    here.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig
    from transformers.utils.logging import disable_progress_bar

    from core.models.family import LoadOptions
    from core.models.kernels import attend_at_any_length

    # Of no use in a log, and in the way on a terminal.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    refuse_quantization(quantization, card=device.type == "cuda" and torch.cuda.is_available())
    if device.type == "cuda":
        attend_at_any_length()
    resolved = resolve_base_model(name)
    source = resolved if isinstance(resolved, Path) else require_downloaded(resolved)
    try:
        config = AutoConfig.from_pretrained(str(source), trust_remote_code=False)
        check_type(config.model_type, str(source))
        refuse_quantized_experts(quantization, config.model_type, str(source))
        module, _, name_of_class = FAMILIES[config.model_type].partition(":")
        family_class = getattr(importlib.import_module(module), name_of_class)
        options = LoadOptions(dtype, device, BITS[quantization], family_class.whole_modules())
        family: LalmFamily = family_class.load(str(source), options)
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, SafetensorError) as error:
        # torch tells a lack of memory by a RuntimeError, which damaged files are told by too.
        if lacks_memory(error):
            raise too_little_memory(
                "to load the base model",
                "Choose a smaller base model, or a computer or graphics card with more memory.",
                where=str(source),
                details=str(error),
            ) from error
        raise UserError(
            "The base model could not be loaded.",
            where=str(source),
            remedy="Its files may be damaged or incomplete: copy or download it again.",
            details=str(error),
        ) from error
    family.model.requires_grad_(False)
    family.model.train(False)
    return family


def _check_folder(folder: Path) -> None:
    check_type(_read_json(folder / "config.json").get("model_type"), str(folder / "config.json"))
    if any(folder.glob(_WEIGHTS)):
        return
    pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
    if pickles:
        raise UserError(
            f"The weights are stored in a format that can run hidden programs ({pickles[0]}).",
            where=str(folder),
            remedy="Spoonful opens only safetensors files: get the model in that format, or convert it.",
        )
    raise UserError(
        "The folder holds no weights.",
        where=str(folder),
        remedy=f"A model folder has config.json, {_WEIGHTS} and the tokenizer's files.",
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"The folder is not a model: {file.name} is missing or damaged.",
            where=str(file.parent),
            remedy="Choose the folder that holds config.json, *.safetensors and the tokenizer's files.",
            details=str(error),
        ) from error
    if not isinstance(content, dict):
        raise UserError(
            f"The folder is not a model: {file.name} does not describe one.", where=str(file.parent)
        )
    return content


def _window_s(folder: Path) -> float:
    model_type = _read_json(folder / "config.json")["model_type"]
    if model_type in WINDOWS_S:
        return WINDOWS_S[model_type]
    # transformers 5 writes one file for the whole processor; models made before it have the extractor's own.
    file = folder / "preprocessor_config.json"
    if file.is_file():
        extractor: Any = _read_json(file)
    else:
        file = folder / "processor_config.json"
        extractor = _read_json(file).get("feature_extractor")
    try:
        return float(extractor["chunk_length"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The folder is not a model that hears: {file.name} does not say how many seconds it takes.",
            where=str(file),
            remedy="Copy or download the model again.",
            details=repr(error),
        ) from error


def _weights_header(file: Path) -> Any:
    """The header of a safetensors file: 8 bytes of length, then JSON."""
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        # A damaged length may ask for more memory than there is.
        if length > file.stat().st_size:
            raise ValueError("the header is longer than the file")
        return json.loads(stream.read(length))


def _count_parameters(file: Path) -> int:
    """Number of weights to load from a safetensors file. Raises UserError when the file is damaged."""
    return sum(math.prod(shape) for _, shape in _weight_shapes(file))


def _weight_shapes(file: Path) -> list[tuple[str, list[int]]]:
    """Name and shape of each weight to load from a safetensors file. Raises UserError when it is damaged."""
    try:
        header = _weights_header(file)
        found = [
            (str(key), entry["shape"])
            for key, entry in header.items()
            if key != "__metadata__" and not key.startswith(_SPEAKING)
        ]
        sum(math.prod(shape) for _, shape in found)  # sizes that are none fail here
    except (OSError, ValueError, struct.error, AttributeError, KeyError, TypeError) as error:
        raise UserError(
            "The weights file cannot be read.",
            where=str(file),
            remedy="It may be damaged or incomplete: copy or download it again.",
            details=repr(error),
        ) from error
    return found
