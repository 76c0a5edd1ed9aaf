"""The loop: what it learns, what it reports, and that a resumed run is the run that was never stopped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli_w
import torch

from core.data.library import Library
from core.errors import Cancelled, UserError
from core.experiment.spec import ExperimentSpec
from core.inference.predictor import Predictor
from core.inference.variants import EXPERIMENT_FILE, stage_models
from core.models.family import Batch, LalmFamily
from core.paths import AppPaths
from core.storage.database import open_database
from core.training import checkpoints
from core.training.checkpoints import publish_weights
from core.training.preparation import prepare
from core.training.recipe import Job, train
from tests.core.training.world import Notes, add_dataset, experiment

TOTAL = 12


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


def make_job(spec: ExperimentSpec, library: Library, run: Path) -> Job:
    run.mkdir(exist_ok=True)
    return prepare(run, spec, library, Notes()).job


def stopped_and_resumed(spec: ExperimentSpec, library: Library, run: Path, stop_after: int) -> Notes:
    notes = Notes(stop_after=stop_after)
    with pytest.raises(Cancelled):
        train(make_job(spec, library, run), notes)
    notes.stop_after = None
    train(make_job(spec, library, run), notes)
    return notes


def weights_of(family: LalmFamily) -> dict[str, torch.Tensor]:
    return {
        name: weight.detach().clone()
        for name, weight in family.model.named_parameters()
        if weight.requires_grad
    }


def test_it_learns_and_reports_every_step_by_modality(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    notes = Notes()
    train(make_job(experiment(tiny_model, "stage.0.epochs=4"), library, tmp_path / "run"), notes)
    assert sorted(notes.steps) == list(range(1, TOTAL + 7))
    assert notes.stages == [(0, "text"), (1, "text + speech")]
    assert notes.losses[0] > 1.1 * notes.losses[11]
    first, last = notes.steps[1], notes.steps[TOTAL + 6]
    assert first.loss == first.loss_text
    assert first.loss_speech is None
    assert last.loss_speech is not None
    assert last.epoch == 2.0
    assert first.epoch == pytest.approx(1 / 3)
    assert 0 < notes.steps[2].learning_rate <= 5e-3
    assert all(step.memory_mb > 0 and step.utterances_per_s > 0 for step in notes.steps.values())


def test_validation_recordings_are_scored_when_due_and_at_the_end_of_a_stage(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    notes = Notes()
    train(make_job(experiment(tiny_model), library, tmp_path / "run"), notes)
    assert [step for step, _, _ in notes.evaluations] == [5, 6, 10, 12]
    for _, final, result in notes.evaluations:
        assert not final
        assert (result.input, result.split, result.n) == ("speech", "validation", 3)
        assert "exact_match" in result.scores
        assert len(result.predictions) == 3


@pytest.mark.parametrize("stop_after", [3, 6, 9, 12], ids=lambda step: f"after step {step}")
def test_a_run_stopped_at_any_step_and_resumed_equals_one_never_stopped(
    tiny_model: Path, library: Library, tmp_path: Path, stop_after: int
) -> None:
    # In the midst of a stage, at its end, in the next stage, and at the very end; with dropout everywhere.
    spec = experiment(tiny_model)
    whole, parts = Notes(), Notes(stop_after=stop_after)
    uninterrupted = make_job(spec, library, tmp_path / "whole")
    train(uninterrupted, whole)
    with pytest.raises(Cancelled):
        train(make_job(spec, library, tmp_path / "parts"), parts)
    assert max(parts.steps) == stop_after
    parts.stop_after = None
    resumed = make_job(spec, library, tmp_path / "parts")
    train(resumed, parts)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    assert [step for step, _, _ in parts.evaluations] == [step for step, _, _ in whole.evaluations]
    for name, weight in weights_of(uninterrupted.family).items():
        assert torch.allclose(weight, weights_of(resumed.family)[name], atol=1e-6)


def test_a_second_run_hears_nothing_anew_and_learns_the_same(
    tiny_model: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without, first, second = Notes(), Notes(), Notes()
    train(make_job(experiment(tiny_model), library, tmp_path / "without"), without)
    (tmp_path / "run").mkdir()
    features = tmp_path / "features"
    spec = experiment(tiny_model)
    train(prepare(tmp_path / "run", spec, library, Notes(), features).job, first)
    again = prepare(tmp_path / "run", spec, library, Notes(), features).job

    def forbidden(*_: object) -> None:
        raise AssertionError("the audio tower was used")

    monkeypatch.setattr(again.family.model.model.audio_tower.conv1, "forward", forbidden)
    shutil.rmtree(again.checkpoints)
    train(again, second)
    assert without.losses == first.losses == second.losses


@pytest.mark.parametrize("stop_after", [3, 9])
def test_a_resumed_run_of_all_weights_equals_one_never_stopped(
    tiny_model: Path, library: Library, tmp_path: Path, stop_after: int
) -> None:
    spec = experiment(tiny_model).model_copy(update={"method": "full", "lora": None})
    whole = Notes()
    train(make_job(spec, library, tmp_path / "whole"), whole)
    parts = stopped_and_resumed(spec, library, tmp_path / "parts", stop_after)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    assert whole.losses[0] > 1.1 * whole.losses[5]


@pytest.mark.expects_log("at most 4 utterances at once")
def test_a_resumed_run_knows_what_fits_into_memory(
    tiny_model: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes(stop_after=2)
    job = make_job(experiment(tiny_model), library, tmp_path / "run")
    whole = job.family.loss

    def tight(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        if len(batch.input_ids) > 4:
            raise MemoryError
        return whole(batch)

    monkeypatch.setattr(job.family, "loss", tight)
    with pytest.raises(Cancelled):
        train(job, notes)
    assert "training, at most 4 at once for lack of memory" in notes.activities
    resumed, again = make_job(experiment(tiny_model), library, tmp_path / "run"), Notes(stop_after=3)
    with pytest.raises(Cancelled):
        train(resumed, again)
    assert again.activities[0] == "training, at most 4 at once for lack of memory"


@pytest.mark.expects_log("may not know text written as pseudo-audio")
def test_pseudo_audio_counts_as_text_and_is_written_alike_after_a_resume(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    spec = experiment(tiny_model, "scheme=custom", "stage.0.pseudo_audio=0.5", "stage.1.pseudo_audio=1.0")
    whole, plain = Notes(), Notes()
    train(make_job(spec, library, tmp_path / "whole"), whole)
    parts = stopped_and_resumed(spec, library, tmp_path / "parts", 5)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    assert all(whole.steps[number].loss == whole.steps[number].loss_text for number in range(1, 7))
    train(make_job(experiment(tiny_model), library, tmp_path / "plain"), plain)
    assert plain.losses[0] != pytest.approx(whole.losses[0], rel=1e-3)


def test_what_came_after_the_last_checkpoint_is_done_again(
    tiny_model: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, notes = experiment(tiny_model), Notes()
    job = make_job(spec, library, tmp_path / "run")
    heard: list[int] = []

    def dying(metrics: object) -> None:
        Notes.step(notes, metrics)  # type: ignore[arg-type]
        heard.append(1)
        if len(heard) == 7:
            raise RuntimeError("power cut")

    monkeypatch.setattr(notes, "step", dying)
    with pytest.raises(RuntimeError, match="power cut"):
        train(job, notes)
    before = dict(notes.steps)
    monkeypatch.undo()
    train(make_job(spec, library, tmp_path / "run"), notes)
    assert sorted(notes.steps) == list(range(1, TOTAL + 1))
    assert notes.steps[7].loss == pytest.approx(before[7].loss, abs=1e-6)


def test_a_step_does_not_depend_on_how_it_is_cut_into_batches(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    settings = ["lora.dropout=0.0", "stage.0.epochs=1", "stage.0.warmup_ratio=0.0"]
    whole, cut = Notes(stop_after=3), Notes(stop_after=3)
    for notes, name, more in (
        (whole, "whole", []),
        (cut, "cut", ["training.batch_size=2", "training.gradient_accumulation=4"]),
    ):
        with pytest.raises(Cancelled):
            train(make_job(experiment(tiny_model, *settings, *more), library, tmp_path / name), notes)
    assert cut.losses == pytest.approx(whole.losses, rel=1e-4)


def test_a_loss_that_is_no_number_names_the_utterances(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    job = make_job(experiment(tiny_model), library, tmp_path / "run")
    with torch.no_grad():
        job.family.model.lm_head.weight.fill_(float("nan"))
    with pytest.raises(UserError, match="no longer a number") as caught:
        train(job, Notes())
    assert "beeps/train-" in caught.value.where
    assert "learning rate" in caught.value.remedy


def test_another_seed_is_another_run_and_the_same_seed_the_same(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    losses = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        notes = Notes(stop_after=3)
        with pytest.raises(Cancelled):
            train(make_job(experiment(tiny_model, f"training.seed={seed}"), library, tmp_path / name), notes)
        losses.append(notes.losses)
    assert losses[0] == losses[1] != losses[2]


def test_label_smoothing_learns_otherwise_and_reports_the_same_kind_of_loss(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    plain, smooth = Notes(stop_after=4), Notes(stop_after=4)
    for notes, name, part in ((plain, "plain", 0.0), (smooth, "smooth", 0.5)):
        spec = experiment(tiny_model, f"training.label_smoothing={part}", "stage.0.warmup_ratio=0.0")
        with pytest.raises(Cancelled):
            train(make_job(spec, library, tmp_path / name), notes)
    # Before anything was learned both are the base model's.
    assert smooth.losses[0] == plain.losses[0]
    assert smooth.losses[1:] != plain.losses[1:]
    assert smooth.losses[-1] < smooth.losses[0]


ENCODER = ("audio_encoder.tower_learning_rate=1e-3", "audio_encoder.projector_learning_rate=2e-3")


@pytest.mark.parametrize("stop_after", [5, 9])
def test_a_resumed_run_with_a_learning_encoder_equals_one_never_stopped(
    tiny_model: Path, library: Library, tmp_path: Path, stop_after: int
) -> None:
    spec, whole = experiment(tiny_model, *ENCODER), Notes()
    job = make_job(spec, library, tmp_path / "whole")
    tower = job.family.model.get_submodule("model.audio_tower.conv1").weight
    before = tower.detach().clone()
    train(job, whole)
    assert not torch.equal(tower, before)
    parts = stopped_and_resumed(spec, library, tmp_path / "parts", stop_after)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    # The language model's rate is the one that is shown.
    assert whole.steps[7].learning_rate == 5e-3


def test_the_feature_cache_stays_empty_where_the_encoder_learns(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    for name, more, kept in (("frozen", (), True), ("learning", ENCODER, False)):
        (tmp_path / name).mkdir()
        spec, features = experiment(tiny_model, *more), tmp_path / f"features of {name}"
        with pytest.raises(Cancelled):
            train(prepare(tmp_path / name, spec, library, Notes(), features).job, Notes(stop_after=7))
        assert any(features.rglob("*.features")) is kept


CHANGES = (
    "augmentation.speed.probability=0.5",
    "augmentation.noise.probability=0.5",
    "augmentation.masks={}",
)


@pytest.mark.parametrize("stop_after", [7, 9])
def test_a_resumed_run_hears_its_recordings_changed_alike(
    tiny_model: Path, library: Library, tmp_path: Path, stop_after: int
) -> None:
    spec, whole, plain = experiment(tiny_model, *CHANGES), Notes(), Notes()
    train(make_job(spec, library, tmp_path / "whole"), whole)
    parts = stopped_and_resumed(spec, library, tmp_path / "parts", stop_after)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    train(make_job(experiment(tiny_model), library, tmp_path / "plain"), plain)
    assert plain.losses[:6] == whole.losses[:6]
    assert plain.losses[6] != pytest.approx(whole.losses[6], rel=1e-4)


def test_validation_hears_recordings_as_they_are_and_nothing_is_kept(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    spec = experiment(tiny_model, *CHANGES, "stage.0.learning_rate=1e-12", "stage.1.learning_rate=1e-12")
    notes = Notes()
    train(prepare(tmp_path / "run", spec, library, Notes(), tmp_path / "features").job, notes)
    answers = [[each.confidence for each in result.predictions] for _, _, result in notes.evaluations]
    assert all(each == pytest.approx(answers[0], rel=1e-4) for each in answers)
    assert not list((tmp_path / "features").rglob("*.features"))


def test_the_weights_of_every_stage_but_the_last_are_kept_and_can_be_tried(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    spec = experiment(tiny_model)
    run = tmp_path / "run"
    job = make_job(spec, library, run)
    (run / EXPERIMENT_FILE).write_text(tomli_w.dumps(spec.model_dump(mode="json", exclude_none=True)))
    train(job, Notes())
    assert [stage for stage, _ in stage_models(run)] == list(range(1, len(spec.stage)))
    publish_weights(job.checkpoints, run / "adapter")
    first, result = (Predictor.load(folder) for folder in (stage_models(run)[0].folder, run))
    assert first.grammar.ontology == result.grammar.ontology
    texts = ["turn on the lights", "wake me at six"]
    assert (first.intent_probabilities(texts) != result.intent_probabilities(texts)).any()
    # A run killed when the stage was kept but its checkpoint was not ends the stage once more.
    kept = sorted(path.name for path in (run / "stages").rglob("*"))
    shutil.rmtree(job.checkpoints)
    train(make_job(spec, library, run), Notes())
    assert sorted(path.name for path in (run / "stages").rglob("*")) == kept


def test_large_weights_of_a_stage_are_not_kept(
    tiny_model: Path, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "LARGEST_STAGE", 1)
    train(make_job(experiment(tiny_model), library, tmp_path / "run"), Notes())
    assert stage_models(tmp_path / "run") == []
