"""The embedder: queries and the texts that serve them come close, by sentence-transformers.

`examples` turns rows into the columns a loss wants, `fitting` trains, `ranking` measures ranks of held-out
rows, `hard_negatives` finds texts that look right and are not, in an index or in clicks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes seconds, and mining needs none
    from training.recipes import EmbedderRecipe
    from training.results import Outcome
    from training.rows import RelevanceRow
    from training.runs import Run


def train(recipe: EmbedderRecipe, run: Run[RelevanceRow]) -> Outcome:
    """Tune the embedder, save it and rank the held-out texts before and after."""
    from training.kinds.embedder.fitting import fit

    return fit(recipe, run)
