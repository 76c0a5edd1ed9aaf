"""The tiny model's fixtures, and a run that was trained on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.experiment.spec import LoraSpec
from core.inference.ontology_file import write_ontology
from core.models.lora import add_adapter, save_adapter
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


@pytest.fixture
def run(tiny_model: Path, tmp_path: Path) -> Path:
    """Folder of a run whose adapter changes every answer."""
    folder = tmp_path / "20261123-101500-a1b2"
    folder.mkdir()
    (folder / "experiment.toml").write_text(EXPERIMENT.format(base=json.dumps(str(tiny_model))))
    write_ontology(folder, ONTOLOGY)
    family = load_tiny(tiny_model)
    torch.manual_seed(0)
    adapted = add_adapter(family, LoraSpec(rank=2, alpha=16, dropout=0.0))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    save_adapter(adapted, folder / "adapter")
    return folder
