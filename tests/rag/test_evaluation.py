"""Retrieval measures against numbers worked out by hand."""

import pytest

from rag.evaluation import measure_retrieval
from rag.retrieval import Passage


def found(*keys: str) -> list[Passage]:
    return [Passage(n, key, "", "", "", 1.0) for n, key in enumerate(keys)]


def test_recall_and_reciprocal_rank() -> None:
    quality = measure_retrieval(
        [found("a", "b", "c"), found("x", "b", "a", "a"), found("x", "y"), []],
        [{"a"}, {"a", "c"}, {"a"}, {"a"}],
        cutoffs=(1, 2, 3),
    )
    assert quality.questions == 4
    assert quality.recall == {1: 0.25, 2: 0.25, 3: 0.5}
    assert quality.mean_reciprocal_rank == pytest.approx((1 + 1 / 3) / 4)


def test_no_question_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="no question"):
        measure_retrieval([], [])


def test_questions_and_keys_must_match() -> None:
    with pytest.raises(ValueError, match="zip"):
        measure_retrieval([found("a")], [])
