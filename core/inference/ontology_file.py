"""The ontology a run was trained on, kept beside its adapter: what the model may answer with."""

from __future__ import annotations

import json
from pathlib import Path

from core.data.utterance import Ontology
from core.errors import UserError
from core.storage.files import write_text_atomically

ONTOLOGY_FILE = "ontology.json"


def write_ontology(run: Path, ontology: Ontology) -> None:
    """Keep `ontology` in the run's folder."""
    content = {"intents": list(ontology.intents), "slot_types": list(ontology.slot_types)}
    write_text_atomically(run / ONTOLOGY_FILE, json.dumps(content, ensure_ascii=False, indent=1))


def read_ontology(run: Path) -> Ontology:
    """The ontology in the run's folder. Raises UserError when it is missing or damaged."""
    file = run / ONTOLOGY_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Ontology(tuple(content["intents"]), tuple(content["slot_types"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "The list of intents this run was trained on is missing or damaged.",
            where=str(file),
            remedy="Resume the run: it writes the list again. Or name a dataset to take the intents from.",
            details=repr(error),
        ) from error
