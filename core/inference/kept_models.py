"""The models that the warm process holds: the newest ones, as many as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.data.library import Library
from core.data.utterance import Ontology
from core.experiment.computer import this_computer
from core.experiment.spec import load_experiment
from core.inference.variants import EXPERIMENT_FILE, run_of
from core.paths import AppPaths
from core.storage.database import open_database

if TYPE_CHECKING:
    from core.inference.predictor import Predictor
    from core.models.family import LalmFamily

SHARE_OF_MEMORY: Final = 0.25
"""Of the card's, or of the computer's, that the kept models may fill together; the newest may be larger."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class ModelName:
    """model: a base model, the id of a run, or a folder below one. datasets: whose labels a base model
    answers with; None for a run, which knows its own."""

    model: str
    datasets: tuple[str, ...] | None


@dataclass
class _Kept:
    predictor: Predictor
    state: object
    """What the model was read from, as it was then."""
    size: int


class KeptModels:
    """Loads models when they are asked for. Belongs to one thread."""

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths
        self._kept: OrderedDict[ModelName, _Kept] = OrderedDict()
        self._room: float | None = None

    def holds(self, name: ModelName) -> bool:
        """Whether it is there."""
        return name in self._kept

    def get(self, name: ModelName, tell: Tell, *, look_again: bool = False) -> tuple[Predictor, bool]:
        """The model, and whether it had to be loaded. A run that was trained further is loaded anew.
        look_again: also a base model whose datasets have other labels by now, which takes longer to see.
        Raises UserError as `Predictor.load`."""
        folder = self._folder(name)
        kept = self._kept.get(name)
        if kept is not None and folder is None and not look_again:
            self._kept.move_to_end(name)
            return kept.predictor, False
        ontology = None if name.datasets is None else self._ontology(name.datasets)
        state = (ontology, _written_at(folder))
        if kept is not None and kept.state == state:
            self._kept.move_to_end(name)
            return kept.predictor, False
        self._kept.pop(name, None)
        tell("starting the engine")
        from core.inference.predictor import Predictor

        tell("loading the weights")
        predictor = Predictor.load(folder or name.model, ontology)
        self._kept[name] = _Kept(predictor, state, _bytes(predictor.family))
        self._make_room()
        return predictor, True

    def base_of(self, name: ModelName, tell: Tell) -> Predictor:
        """The base model of a run, or the base model itself; for what its own weights can do."""
        predictor, _ = self.get(name, tell)
        folder = self._folder(name)
        if folder is None:
            return predictor
        spec = load_experiment(run_of(folder) / EXPERIMENT_FILE)
        from core.inference.predictor import Predictor, load_for_inference

        base = ModelName(spec.base_model, ())
        kept = self._kept.get(base)
        if kept is None:
            tell("loading the base model")
            family = load_for_inference(spec.base_model, spec.training.quantization)
            kept = _Kept(Predictor(family, predictor.grammar.ontology), None, _bytes(family))
            self._kept[base] = kept
            self._make_room()
        self._kept.move_to_end(base)
        return kept.predictor

    def _folder(self, name: ModelName) -> Path | None:
        folder = self._paths.run(name.model)
        return folder if name.datasets is None and folder.is_dir() else None

    def _ontology(self, datasets: tuple[str, ...]) -> Ontology:
        db = open_database(self._paths.database)
        try:
            return Library(db, self._paths).ontology(list(datasets))
        finally:
            db.close()

    def _make_room(self) -> None:
        """Let go of those not used for longest; never of the newest."""
        if self._room is None:
            computer = this_computer()
            self._room = SHARE_OF_MEMORY * (computer.card_memory or computer.memory)
        while len(self._kept) > 1 and sum(kept.size for kept in self._kept.values()) > self._room:
            self._kept.popitem(last=False)


def _bytes(family: LalmFamily) -> int:
    return sum(weight.nbytes for weight in family.model.parameters())


def _written_at(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    if folder is None:
        return ()
    files = [*sorted((folder / "adapter").glob("*")), folder / "calibration.json"]
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
