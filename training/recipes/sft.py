"""The recipes of `training.kinds.sft` and `training.kinds.sft_texts`."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import NonNegativeFloat, PositiveInt, model_validator

from training.recipes.base import TrainerRecipe
from training.rows import DemonstrationRow, Row, TextRow


class FineTuningRecipe(TrainerRecipe):
    """Hold what both supervised kinds share.

    `general_rows` is a frozen set of other domains, of demonstrations or texts: its loss is measured before
    the run and every `check_steps` steps. When it has risen by more than `max_rise` nats a token the run ends
    with the weights of the last check that was within. `full` trains every weight instead of adapters.
    """

    full: bool = False
    general_rows: Path | None = None
    check_steps: PositiveInt = 10
    max_rise: NonNegativeFloat | None = None

    @model_validator(mode="after")
    def _rise_is_measured(self) -> "FineTuningRecipe":
        if self.max_rise is not None and self.general_rows is None:
            raise ValueError("max_rise needs general_rows to be measured on")
        return self


class SftRecipe(FineTuningRecipe):
    """Tune a policy on demonstrations; the prompt is read, only the completion is learned."""

    row: ClassVar[type[Row]] = DemonstrationRow
    kind: Literal["sft"]


class SftTextsRecipe(FineTuningRecipe):
    """Go on with a policy's pre-training on plain texts of a domain (Gururangan et al. 2020, 2004.10964)."""

    row: ClassVar[type[Row]] = TextRow
    kind: Literal["sft_texts"]
