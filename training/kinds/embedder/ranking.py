"""Ranks of held-out rows: how high does the text that serves a query come among the others?"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.metrics import Interval, bootstrap_by_question
from training.rows import RelevanceRow

Floats = NDArray[np.float64]
Similarity = Callable[[Sequence[str], Sequence[str]], Floats]
"""Give the similarity of each query to each text, shape (queries, texts)."""


def reciprocal_ranks(rows: Sequence[RelevanceRow], similarity: Similarity) -> Floats:
    """Give 1 / rank of each row's text among its negatives and the texts of all rows, shape (rows,).

    Texts that other rows name as serving the same query do not count against it; a tie counts as half a
    place.
    """
    queries = list(dict.fromkeys(row.query for row in rows))
    texts = list(dict.fromkeys(text for row in rows for text in (row.positive, *row.negatives)))
    scores = similarity(queries, texts)
    place = {text: number for number, text in enumerate(texts)}
    shared = {place[row.positive] for row in rows}
    serving = {query: {place[row.positive] for row in rows if row.query == query} for query in queries}
    return np.array(
        [
            _reciprocal_rank(
                scores[queries.index(row.query)],
                place[row.positive],
                (shared | {place[text] for text in row.negatives}) - serving[row.query],
            )
            for row in rows
        ]
    )


def compare_ranks(
    before: Floats, after: Floats, rows: Sequence[RelevanceRow], seed: int
) -> dict[str, Interval]:
    """Give mean reciprocal rank and share of first places, before and after, with intervals by question."""
    rng = np.random.default_rng(seed)
    questions = [row.question_id for row in rows]
    figures = {
        "before_mrr": before,
        "test_mrr": after,
        "test_gain": after - before,
        "before_first": (before == 1).astype(np.float64),
        "test_first": (after == 1).astype(np.float64),
    }
    return {name: bootstrap_by_question(values, questions, rng) for name, values in figures.items()}


def _reciprocal_rank(scores: Floats, own: int, others: set[int]) -> float:
    rivals = scores[sorted(others - {own})]
    above, level = int((rivals > scores[own]).sum()), int((rivals == scores[own]).sum())
    return 1 / (1 + above + level / 2)
