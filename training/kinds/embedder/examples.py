"""From relevance rows to the columns a loss wants: their order is the schema, not their names."""

from collections.abc import Sequence

from datasets import Dataset

from training.errors import RowsError
from training.recipes import EmbedderRecipe
from training.rows import RelevanceRow

SERVES = 0.5
"""From this score on a row's text serves its query."""


def build_examples(recipe: EmbedderRecipe, rows: Sequence[RelevanceRow]) -> Dataset:
    """Make the columns of the recipe's loss. Raises RowsError where the rows cannot feed it."""
    used = [row for row in rows if row.weight]
    if not used:
        raise RowsError("all train rows have weight 0")
    columns = {
        "multiple_negatives": _lists,
        "triplet": _triplets,
        "contrastive": _pairs,
        "graded": _graded,
    }[recipe.loss](recipe, used)
    return Dataset.from_dict(columns)


def _lists(recipe: EmbedderRecipe, rows: Sequence[RelevanceRow]) -> dict[str, list[str]]:
    """Give query, positive, and as many negatives as every row has, up to the recipe's."""
    serving = [row for row in rows if row.score >= SERVES]
    if len({row.positive for row in serving}) < 2:
        raise RowsError("multiple_negatives wants two or more different texts that serve a query")
    own = min(recipe.negatives, min(len(row.negatives) for row in serving))
    columns = {
        "query": [recipe.query_prefix + row.query for row in serving],
        "positive": [recipe.text_prefix + row.positive for row in serving],
    }
    for place in range(own):
        columns[f"negative_{place + 1}"] = [recipe.text_prefix + row.negatives[place] for row in serving]
    return columns


def _triplets(recipe: EmbedderRecipe, rows: Sequence[RelevanceRow]) -> dict[str, list[str]]:
    triplets = [
        (row.query, row.positive, negative)
        for row in rows
        if row.score >= SERVES
        for negative in row.negatives[: max(recipe.negatives, 1)]
    ]
    if not triplets:
        raise RowsError("triplet wants rows with negatives: mine some, or take multiple_negatives")
    return {
        "query": [recipe.query_prefix + query for query, _, _ in triplets],
        "positive": [recipe.text_prefix + positive for _, positive, _ in triplets],
        "negative": [recipe.text_prefix + negative for _, _, negative in triplets],
    }


def _pairs(recipe: EmbedderRecipe, rows: Sequence[RelevanceRow]) -> dict[str, list[str] | list[int]]:
    texts = [(row.query, row.positive, int(row.score >= SERVES)) for row in rows]
    texts += [(row.query, text, 0) for row in rows for text in row.negatives[: recipe.negatives]]
    labels = [label for _, _, label in texts]
    if len(set(labels)) < 2:
        raise RowsError("contrastive wants texts that serve and texts that do not: give rows negatives")
    return {
        "query": [recipe.query_prefix + query for query, _, _ in texts],
        "text": [recipe.text_prefix + text for _, text, _ in texts],
        "label": labels,
    }


def _graded(recipe: EmbedderRecipe, rows: Sequence[RelevanceRow]) -> dict[str, list[str] | list[float]]:
    texts = [(row.query, row.positive, float(row.score)) for row in rows]
    texts += [(row.query, text, 0.0) for row in rows for text in row.negatives[: recipe.negatives]]
    scores = [score for _, _, score in texts]
    if len(set(scores)) < 2:
        raise RowsError("graded wants different scores: all texts have the same one")
    return {
        "query": [recipe.query_prefix + query for query, _, _ in texts],
        "text": [recipe.text_prefix + text for _, text, _ in texts],
        "score": scores,
    }
