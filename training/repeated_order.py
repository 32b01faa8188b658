"""The order of prompts in TRL's trainers that generate, made the same after a resume."""

from types import MethodType
from typing import Any


class SameOrderAfterResume:
    """Shuffle each epoch by its own seed, whichever epochs this process has seen.

    A mixin to put before a TRL trainer that draws answers while it trains (GRPO, RLOO, distillation). Their
    sampler goes on with one generator from epoch to epoch, so a run resumed in its second epoch would meet
    the prompts in the order of the first.
    """

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        sampler = super()._get_train_sampler(dataset)  # type: ignore[misc]
        sampler.set_epoch = MethodType(_shuffle_by_epoch, sampler)  # Trainer calls it where there is one
        return sampler


def _shuffle_by_epoch(sampler: Any, epoch: int) -> None:
    if sampler.shuffle:
        sampler.generator.manual_seed(sampler.seed + epoch)
