"""Reading a shared beginning once changes the cost and nothing else."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.adapters import decoder_layers
from training.loading import load_policy
from training.shared_prompt import join, share_prompts

pytestmark = pytest.mark.models


def batch(*texts: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad texts on the right."""
    length = max(map(len, texts))
    ids = torch.tensor([text + [2] * (length - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (length - len(text)) for text in texts])
    return ids, mask


PROMPT = list(range(100, 140))
PAIR = batch([*PROMPT, 7, 8, 9, 10, 11], [*PROMPT, 7, 12, 13])


@pytest.mark.parametrize("given_batch", [PAIR, batch([*PROMPT, 5], [*PROMPT, 6, 7], PROMPT)])
def test_states_and_gradients_are_the_same(
    tiny_folder: Path, given_batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    plain, sharing = load_policy(tiny_folder), load_policy(tiny_folder)
    read: list[int] = []
    layer = decoder_layers(sharing)[0]
    layer.register_forward_pre_hook(lambda _layer, states: read.append(states[0][..., 0].numel()))
    share_prompts(sharing)
    ids, mask = given_batch
    logits = [model(input_ids=ids, attention_mask=mask, use_cache=False).logits for model in (plain, sharing)]
    assert torch.allclose(logits[0][mask.bool()], logits[1][mask.bool()], atol=1e-5)
    shared = int((ids == ids[0]).all(dim=0).long().cumprod(dim=0).sum())
    assert read == [shared + int(mask.sum()) - shared * len(ids)]
    weight = "self_attn.k_proj.weight"
    for one in logits:
        one[mask.bool()].square().mean().backward()
    first, second = [decoder_layers(model)[1].get_parameter(weight).grad for model in (plain, sharing)]
    assert first is not None
    assert torch.allclose(first, second, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("how", ["left", "cache", "strangers"])
def test_other_batches_are_read_as_they_are(tiny_folder: Path, how: str) -> None:
    plain, sharing = load_policy(tiny_folder), load_policy(tiny_folder)
    share_prompts(sharing)
    ids, mask = PAIR
    if how == "left":
        ids, mask = ids.flip(1), mask.flip(1)
    if how == "strangers":
        ids = torch.stack([ids[0], ids[0] + 1])
    outputs = [
        model(input_ids=ids, attention_mask=mask, use_cache=how == "cache") for model in (plain, sharing)
    ]
    assert torch.equal(outputs[0].logits, outputs[1].logits)
    assert (outputs[1].past_key_values is None) == (how != "cache")


def test_a_decoder_that_looks_back_only_so_far_is_left_alone(tiny_folder: Path) -> None:
    model = load_policy(tiny_folder)
    model.config.sliding_window = 16
    share_prompts(model)
    assert "forward" not in vars(model.base_model)


@given(
    st.lists(st.integers(0, 3), min_size=8, max_size=20),
    st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=2, max_size=4),
)
def test_every_token_keeps_its_place_and_sees_its_own_past(prompt: list[int], tails: list[list[int]]) -> None:
    ids, mask = batch(*([*prompt, *tail] for tail in tails))
    joined = join(ids, mask, torch.float32)
    if joined is None:
        return
    sees = joined.mask[0, 0] == 0
    for text, length in enumerate(mask.sum(dim=1).tolist()):
        went = joined.index[text, :length]
        assert joined.input_ids[0, went].tolist() == ids[text, :length].tolist()
        assert joined.position_ids[0, went].tolist() == list(range(length))
        for place, at in enumerate(went.tolist()):
            assert sees[at].nonzero().squeeze(1).tolist() == sorted(went[: place + 1].tolist())
