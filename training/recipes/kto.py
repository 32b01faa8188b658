"""The recipe of `training.kinds.kto`."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from training.recipes.base import TrainerRecipe


class KtoRecipe(TrainerRecipe):
    """Tune a policy on single answers marked good or bad (Ethayarajh et al. 2024, arXiv 2402.01306).

    The pairs are taken apart; a batch holds good and bad answers in turn, to different prompts, and at least
    two of them: the loss estimates the distance from the reference on mismatched answers of the batch.
    """

    kind: Literal["kto"]
    beta: PositiveFloat = 0.1
    batch_size: Annotated[int, Field(ge=2)] = 4
    gradient_accumulation: Annotated[int, Field(gt=0)] = 1
    desirable_weight: PositiveFloat = 1.0
    undesirable_weight: PositiveFloat = 1.0
