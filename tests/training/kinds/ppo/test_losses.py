"""The clipped losses: their gradients, their limits, and what lies outside an answer."""

import pytest
import torch

from training.kinds.ppo.losses import policy_loss, value_loss, weighted_mean

pytestmark = pytest.mark.models


def given(seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(3, 4, generator=generator, dtype=torch.float64) for _ in range(3)]


def test_gradients_agree_with_finite_differences() -> None:
    old, advantages, new = given(0)
    weights = torch.tensor([[1.0, 1, 1, 0], [0.5, 0.5, 0, 0], [2, 2, 2, 2]], dtype=torch.float64)
    new = (old + 0.1 * new).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: policy_loss(x, old, advantages, weights, 0.2), [new])
    assert torch.autograd.gradcheck(lambda x: value_loss(x, old, advantages, weights, 0.2), [new])


def test_first_gradient_is_that_of_the_policy_gradient() -> None:
    old, advantages, _ = given(1)
    weights = torch.ones(3, 4, dtype=torch.float64)
    new = old.clone().requires_grad_()
    policy_loss(new, old, advantages, weights, 0.2).backward()
    assert new.grad is not None
    torch.testing.assert_close(new.grad, -advantages / 12)  # d/dx exp(x - x_old) A = A


def test_policies_far_off_get_no_further_push() -> None:
    old, weights = torch.zeros(1, 2), torch.ones(1, 2)
    advantages = torch.tensor([[1.0, -1.0]])
    new = torch.tensor([[0.5, -0.5]], requires_grad=True)  # both went the right way, beyond the clip
    policy_loss(new, old, advantages, weights, 0.2).backward()
    assert new.grad is not None
    assert (new.grad == 0).all()
    back = torch.tensor([[-0.5, 0.5]], requires_grad=True)  # both went the wrong way: the push stays
    policy_loss(back, old, advantages, weights, 0.2).backward()
    assert back.grad is not None
    assert (back.grad != 0).all()


def test_what_weighs_nothing_counts_nothing() -> None:
    old, advantages, new = given(2)
    weights = torch.ones(3, 4, dtype=torch.float64)
    weights[:, 2:] = 0
    wild = new.clone()
    wild[:, 2:] = 1e6
    expected = policy_loss(new, old, advantages, weights, 0.2)
    torch.testing.assert_close(policy_loss(wild, old, advantages, weights, 0.2), expected)
    assert weighted_mean(new, torch.zeros_like(new)) == 0
