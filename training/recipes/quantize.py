"""The recipe of `training.kinds.quantize`."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import PositiveInt

from training.recipes.base import BaseRecipe
from training.rows import DemonstrationRow, Row


class QuantizeRecipe(BaseRecipe):
    """Convert a policy to 8-bit weights for CTranslate2, and measure what that costs and saves.

    The rows are measured on, not trained on: the held-out ones where given, else the train rows. `draft`, a
    smaller model of the same vocabulary, and `prompt_lookup`, so many tokens guessed from the prompt's own
    text, are tried for speculative decoding of the base (Leviathan et al. 2022, arXiv 2211.17192).
    """

    row: ClassVar[type[Row]] = DemonstrationRow
    kind: Literal["quantize"]
    quantization: Literal["int8", "int8_float16", "int8_bfloat16"] = "int8"
    draft: Path | None = None
    prompt_lookup: PositiveInt | None = None
    max_new_tokens: PositiveInt = 64
    max_rows: PositiveInt = 32
