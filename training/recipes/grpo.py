"""The recipe of `training.kinds.grpo`."""

from typing import Literal

from pydantic import PositiveFloat

from training.recipes.rewarded import RewardedRecipe


class GrpoRecipe(RewardedRecipe):
    """Tune a policy by rewards relative to the other answers to the same prompt (GRPO, arXiv 2402.03300)."""

    kind: Literal["grpo"]
    temperature: PositiveFloat = 1.0
    loss: Literal["dapo", "grpo", "dr_grpo", "bnpo"] = "dapo"
