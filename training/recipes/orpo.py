"""The recipe of `training.kinds.orpo`."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveFloat, model_validator

from training.recipes.base import TrainerRecipe


class OrpoRecipe(TrainerRecipe):
    """Tune a policy on preferences without a reference model, by mean log-probabilities a token.

    `orpo`: likelihood of the chosen answer + beta * odds ratio (Hong et al. 2024, arXiv 2403.07691). `simpo`:
    beta * their gap must exceed `target_gap` (Meng et al. 2024, arXiv 2405.14734).
    """

    kind: Literal["orpo"]
    loss: Literal["orpo", "simpo"] = "orpo"
    beta: PositiveFloat = 0.1
    target_gap: NonNegativeFloat = 0.0

    @model_validator(mode="after")
    def _gap_is_used(self) -> "OrpoRecipe":
        if self.target_gap and self.loss != "simpo":
            raise ValueError(f"target_gap has no effect with loss {self.loss}; use loss simpo")
        return self
