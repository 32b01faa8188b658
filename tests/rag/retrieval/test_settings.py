"""Settings that contradict themselves are refused at once."""

from typing import Any

import pytest

from rag import ContenderError
from rag.retrieval import DEFAULT_MODE, MODES, Retrieval
from rag.retrieval.modes import STRATEGIES


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "magic"},
        {"count": 0},
        {"candidates": 0},
        {"rerank": -1},
        {"neighbours": -1},
        {"diversity": 1.5},
        {"near_identical": -0.1},
        {"recency_weight": 2.0},
        {"recency_half_life_days": 0.0},
        {"recency_half_life_days": float("nan")},
    ],
)
def test_values_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ContenderError, match="retrieval"):
        Retrieval(**wrong)


def test_every_mode_has_its_strategy() -> None:
    assert tuple(STRATEGIES) == MODES
    assert Retrieval().mode == DEFAULT_MODE


def test_enough_candidates_for_what_is_wanted() -> None:
    assert Retrieval(count=200).depth == 400
    assert Retrieval(count=5, rerank=100).looked_at == 100
    assert Retrieval(count=5).looked_at == 10
