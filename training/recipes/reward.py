"""The recipe of `training.kinds.reward`."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from training.recipes.base import TrainerRecipe
from training.recipes.reward_scores import RewardScores


class RewardRecipe(RewardScores, TrainerRecipe):
    """Train a reward model: a causal base with a score head, pairwise loss.

    `depth` keeps only that many of the base's lower layers and scores from there; time falls in proportion.
    `full` trains every weight instead of adapters.
    """

    kind: Literal["reward"]
    depth: PositiveInt | None = None
    center_rewards_coefficient: NonNegativeFloat = 0.01
    full: bool = False
