"""PPO reaches the distribution that theory says is best, pi* proportional to pi_ref * exp(r / price)."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.kinds.ppo.actor_critic import ActorCritic, Texts
from training.kinds.ppo.kl_price import KlPrice
from training.kinds.ppo.learner import Learner, Settings
from training.kinds.ppo.sampler import Rollout, Sampler

pytestmark = pytest.mark.models
Make = Callable[..., ActorCritic]
PROMPT = [1, 2, 3]


def distribution(
    models: ActorCritic, answers: Sequence[tuple[int, ...]], reference: bool = False
) -> NDArray[np.float64]:
    """Give the exact chance of each answer to the prompt."""
    texts = Texts([Rollout(0, PROMPT, list(answer), True) for answer in answers], 0, torch.device("cpu"))
    with torch.no_grad():
        log_probs = models.reference_log_probs(texts) if reference else models.log_probs(texts)
    return np.exp(log_probs.sum(dim=1).double().numpy())


def reach(models: ActorCritic, rewards: dict[tuple[int, ...], float], price: float, steps: int) -> Learner:
    """Train on the one prompt with the reward of each whole answer."""
    length = len(next(iter(rewards)))
    learner = Learner(
        models,
        Sampler(max_new_tokens=length, end_ids=(), pad_id=0, batch_size=128),
        lambda rollouts: [rewards[tuple(one.answer_ids)] for one in rollouts],
        KlPrice(price),
        Settings(learning_rate=8e-3, batch_size=64, passes=2, value_clip=1.0),
    )
    for step in range(steps):
        learner.step([(0, PROMPT)] * 128, [1.0] * 128, seed=step, rate=1 - step / steps)
    return learner


@pytest.mark.parametrize(
    ("length", "vocabulary", "steps"), [(1, 8, 30), pytest.param(2, 4, 90, marks=pytest.mark.slow)]
)
def test_policy_reaches_the_known_optimum(
    make_models: Make, length: int, vocabulary: int, steps: int
) -> None:
    models = make_models(vocabulary)
    answers = list(itertools.product(range(vocabulary), repeat=length))
    values = np.random.default_rng(1).normal(size=len(answers))
    rewards = dict(zip(answers, map(float, values), strict=True))
    price = 0.7
    start = distribution(models, answers, reference=True)
    best = start * np.exp(values / price)
    best /= best.sum()
    np.testing.assert_allclose(distribution(models, answers), start, rtol=1e-4)  # adapters begin at nothing
    reach(models, rewards, price, steps)
    reached = distribution(models, answers)
    np.testing.assert_allclose(distribution(models, answers, reference=True), start, rtol=1e-5)

    def away(chances: NDArray[np.float64]) -> float:
        return float(np.abs(chances - best).sum() / 2)

    def worth(chances: NDArray[np.float64]) -> float:
        return float(chances @ values - price * (chances @ np.log(chances / start)))

    assert away(start) > 0.2
    assert away(reached) < 0.05
    assert worth(reached) > worth(best) - 0.02  # no distribution is worth more than the best one
    assert worth(best) > worth(start) + 0.1


@pytest.mark.slow
def test_critic_learns_what_is_to_come(make_models: Make) -> None:
    models = make_models(4)
    rewards = {(token,): 2.0 for token in range(4)}
    reach(models, rewards, price=0.0, steps=25)
    texts = Texts([Rollout(0, PROMPT, [1], True)], 0, torch.device("cpu"))
    with torch.no_grad():
        assert models.values(texts).sum().item() == pytest.approx(2.0, abs=0.3)


def test_step_depends_on_its_seed_alone(make_models: Make) -> None:
    rewards = {(token,): float(token) for token in range(4)}
    figures = []
    for _ in range(2):
        torch.manual_seed(np.random.default_rng().integers(2**31))  # whatever happened before
        learner = reach(make_models(4), rewards, price=0.1, steps=2)
        figures.append(learner.step([(0, PROMPT)] * 8, [1.0] * 8, seed=9))
    assert figures[0] == figures[1]


def test_prompts_of_weight_zero_teach_nothing(make_models: Make) -> None:
    models = make_models(4)
    before = distribution(models, [(token,) for token in range(4)])
    learner = reach(models, {(token,): float(token) for token in range(4)}, price=0.1, steps=0)
    learner.step([(0, PROMPT)] * 16, [0.0] * 16, seed=0)
    np.testing.assert_allclose(distribution(models, [(token,) for token in range(4)]), before, rtol=1e-5)
