"""The embedder's pre-training on plain texts of a domain, without labels: `tsdae` or `mlm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes seconds
    from training.recipes import EmbedderTextsRecipe
    from training.results import Outcome
    from training.rows import TextRow
    from training.runs import Run


def train(recipe: EmbedderTextsRecipe, run: Run[TextRow]) -> Outcome:
    """Go on with the pre-training, save the embedder and measure the loss on held-out texts."""
    from training.kinds.embedder_texts.fitting import fit

    return fit(recipe, run)
