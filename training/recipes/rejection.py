"""The recipe of `training.kinds.rejection`."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from training.recipes.base import BaseRecipe
from training.rows import PromptRow, Row


class RejectionRecipe(BaseRecipe):
    """Draw `samples` answers a prompt from the policy `base` and keep what the `reward` model likes.

    `best_of_n` keeps the best one; `rejection` keeps each with the chance exp((r - r_max) / beta), up to
    `keep` of them (Liu et al. 2023, arXiv 2309.06657). Answers that were cut off are never kept.
    """

    row: ClassVar[type[Row]] = PromptRow
    kind: Literal["rejection"]
    reward: Path
    method: Literal["best_of_n", "rejection"] = "best_of_n"
    samples: Annotated[int, Field(ge=2)] = 8
    beta: PositiveFloat | None = None
    keep: PositiveInt | None = None
    max_new_tokens: PositiveInt = 128
    temperature: PositiveFloat = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    batch_size: PositiveInt = 8

    @model_validator(mode="after")
    def _beta_belongs_to_rejection(self) -> "RejectionRecipe":
        if (self.method == "rejection") != (self.beta is not None):
            raise ValueError("beta belongs to method rejection, which cannot do without it")
        if self.method == "best_of_n" and self.keep is not None:
            raise ValueError("keep has no effect with method best_of_n")
        return self
