"""A checkpoint brings back every number: parameters, moments, price; a damaged one is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from training.errors import ModelError
from training.kinds.ppo.actor_critic import ActorCritic
from training.kinds.ppo.checkpoints import Progress, load_checkpoint, save_checkpoint
from training.kinds.ppo.kl_price import KlPrice
from training.kinds.ppo.learner import Learner, Settings
from training.kinds.ppo.sampler import Sampler

pytestmark = pytest.mark.models
Make = Callable[..., ActorCritic]


def learner(models: ActorCritic) -> Learner:
    sampler = Sampler(max_new_tokens=2, end_ids=(), pad_id=0)
    settings = Settings(learning_rate=1e-2, batch_size=4)
    return Learner(models, sampler, lambda rollouts: [1.0 for _ in rollouts], KlPrice(0.1, 1.0), settings)


def weights(models: ActorCritic) -> dict[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in models.trainable().items()}


def test_steps_after_a_checkpoint_are_the_same(make_models: Make, tmp_path: Path) -> None:
    prompts = [(0, [1, 2, 3])] * 8
    first = learner(make_models(6))
    first.step(prompts, [1.0] * 8, seed=0)
    done = Progress(1, first.price.value, [0.5])
    save_checkpoint(tmp_path, first.models.trainable(), first.optimizer, done)
    first.step(prompts, [1.0] * 8, seed=1)
    second = learner(make_models(6, seed=0))
    assert load_checkpoint(tmp_path, second.models.trainable(), second.optimizer) == ("checkpoint-1", done)
    second.price.value = done.price
    second.step(prompts, [1.0] * 8, seed=1)
    ours, theirs = weights(first.models), weights(second.models)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_only_the_newest_are_kept_and_none_is_none(make_models: Make, tmp_path: Path) -> None:
    models = make_models(6)
    made = learner(models)
    assert load_checkpoint(tmp_path, models.trainable(), made.optimizer) is None
    made.step([(0, [1, 2])] * 4, [1.0] * 4, seed=0)
    for step in (8, 9, 10):
        save_checkpoint(tmp_path, models.trainable(), made.optimizer, Progress(step, 0.1, [1.0]))
    assert {one.name for one in tmp_path.iterdir()} == {"checkpoint-9", "checkpoint-10"}


def test_checkpoints_of_another_model_are_refused(make_models: Make, tmp_path: Path) -> None:
    made = learner(make_models(6))
    made.step([(0, [1, 2])] * 4, [1.0] * 4, seed=0)
    parameters = made.models.trainable()
    one_less = dict(list(parameters.items())[1:])
    save_checkpoint(tmp_path, one_less, made.optimizer, Progress(1, 0.1, [1.0]))
    with pytest.raises(ModelError, match="not a checkpoint of this run"):
        load_checkpoint(tmp_path, parameters, made.optimizer)
