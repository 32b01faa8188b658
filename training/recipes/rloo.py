"""The recipe of `training.kinds.rloo`."""

from typing import Literal

from pydantic import PositiveFloat

from training.recipes.rewarded import RewardedRecipe


class RlooRecipe(RewardedRecipe):
    """Tune a policy by REINFORCE against the mean of the other answers (leave one out, arXiv 2402.14740)."""

    kind: Literal["rloo"]
    temperature: PositiveFloat = 1.0
