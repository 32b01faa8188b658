"""The reranker: a cross-encoder reads a query and a text together and says how well one serves the other.

`fitting` trains it by sentence-transformers; `answer_rewards` makes rows of what passages earned in answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes seconds, and making rows needs none
    from training.recipes import RerankerRecipe
    from training.results import Outcome
    from training.rows import RelevanceRow
    from training.runs import Run


def train(recipe: RerankerRecipe, run: Run[RelevanceRow]) -> Outcome:
    """Train the cross-encoder, save it and rank the held-out texts before and after."""
    from training.kinds.reranker.fitting import fit

    return fit(recipe, run)
