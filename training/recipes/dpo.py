"""The recipe of `training.kinds.dpo`."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, model_validator

from training.recipes.base import TrainerRecipe


class DpoRecipe(TrainerRecipe):
    """Tune a policy on preferences against its own frozen start (Rafailov et al. 2023, arXiv 2305.18290).

    `measured_noise` takes the robust loss's label_smoothing from the posteriors of the rows; rows then weigh
    alike, as doubt about a label must count once. `full` trains every weight instead of adapters.
    """

    kind: Literal["dpo"]
    beta: PositiveFloat = 0.1
    loss: Literal["sigmoid", "robust", "hinge", "ipo", "sigmoid_norm"] = "sigmoid"
    label_smoothing: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    measured_noise: bool = False
    full: bool = False

    @model_validator(mode="after")
    def _smoothing_is_used(self) -> "DpoRecipe":
        # TRL ignores label_smoothing without a word for every other loss offered here.
        if self.label_smoothing and self.loss != "robust":
            raise ValueError(f"label_smoothing has no effect with loss {self.loss}; use loss robust")
        if self.measured_noise and self.loss != "robust":
            raise ValueError(f"measured_noise has no effect with loss {self.loss}; use loss robust")
        if self.measured_noise and self.label_smoothing:
            raise ValueError("give label_smoothing or measured_noise, not both")
        return self
