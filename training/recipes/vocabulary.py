"""The recipe of `training.kinds.vocabulary`."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from training.recipes.base import Lora, TrainerRecipe
from training.rows import Row, TextRow


class VocabularyRecipe(TrainerRecipe):
    """Give a policy a tokenizer made for a language, and teach it to read and write with it.

    `tokenizer` is a folder of a ready one; without it one of `vocab_size` is trained on the train rows, of
    the same sort as the base's. For `frozen_steps` steps only the new embeddings learn, at `learning_rate`;
    then the body joins at `body_learning_rate`. Every weight is trained, there are no adapters.
    """

    row: ClassVar[type[Row]] = TextRow
    kind: Literal["vocabulary"]
    tokenizer: Path | None = None
    vocab_size: Annotated[int, Field(ge=300)] = 8000
    init: Literal["mean_of_pieces", "random"] = "mean_of_pieces"
    frozen_steps: NonNegativeInt = 50
    body_learning_rate: PositiveFloat = 1e-4
    learning_rate: PositiveFloat = 1e-3
    save_steps: PositiveInt = 50

    @model_validator(mode="after")
    def _no_adapters(self) -> "VocabularyRecipe":
        if self.lora != Lora():
            raise ValueError("lora has no effect: a new vocabulary trains every weight")
        return self
