"""Advantages are what their definition says, whatever the padding."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.kinds.ppo.advantages import estimate_advantages

pytestmark = pytest.mark.models


def by_definition(rewards: list[float], values: list[float], discount: float, decay: float) -> list[float]:
    following = [*values[1:], 0.0]
    deltas = [r + discount * n - v for r, n, v in zip(rewards, following, values, strict=True)]
    return [
        sum((discount * decay) ** k * delta for k, delta in enumerate(deltas[t:])) for t in range(len(deltas))
    ]


@given(
    length=st.integers(1, 6),
    before=st.integers(0, 3),
    behind=st.integers(0, 3),
    seed=st.integers(0, 999),
    discount=st.sampled_from([1.0, 0.9]),
    decay=st.sampled_from([0.0, 0.95, 1.0]),
)
def test_advantages_follow_the_definition(
    length: int, before: int, behind: int, seed: int, discount: float, decay: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    rewards, values = torch.randn(2, length, generator=generator, dtype=torch.float64)
    whole = before + length + behind
    mask = torch.zeros(1, whole, dtype=torch.bool)
    mask[0, before : before + length] = True
    padded = [torch.zeros(1, whole, dtype=torch.float64).masked_scatter(mask, x) for x in (rewards, values)]
    advantages, returns = estimate_advantages(*padded, mask, discount, decay)
    wanted = by_definition(rewards.tolist(), values.tolist(), discount, decay)
    assert advantages[mask].tolist() == pytest.approx(wanted)
    targets = [a + v for a, v in zip(wanted, values.tolist(), strict=True)]
    assert returns[mask].tolist() == pytest.approx(targets)
    assert (advantages[~mask] == 0).all()
    assert (returns[~mask] == 0).all()
