"""Answers are drawn from the policy itself, by the seed, and end where they end."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from training.kinds.ppo.actor_critic import ActorCritic, Texts
from training.kinds.ppo.sampler import Rollout, Sampler

pytestmark = pytest.mark.models
PROMPT = [1, 2, 3]


def test_tokens_come_as_often_as_the_policy_says(make_models: Callable[..., ActorCritic]) -> None:
    models = make_models(6)
    sampler = Sampler(max_new_tokens=1, end_ids=(), pad_id=0, batch_size=3000)
    drawn = sampler.draw(models.actor(), [(0, PROMPT)] * 3000, seed=3)
    counts = np.bincount([one.answer_ids[0] for one in drawn], minlength=6) / 3000
    texts = Texts([Rollout(0, PROMPT, [token], True) for token in range(6)], 0, torch.device("cpu"))
    with torch.no_grad():
        chances = models.log_probs(texts).sum(dim=1).exp().numpy()
    np.testing.assert_allclose(counts, chances, atol=0.04)


def test_seed_decides_and_padding_does_not_matter(make_models: Callable[..., ActorCritic]) -> None:
    models = make_models(6)
    sampler = Sampler(max_new_tokens=5, end_ids=(4,), pad_id=0, batch_size=4)
    prompts = [(number, PROMPT[: 1 + number % 3]) for number in range(8)]
    first, again = (sampler.draw(models.actor(), prompts, seed=1) for _ in range(2))
    other = sampler.draw(models.actor(), prompts, seed=2)
    assert first == again
    assert first != other
    for (number, prompt), one in zip(prompts, first, strict=True):
        assert (one.prompt, one.prompt_ids) == (number, prompt)
        assert one.finished == (one.answer_ids[-1] == 4)
        assert 4 not in one.answer_ids[:-1]
        assert one.finished or len(one.answer_ids) == 5


def test_padded_batches_score_like_single_texts(make_models: Callable[..., ActorCritic]) -> None:
    models = make_models(6)
    rollouts = [Rollout(0, [1, 2, 3], [4, 5], True), Rollout(0, [1], [2, 3, 4, 5], True)]
    place = torch.device("cpu")
    with torch.no_grad():
        together = models.log_probs(Texts(rollouts, 0, place))
        for number, one in enumerate(rollouts):
            alone = models.log_probs(Texts([one], 0, place))[0]
            torch.testing.assert_close(together[number, : len(alone)], alone)
            mask = Texts([one], 0, place).answer_mask[0]
            assert int(mask.sum()) == len(one.answer_ids)
            assert (alone[~mask] == 0).all()
