"""The tiny model's fixtures, and a run that was trained on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.experiment.weights import LoraSpec
from core.inference.ontology_file import write_ontology
from core.models.full import FullWeights
from core.models.lora import add_adapter
from tests.core.models.fixtures import ONTOLOGY, family, load_tiny, noise, tiny_model, tiny_model_of_pieces

__all__ = ["family", "noise", "tiny_model", "tiny_model_of_pieces"]

EXPERIMENT = """
schema_version = 1
name = "tiny"
base_model = {base}
[data]
train = ["demo"]
test = ["demo"]
[[stage]]
name = "text"
learning_rate = 1e-3
"""


def make_run(folder: Path, tiny_model: Path) -> Path:
    folder.mkdir()
    (folder / "experiment.toml").write_text(EXPERIMENT.format(base=json.dumps(str(tiny_model))))
    write_ontology(folder, ONTOLOGY)
    return folder


@pytest.fixture
def full_run(tiny_model: Path, tmp_path: Path) -> Path:
    """Folder of a run that trained all of the language model, and changes every answer."""
    folder = make_run(tmp_path / "20261123-101500-c3d4", tiny_model)
    family = load_tiny(tiny_model)
    torch.manual_seed(0)
    tuned = FullWeights(family, trainable=True, keep_base=False)
    with torch.no_grad():
        for weight in tuned.parameters:
            weight.add_(0.3 * torch.randn_like(weight))
    tuned.save(folder / "adapter")
    return folder


@pytest.fixture
def run(tiny_model: Path, tmp_path: Path) -> Path:
    """Folder of a run whose adapter changes every answer."""
    folder = make_run(tmp_path / "20261123-101500-a1b2", tiny_model)
    family = load_tiny(tiny_model)
    torch.manual_seed(0)
    adapted = add_adapter(family, LoraSpec(rank=2, alpha=16, dropout=0.0))
    with torch.no_grad():
        for name, weight in family.model.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    adapted.save(folder / "adapter")
    return folder
