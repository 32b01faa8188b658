"""The recipe of `training.kinds.sft_texts`."""

from typing import ClassVar, Literal

from training.recipes.sft import FineTuningRecipe
from training.rows import Row, TextRow


class SftTextsRecipe(FineTuningRecipe):
    """Go on with a policy's pre-training on plain texts of a domain (Gururangan et al. 2020, 2004.10964)."""

    row: ClassVar[type[Row]] = TextRow
    kind: Literal["sft_texts"]
