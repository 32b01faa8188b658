"""The recipe of `training.kinds.reranker`."""

from typing import Annotated, Literal

from pydantic import Field

from training.recipes.retrieval import RetrievalRecipe


class RerankerRecipe(RetrievalRecipe):
    """Train a cross-encoder that reads a query and a text together; `base` is an encoder's folder.

    `pointwise` learns each text's score by itself (binary cross-entropy, grades between 0 and 1 included);
    `listwise` learns the order of a query's texts (LambdaLoss, Wang et al. 2018) and wants negatives.
    """

    kind: Literal["reranker"]
    loss: Literal["pointwise", "listwise"] = "pointwise"
    negatives: Annotated[int, Field(ge=0)] = 4
