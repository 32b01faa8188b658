"""Ranks count the texts above, and only those that do not serve the query themselves."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from training.kinds.embedder.ranking import compare_ranks, reciprocal_ranks
from training.rows import RelevanceRow


def row(number: int, query: str, positive: str, *negatives: str) -> RelevanceRow:
    return RelevanceRow(
        id=str(number), question_id=query, query=query, positive=positive, negatives=list(negatives)
    )


def test_rank_is_among_negatives_and_other_rows() -> None:
    rows = [row(1, "q", "a", "x"), row(2, "q", "b"), row(3, "r", "c")]
    worth = {"a": 1.0, "b": 9.0, "c": 3.0, "x": 2.0}

    def scores(queries: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([[worth[text] for text in texts] for _ in queries])

    # For q: b serves too and does not count against a; c and x do. For r: only b is above c.
    np.testing.assert_allclose(reciprocal_ranks(rows, scores), [1 / 3, 1, 1 / 2])


def test_ties_count_half_a_place() -> None:
    rows = [row(1, "q", "a", "x", "y")]
    assert reciprocal_ranks(rows, lambda q, t: np.zeros((len(q), len(t))))[0] == pytest.approx(1 / 2)


def test_comparison_is_row_by_row() -> None:
    rows = [row(n, f"q{n}", f"t{n}") for n in range(4)]
    figures = compare_ranks(np.array([1, 0.5, 0.5, 1]), np.array([1, 1, 1, 0.5]), rows, seed=0)
    assert figures["test_gain"].value == pytest.approx(0.125)
    assert (figures["before_first"].value, figures["test_first"].value) == (0.5, 0.75)
