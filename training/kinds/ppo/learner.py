"""One step of PPO: draw, score, and update actor and critic on what was drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from training.kinds.ppo.actor_critic import ActorCritic
from training.kinds.ppo.buffer import Buffer
from training.kinds.ppo.experience import Batch, Experience, collate, gather_experience
from training.kinds.ppo.kl_price import KlPrice
from training.kinds.ppo.losses import policy_loss, value_loss
from training.kinds.ppo.sampler import Rollout, Sampler

Score = Callable[[Sequence[Rollout]], Sequence[float]]
MAX_GRADIENT = 1.0


@dataclass(frozen=True)
class Settings:
    """Hold what a step needs to know; see `training.recipes.ppo`."""

    learning_rate: float
    batch_size: int
    passes: int = 2
    clip: float = 0.2
    value_clip: float = 0.2
    value_weight: float = 0.5
    discount: float = 1.0
    trace_decay: float = 0.95


@dataclass(frozen=True)
class StepFigures:
    """Hold a step's figures: means over its answers; the loss is that of the updates."""

    loss: float
    reward: float
    distance: float
    price: float
    finished: float
    tokens: int


class Learner:
    """Draw answers, score them with `score`, and learn from them.

    What a step does depends on the parameters, the optimiser, the price and the step's seed alone, so a run
    that goes on from a checkpoint ends where one that was never stopped ends.
    """

    def __init__(
        self, models: ActorCritic, sampler: Sampler, score: Score, price: KlPrice, settings: Settings
    ) -> None:
        self.models, self.price = models, price
        self._sampler, self._score, self._settings = sampler, score, settings
        parameters = list(models.trainable().values())
        for parameter in parameters:
            parameter.requires_grad_(True)
        self.optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0)

    def step(
        self,
        prompts: Sequence[tuple[int, list[int]]],
        weights: Sequence[float],
        seed: int,
        rate: float = 1.0,
    ) -> StepFigures:
        """Draw an answer to each prompt and learn; `rate` scales the learning rate."""
        rng = np.random.default_rng(seed)
        rollouts = self._sampler.draw(self.models.actor(), prompts, int(rng.integers(2**31)))
        scores = [float(score) for score in self._score(rollouts)]
        experiences = self._gather(rollouts, scores, weights)
        for group in self.optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * rate
        losses = [
            self._update(collate(batch, self._sampler.pad_id, self.models.base.device))
            for batch in Buffer(experiences).batches(self._settings.batch_size, self._settings.passes, rng)
        ]
        distance = float(np.mean([one.distance for one in experiences]))
        figures = StepFigures(
            loss=float(np.mean(losses)),
            reward=float(np.mean(scores)),
            distance=distance,
            price=self.price.value,
            finished=float(np.mean([one.finished for one in rollouts])),
            tokens=sum(len(one.answer_ids) for one in rollouts),
        )
        self.price.adapt(distance, len(rollouts))
        return figures

    def _gather(
        self, rollouts: Sequence[Rollout], scores: Sequence[float], weights: Sequence[float]
    ) -> list[Experience]:
        settings = self._settings
        return gather_experience(
            self.models,
            rollouts,
            scores,
            weights,
            self.price.value,
            settings.discount,
            settings.trace_decay,
            self._sampler.pad_id,
            settings.batch_size,
        )

    def _update(self, batch: Batch) -> float:
        settings = self._settings
        self.models.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        # Actor and critic share a base: each is switched on for its own forward and backward pass.
        log_probs = self.models.log_probs(batch.texts)
        loss = policy_loss(log_probs, batch.log_probs, batch.advantages, batch.weights, settings.clip)
        torch.autograd.backward(loss)
        values = self.models.values(batch.texts)
        error = value_loss(values, batch.values, batch.returns, batch.weights, settings.value_clip)
        torch.autograd.backward(settings.value_weight * error)
        parameters = [one for group in self.optimizer.param_groups for one in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT)
        self.optimizer.step()
        return float(loss.detach() + settings.value_weight * error.detach())
