"""The frozen trunk changes the cost and nothing else."""

from pathlib import Path

import pytest
import torch

from training.adapters import decoder_layers
from training.frozen_trunk import FrozenTrunk
from training.loading import load_policy

pytestmark = pytest.mark.models


def test_outputs_and_gradients_are_exactly_the_same(tiny_folder: Path) -> None:
    plain, trunked = load_policy(tiny_folder), load_policy(tiny_folder)
    for model in (plain, trunked):
        model.requires_grad_(False)
        decoder_layers(model)[3].requires_grad_(True)
    trunk = FrozenTrunk(decoder_layers(trunked), depth=3)
    ids = torch.arange(2 * 9).reshape(2, 9)
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    for _ in range(2):  # computed, then remembered
        outputs = [model(input_ids=ids, attention_mask=mask, use_cache=False) for model in (plain, trunked)]
        assert torch.equal(outputs[0].logits, outputs[1].logits)
    assert len(trunk) == 1
    for output in outputs:
        output.logits.square().mean().backward()
    weight = "self_attn.q_proj.weight"
    gradients = [decoder_layers(model)[3].get_parameter(weight).grad for model in (plain, trunked)]
    assert gradients[0] is not None
    assert gradients[1] is not None
    assert torch.equal(gradients[0], gradients[1])


def test_other_masks_are_other_texts_and_room_is_limited(tiny_folder: Path) -> None:
    model = load_policy(tiny_folder)
    one_text = 2 * 5 * model.config.hidden_size * 4
    trunk = FrozenTrunk(decoder_layers(model), depth=2, max_bytes=2 * one_text)
    ids = torch.arange(10).reshape(2, 5)
    mask = torch.ones_like(ids)
    with torch.no_grad():
        model(input_ids=ids, attention_mask=mask, use_cache=False)
        mask[0, 4] = 0
        model(input_ids=ids, attention_mask=mask, use_cache=False)
        assert len(trunk) == 2
        model(input_ids=ids + 1, attention_mask=mask, use_cache=False)
    assert len(trunk) == 2


def test_no_frozen_layers_leave_the_model_alone(tiny_folder: Path) -> None:
    model = load_policy(tiny_folder)
    FrozenTrunk(decoder_layers(model), depth=0)
    assert "forward" not in vars(decoder_layers(model)[0])
