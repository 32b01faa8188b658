"""The recipe of `training.kinds.ppo`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from training.recipes.rewarded import RewardedRecipe

Share = Annotated[float, Field(ge=0, le=1)]


class PpoRecipe(RewardedRecipe):
    """Tune a policy by PPO with an actor, a critic and a price on leaving the start (arXiv 1909.08593).

    The answers of a step are gone through `passes` times in batches of `batch_size`, an update each. With
    `target_kl` (nats an answer) `beta` adapts to hold that distance. An answer cut off at `max_new_tokens`
    loses `unfinished_penalty`.
    """

    kind: Literal["ppo"]
    passes: PositiveInt = 2
    target_kl: PositiveFloat | None = None
    kl_horizon: PositiveFloat = 1000.0
    clip: Annotated[float, Field(gt=0, lt=1)] = 0.2
    value_clip: PositiveFloat = 0.2
    value_weight: NonNegativeFloat = 0.5
    discount: Share = 1.0
    trace_decay: Share = 0.95
    unfinished_penalty: NonNegativeFloat = 1.0

    @model_validator(mode="after")
    def _figures_stay_here(self) -> "PpoRecipe":
        if self.report_to:
            raise ValueError("report_to: ppo writes its figures to progress.jsonl only; leave the list empty")
        return self
