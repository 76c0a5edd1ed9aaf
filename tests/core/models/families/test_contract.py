"""One contract over all families, each against the stock model of transformers with the same weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, distributed
from transformers import PreTrainedModel

from core.audio.files import SAMPLE_RATE
from core.data.targets import INSTRUCTION
from core.errors import UserError
from core.experiment.augmentation import AugmentationSpec, MaskSpec
from core.experiment.weights import LoraSpec
from core.inference.decoding import Session
from core.inference.predictor import Predictor
from core.models.audio_encoder import encoder_weights
from core.models.base import BaseFamily
from core.models.family import IGNORE, LalmFamily, ModelInput, Samples
from core.models.full import FullWeights
from core.models.loading import base_model_facts
from core.models.lora import add_adapter, load_adapter
from core.models.registry import FAMILIES
from core.training.sharding import divide, is_divided
from tests.core.inference.test_decoding import probability_by_walking
from tests.core.models.families.contract import TinyFamily, tiny_family
from tests.core.models.fixtures import ONTOLOGY, TARGET, load_tiny, own_logits, target_ids

TEXT = "turn on the kitchen lights"
# From the shortest that is heard on, around the borders of frames (160 samples) and tokens (4 or 8 frames).
LENGTHS = [1600, 1920, 1921, 16000, 16159, 16160, 16161, 16320, 16480, 16640, 20479, 20480, 20481, 40001]

pytestmark = pytest.mark.parametrize("model_type", sorted(FAMILIES), scope="module")
Noise = Callable[[int], Samples]


@pytest.fixture(scope="module")
def tiny(model_type: str) -> TinyFamily:
    return tiny_family(model_type)


@pytest.fixture(scope="module")
def folder(tiny: TinyFamily, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    tiny.build(path)
    return path


@pytest.fixture
def family(folder: Path) -> BaseFamily:
    loaded = load_tiny(folder)
    assert isinstance(loaded, BaseFamily)
    return loaded


def stock(family: LalmFamily, inputs: dict[str, Tensor], **more: Any) -> Any:
    with torch.no_grad():
        return family.model(**inputs, **more)


def longer(inputs: dict[str, Tensor], tokens: list[int]) -> dict[str, Tensor]:
    """The prompt with more tokens behind it; whatever else runs beside the tokens goes on as in text."""
    width, added = inputs["input_ids"].shape[1], torch.tensor([tokens])
    beside = {
        name: torch.cat([value, torch.full_like(added, int(name == "attention_mask"))], dim=1)
        for name, value in inputs.items()
        if value.dim() == 2 and value.shape == (1, width) and name != "input_ids"
    }
    return {**inputs, **beside, "input_ids": torch.cat([inputs["input_ids"], added], dim=1)}


def test_what_is_said_of_it_unloaded_is_true_of_the_loaded_model(family: BaseFamily, folder: Path) -> None:
    facts, saved = base_model_facts(str(folder)), family.model.state_dict()
    # What normalises by running statistics keeps them with the weights.
    statistics = [buffer for name, buffer in family.model.named_buffers() if name in saved]
    assert facts.parameters == sum(each.numel() for each in (*family.model.parameters(), *statistics))
    assert facts.window_s == family.window_s
    assert facts.knows_pseudo_audio == family.knows_pseudo_audio


def test_it_is_loaded_frozen(family: BaseFamily) -> None:
    assert not any(weight.requires_grad for weight in family.model.parameters())
    assert not family.model.training


def test_a_recording_of_any_length_is_heard_as_by_the_stock_model(
    family: BaseFamily, tiny: TinyFamily, folder: Path, noise: Noise
) -> None:
    window = round(family.window_s * SAMPLE_RATE)
    for length in [*LENGTHS, window - 1, window]:
        samples = noise(length)
        inputs = tiny.stock_inputs(folder, None, samples, INSTRUCTION)
        batch = family.collate([ModelInput(samples=samples)])
        assert batch.input_ids.tolist() == inputs["input_ids"].tolist(), length
        (own,) = own_logits(family, [ModelInput(samples=samples)])
        assert (own - stock(family, inputs).logits[0]).abs().max() < tiny.tolerance, length


def test_a_text_is_read_as_by_the_stock_model(family: BaseFamily, tiny: TinyFamily, folder: Path) -> None:
    inputs = tiny.stock_inputs(folder, TEXT, None, INSTRUCTION)
    (own,) = own_logits(family, [ModelInput(text=TEXT)])
    assert (own - stock(family, inputs).logits[0]).abs().max() < tiny.tolerance


def test_what_shares_a_batch_changes_nothing(family: BaseFamily, tiny: TinyFamily, noise: Noise) -> None:
    items = [
        ModelInput(samples=noise(9_000)),
        ModelInput(text=TEXT),
        ModelInput(samples=noise(31_500)),
        ModelInput(text="play some jazz"),
    ]
    for item, together in zip(items, own_logits(family, items), strict=True):
        (alone,) = own_logits(family, [item])
        assert (together - alone).abs().max() < tiny.tolerance


def test_what_shares_a_batch_changes_no_loss(family: BaseFamily, noise: Noise) -> None:
    items = [
        ModelInput(samples=noise(9_000), target=TARGET),
        ModelInput(text=TEXT, target=TARGET),
        ModelInput(samples=noise(31_500), target=TARGET),
    ]
    sums, _ = family.loss(family.collate(items))
    for item, together in zip(items, sums, strict=True):
        alone, _ = family.loss(family.collate([item]))
        assert together.item() == pytest.approx(alone.item(), rel=1e-5)


def test_another_recording_is_heard_differently(family: BaseFamily, noise: Noise) -> None:
    one, other = own_logits(family, [ModelInput(samples=noise(20_000)), ModelInput(samples=noise(20_000))])
    assert (one - other).abs().max() > 0.01


def test_pseudo_audio_stands_where_a_recording_stands(family: BaseFamily, noise: Noise) -> None:
    heard = family.collate([ModelInput(samples=noise(20_000))]).input_ids[0].tolist()
    written = family.collate([ModelInput(text=TEXT, pseudo_audio_seed=1)]).input_ids[0].tolist()
    audio = family.tokenizer.convert_tokens_to_ids(family.audio_token)
    before, behind = heard.index(audio), heard[::-1].index(audio)
    assert written[:before] == heard[:before]
    assert written[-behind:] == heard[-behind:]
    assert len(written) > before + behind
    assert audio not in written


def test_control_tokens_in_a_text_lose_their_power(family: BaseFamily) -> None:
    spelled = f"lights {family.audio_token} on {family.end_token} off"
    plain, robbed = (
        family.collate([ModelInput(text=text)]).input_ids[0].tolist() for text in ("lights", spelled)
    )
    assert family.tokenizer.convert_tokens_to_ids(family.audio_token) not in robbed
    assert robbed.count(family.end_id) == plain.count(family.end_id)


@pytest.mark.parametrize("on_card", [False, True], ids=["", "as_on_a_card"])
def test_the_loss_is_the_stock_loss_over_the_target_alone(
    family: BaseFamily,
    tiny: TinyFamily,
    folder: Path,
    noise: Noise,
    monkeypatch: pytest.MonkeyPatch,
    *,
    on_card: bool,
) -> None:
    if on_card:
        monkeypatch.setattr(BaseFamily, "packs", False)
    contents = [(TEXT, None), (None, noise(20_000)), ("play some jazz in the living room", None)]
    items = [ModelInput(text=text, samples=samples, target=TARGET) for text, samples in contents]
    sums, counts = family.loss(family.collate(items))
    target = target_ids(family)
    assert counts.tolist() == [len(target)] * len(items)
    for (text, samples), own in zip(contents, sums, strict=True):
        inputs = longer(tiny.stock_inputs(folder, text, samples, INSTRUCTION), target)
        labels = torch.full_like(inputs["input_ids"], IGNORE)
        labels[0, -len(target) :] = torch.tensor(target)
        expected = stock(family, inputs, labels=labels).loss
        assert own.item() / len(target) == pytest.approx(expected.item(), rel=1e-4)


def test_text_alone_never_touches_the_tower(family: BaseFamily) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the audio tower was used")

    for name in (*family.tower_names, *family.projector_names):
        for module in family.model.get_submodule(name).modules():
            module.register_forward_pre_hook(forbidden)
    family.loss(family.collate([ModelInput(text=TEXT, target=TARGET)]))


def test_an_adapter_goes_where_it_is_meant_and_nowhere_else(family: BaseFamily, tiny: TinyFamily) -> None:
    assert frozenset(family.lora_targets()) == tiny.lora
    tuned = add_adapter(family, LoraSpec(rank=2, alpha=4))
    learning = {name for name, weight in family.model.named_parameters() if weight.requires_grad}
    assert {name.partition(".lora_")[0] for name in learning} == tiny.lora
    assert len(tuned.parameters) == 2 * len(tiny.lora)


def test_an_adapter_learns_is_saved_and_comes_back(
    family: BaseFamily, folder: Path, tmp_path: Path, noise: Noise
) -> None:
    items = [ModelInput(text=TEXT, target=TARGET), ModelInput(samples=noise(20_000), target=TARGET)]
    tuned = add_adapter(family, LoraSpec(rank=4, alpha=8))
    statistics = {name: buffer.clone() for name, buffer in family.model.named_buffers()}
    optimizer = torch.optim.AdamW(tuned.parameters, lr=1e-2)
    losses = []
    for _ in range(3):
        sums, counts = family.loss(family.collate(items))
        loss = sums.sum() / counts.sum()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert all(torch.equal(buffer, statistics[name]) for name, buffer in family.model.named_buffers())
    tuned.save(tmp_path)
    again = load_tiny(folder)
    load_adapter(again, tmp_path, trainable=False)
    for own, other in zip(own_logits(family, items), own_logits(again, items), strict=True):
        assert torch.equal(own, other)


def test_gradient_checkpointing_gives_the_same_losses_and_gradients(family: BaseFamily, noise: Noise) -> None:
    items = [ModelInput(text=TEXT, target=TARGET), ModelInput(samples=noise(20_000), target=TARGET)]
    tuned = add_adapter(family, LoraSpec(rank=4, alpha=8, dropout=0.2))
    found: list[tuple[Tensor, list[Tensor]]] = []
    for checkpointed in (False, True):
        if checkpointed:
            family.checkpoint_gradients()
        torch.manual_seed(5)
        sums, _ = family.loss(family.collate(items))
        sums.sum().backward()
        found.append((sums.detach(), [weight.grad.clone() for weight in tuned.parameters]))
        for weight in tuned.parameters:
            weight.grad = None
    assert (found[0][0] - found[1][0]).abs().max() < 1e-6
    for plain, again in zip(found[0][1], found[1][1], strict=True):
        assert torch.allclose(plain, again, atol=1e-6)


def test_the_whole_language_model_learns_is_saved_and_comes_back(
    family: BaseFamily, folder: Path, tmp_path: Path, noise: Noise
) -> None:
    items = [ModelInput(text=TEXT, target=TARGET), ModelInput(samples=noise(20_000), target=TARGET)]
    before = own_logits(family, items)
    tuned = FullWeights(family, trainable=True, keep_base=False)
    optimizer = torch.optim.SGD(tuned.parameters, lr=0.05)
    family.loss(family.collate(items))[0].sum().backward()
    optimizer.step()
    tuned.save(tmp_path)
    again = load_tiny(folder)
    FullWeights(again, trainable=False, keep_base=False).load(tmp_path)
    for old, own, other in zip(before, own_logits(family, items), own_logits(again, items), strict=True):
        assert torch.equal(own, other)
        assert not torch.equal(own, old)


@pytest.fixture
def group_of_one() -> Iterator[None]:
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.usefixtures("group_of_one")
def test_divided_among_processes_it_learns_the_same(family: BaseFamily, noise: Noise) -> None:
    items = [ModelInput(text=TEXT, target=TARGET), ModelInput(samples=noise(20_000), target=TARGET)]
    tuned = FullWeights(family, trainable=True, keep_base=False)
    whole, _ = family.loss(family.collate(items))
    whole.sum().backward()
    expected = [weight.grad for weight in tuned.parameters]
    for weight in tuned.parameters:
        weight.grad = None
    division = divide(family)
    divided, _ = family.loss(family.collate(items))
    divided.sum().backward()
    assert torch.allclose(divided, whole, atol=1e-5)
    ends = [family.model.get_input_embeddings(), family.model.get_submodule(family.head_name)]
    tied = ends[0].weight is ends[1].weight
    assert [weight for weight in tuned.parameters if not is_divided(weight)] == [ends[0].weight] * tied
    for weight, gradient in zip(tuned.parameters, expected, strict=True):
        assert (weight.grad is None) == (gradient is None)
        if gradient is not None:
            found = weight.grad.full_tensor() if is_divided(weight) else weight.grad
            assert torch.allclose(found, gradient, atol=1e-5)
    with division.whole(), torch.no_grad():
        assert not any(map(is_divided, tuned.parameters))
        assert torch.allclose(family.loss(family.collate(items))[0], whole, atol=1e-5)


def test_every_weight_is_of_hearing_or_of_language(family: BaseFamily, tiny: TinyFamily) -> None:
    hearing = [
        name
        for prefix in (*family.tower_names, *family.projector_names)
        for name, _ in family.model.get_submodule(prefix).named_parameters(prefix=prefix)
    ]
    FullWeights(family, trainable=True, keep_base=False)
    learning = [name for name, weight in family.model.named_parameters() if weight.requires_grad]
    assert not set(hearing) & set(learning)
    rest = {name for name, _ in family.model.named_parameters()} - set(hearing) - set(learning)
    assert all(name.startswith(tiny.others) for name in rest) if tiny.others else not rest


def test_what_hears_can_learn_and_does_so_from_speech_alone(family: BaseFamily, noise: Noise) -> None:
    parts = [encoder_weights(family, "tower"), encoder_weights(family, "projector")]
    weights = [weight for part in parts for weight in part.values()]
    assert parts[0]
    family.let_encoder_learn()
    for weight in weights:
        weight.requires_grad_(True)
    items = [ModelInput(text=TEXT, target=TARGET), ModelInput(samples=noise(20_000), target=TARGET)]
    text, speech = family.loss(family.collate(items))[0]
    text.backward(retain_graph=True)
    assert not any(weight.grad is not None and weight.grad.any() for weight in weights)
    speech.backward()
    for part in parts:
        learning = [weight for weight in part.values() if weight.grad is not None and weight.grad.any()]
        assert len(learning) >= len(part) / 2


def test_an_encoder_of_sixteen_bits_learns_and_hears_outside_of_training_too(
    family: BaseFamily, noise: Noise
) -> None:
    family.model.bfloat16()
    batch = family.collate([ModelInput(samples=noise(20_000), target=TARGET)])
    with torch.no_grad():
        before = family.embed(batch).float()
    family.let_encoder_learn()
    weights = encoder_weights(family, "tower")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    for weight in weights.values():
        weight.requires_grad_(True)
    with torch.no_grad():
        assert torch.nn.functional.cosine_similarity(family.embed(batch).float(), before, dim=-1).min() > 0.9
    with torch.autocast("cpu", torch.bfloat16):
        loss = family.loss(batch)[0].sum()
    loss.backward()
    assert any(weight.grad is not None and weight.grad.any() for weight in weights.values())


def test_features_are_masked_along_time_and_only_where_there_is_sound(
    family: BaseFamily, noise: Noise
) -> None:
    frames = []
    for seconds in (1.37, 2.74):
        samples = noise(round(seconds * SAMPLE_RATE))
        features = family._features(samples)
        heard = family._sounding_frames(len(samples), features.shape[family.frames_axis])
        assert 0 < heard <= features.shape[family.frames_axis]
        frames.append(heard)
        family.augment(AugmentationSpec(masks=MaskSpec(times=0, bands=1, widest_band=0.5)))
        for seed in range(20):
            (masked,) = family.collate([ModelInput(samples=samples, augmentation_seed=seed)]).audio
            assert masked.features is not None
            changed = (masked.features != features).movedim(family.frames_axis, 0)
            # A band is hidden as long as there is sound.
            assert not changed[heard:].any()
            assert changed.any(0).sum() <= changed.shape[1] / 2
    assert frames[1] == pytest.approx(2 * frames[0], abs=3)


def test_what_was_heard_once_is_remembered_to_the_last_bit(
    folder: Path, tmp_path: Path, noise: Noise
) -> None:
    item = ModelInput(samples=noise(20_000))
    (direct,) = own_logits(load_tiny(folder), [item])
    first, again = load_tiny(folder), load_tiny(shutil.copytree(folder, tmp_path / "copy"))
    for family in (first, again):
        family.remember_features(tmp_path / "cache")
    (computed,) = own_logits(first, [item])
    assert again.collate([item]).audio[0].embeddings is not None
    (cached,) = own_logits(again, [item])
    assert torch.equal(computed, direct)
    assert torch.equal(cached, direct)


def test_it_answers_as_the_stock_model_generates(
    family: BaseFamily, tiny: TinyFamily, folder: Path, noise: Noise
) -> None:
    for text, samples in ((None, noise(20_000)), (TEXT, None)):
        inputs = tiny.stock_inputs(folder, text, samples, INSTRUCTION)
        # A model of random weights may well end at once.
        expected = family.model.generate(
            **inputs, max_new_tokens=6, min_new_tokens=6, do_sample=False, eos_token_id=None
        )[0, -6:]
        batch = family.collate([ModelInput(text=text, samples=samples)])
        with torch.no_grad():
            session = Session(family, batch, family.embed(batch), ())
            answer = []
            for _ in range(6):
                token = int(session.logits[0].argmax())
                answer.append(token)
                session.advance([[token]])
        assert answer == expected.tolist()


def test_a_label_is_as_likely_as_its_tokens_and_the_same_in_any_batch(
    family: BaseFamily, noise: Noise
) -> None:
    predictor = Predictor(family, ONTOLOGY)
    items: list[str | Samples] = [
        noise(9_000),
        TEXT,
        noise(31_500),
        "play some jazz in the living room, please",
    ]
    for item, together in zip(items, predictor.predict(items), strict=True):
        (alone,) = predictor.predict([item])
        assert together.label == alone.label
        assert together.confidence == pytest.approx(alone.confidence, abs=1e-4)
        assert together.slot_confidence == pytest.approx(alone.slot_confidence, abs=1e-3)
        if isinstance(item, str):
            assert alone.label is not None
            expected = probability_by_walking(family, item, alone.label.intent)
            assert alone.confidence == pytest.approx(expected, abs=1e-4)


def test_a_recording_longer_than_the_window_is_refused_with_both_lengths(
    family: BaseFamily, noise: Noise
) -> None:
    seconds = family.window_s + 0.5
    with pytest.raises(UserError, match=rf"{seconds:.1f} s.*at most {family.window_s:.0f} s"):
        family.collate([ModelInput(samples=noise(round(seconds * SAMPLE_RATE)))])


def test_a_recording_too_short_to_hear_is_refused(family: BaseFamily, noise: Noise) -> None:
    with pytest.raises(UserError, match="20 ms"):
        family.collate([ModelInput(samples=noise(320))])
    with pytest.raises(UserError, match="99 ms") as caught:
        family.collate([ModelInput(samples=noise(1584))])
    assert "100 ms" in caught.value.remedy


def test_it_takes_only_safetensors_and_runs_no_code_of_the_models(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    real = PreTrainedModel.from_pretrained.__func__  # type: ignore[attr-defined]

    def spy(cls: type, *args: object, **kwargs: object) -> object:
        asked.append(kwargs)
        return real(cls, *args, **kwargs)

    monkeypatch.setattr(PreTrainedModel, "from_pretrained", classmethod(spy))
    load_tiny(folder)
    assert asked
    assert all(each["use_safetensors"] is True and each["trust_remote_code"] is False for each in asked)
