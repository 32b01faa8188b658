"""The recipe of `training.kinds.embedder`."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from training.recipes.retrieval import RetrievalRecipe


class EmbedderRecipe(RetrievalRecipe):
    """Tune an embedder on queries and texts; `base` is a sentence-transformers folder.

    `multiple_negatives`: the texts of the other rows of a batch are negatives, beside a row's own
    `negatives`; `triplet` wants a row's own; `contrastive` takes positives and negatives as pairs; `graded`
    learns the order of the rows' scores. With `at_once` a big batch is computed in pieces of that size.
    """

    kind: Literal["embedder"]
    loss: Literal["multiple_negatives", "triplet", "contrastive", "graded"] = "multiple_negatives"
    negatives: Annotated[int, Field(ge=0)] = 1
    margin: PositiveFloat = 0.3
    at_once: PositiveInt | None = None
    query_prefix: str = ""
    text_prefix: str = ""

    @model_validator(mode="after")
    def _batches_hold_negatives(self) -> Self:
        if self.loss == "multiple_negatives":
            if self.gradient_accumulation > 1:
                raise ValueError(
                    "gradient_accumulation adds no negatives to multiple_negatives: raise batch_size, and "
                    "give at_once where it does not fit"
                )
            if self.batch_size < 2:
                raise ValueError("multiple_negatives wants a batch_size of 2 or more: the rows are negatives")
        elif self.at_once is not None:
            raise ValueError(f"at_once has no effect with loss {self.loss}; leave it out")
        return self
