"""What every recipe has in common."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from training.rows import PreferenceRow, Row


class Strict(BaseModel):
    """Refuse keys that are not known, and changes once made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Lora(Strict):
    """Describe the low-rank adapters (Hu et al. 2021, arXiv 2106.09685).

    `last_layers` puts adapters on the top layers only: the backward pass stops there and the layers below are
    computed once a row, which is what makes training on a CPU bearable. None adapts every layer.
    """

    r: PositiveInt = 8
    alpha: PositiveFloat = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    target_modules: list[str] = Field(default=["q_proj", "v_proj"], min_length=1)
    last_layers: PositiveInt | None = None


class BaseRecipe(Strict):
    """Hold what every kind needs: a base model folder, rows and a seed.

    `row` is the kind of row that the files hold. Keys that are paths are relative to the recipe's own folder.
    """

    row: ClassVar[type[Row]] = PreferenceRow

    kind: str
    base: Path
    train_rows: Path
    test_rows: Path | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class TrainerRecipe(BaseRecipe):
    """Hold what every kind driven by a TRL trainer needs; `max_steps` or `epochs` sets the run's length."""

    max_steps: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    learning_rate: PositiveFloat = 1e-4
    batch_size: PositiveInt = 1
    gradient_accumulation: PositiveInt = 4
    max_length: PositiveInt = 1024
    max_dropped_share: Annotated[float, Field(ge=0, lt=1)] = 0.2
    lora: Lora = Lora()
    save_steps: PositiveInt = 5
    report_to: list[str] = []
    gradient_checkpointing: bool = False
    baseline: Path | None = None

    @model_validator(mode="after")
    def _one_length(self) -> "TrainerRecipe":
        if self.max_steps is not None and self.epochs is not None:
            raise ValueError("give max_steps or epochs, not both")
        return self
