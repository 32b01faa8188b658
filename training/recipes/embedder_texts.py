"""The recipe of `training.kinds.embedder_texts`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from training.recipes.retrieval import RetrievalRecipe
from training.rows import Row, TextRow


class EmbedderTextsRecipe(RetrievalRecipe):
    """Go on with an embedder's pre-training on plain texts of a domain.

    `tsdae`: rebuild a sentence from the embedding of a damaged copy (Wang et al. 2021, arXiv 2104.06979);
    `mlm`: guess masked tokens (Devlin et al. 2019, arXiv 1810.04805). `damage` is the share of words left out
    or of tokens masked.
    """

    row: ClassVar[type[Row]] = TextRow

    kind: Literal["embedder_texts"]
    objective: Literal["tsdae", "mlm"] = "tsdae"
    damage: Annotated[float, Field(gt=0, lt=1)] = 0.4
