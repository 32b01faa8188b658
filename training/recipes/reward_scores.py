"""What the recipes of both reward models have in common: ensembles, and control of the length bias."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from training.recipes.base import BaseRecipe


class RewardScores(BaseRecipe):
    """Describe how heads become one score, and what is done about length.

    With `heads` above 1 each head sees the rows by weights of its own (a Bayesian bootstrap). `ensemble`
    joins them: their mean, the worst (lowest) one, or mean - `penalty` * variance. `length_control`: offset
    fits beside an effect of length that is left out when scoring, residual takes the effect off afterwards.
    """

    heads: PositiveInt = 1
    ensemble: Literal["mean", "worst", "penalised"] = "mean"
    penalty: NonNegativeFloat = 1.0
    length_control: Literal["none", "offset", "residual"] = "none"
