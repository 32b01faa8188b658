"""What the recipes of the kinds that improve retrieval have in common."""

from typing import ClassVar, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from training.recipes.base import BaseRecipe
from training.rows import RelevanceRow, Row


class RetrievalRecipe(BaseRecipe):
    """Train an encoder of texts; `max_steps` or `epochs` sets the run's length.

    `last_layers` lets only the top layers learn, which is what makes training on a CPU bearable. Rows of
    weight 0 are left out; other weights play no part, as the losses compare rows with each other.
    """

    row: ClassVar[type[Row]] = RelevanceRow

    max_steps: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    learning_rate: PositiveFloat = 2e-5
    batch_size: PositiveInt = 16
    gradient_accumulation: PositiveInt = 1
    max_length: PositiveInt = 256
    last_layers: PositiveInt | None = None
    save_steps: PositiveInt = 50
    report_to: list[str] = Field(default=[])
    gradient_checkpointing: bool = False

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.max_steps is not None and self.epochs is not None:
            raise ValueError("give max_steps or epochs, not both")
        return self
