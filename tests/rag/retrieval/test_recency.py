"""Age counts as far as it is wanted, and a missing date is no verdict."""

from datetime import date, timedelta

import pytest

from rag.indexes import Hit
from rag.retrieval.recency import blend_recency

TODAY = date(2024, 6, 1)


def blended(hits: list[Hit], days: dict[int, int | None], weight: float = 0.5) -> dict[int, float]:
    published = {key: None if age is None else TODAY - timedelta(days=age) for key, age in days.items()}
    found = blend_recency(hits, published, as_of=TODAY, half_life_days=100, weight=weight)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    return {hit.chunk_id: hit.score for hit in found}


def test_the_newer_of_two_equals_comes_first() -> None:
    scores = blended([Hit(1, 0.8), Hit(2, 0.8)], {1: 300, 2: 0})
    assert list(scores) == [2, 1]
    assert scores == pytest.approx({2: 1.0, 1: 0.5 + 0.5 * 0.125})


def test_weight_zero_keeps_the_order_and_one_asks_for_age_alone() -> None:
    hits = [Hit(1, 0.9), Hit(2, 0.8), Hit(3, 0.7)]
    ages: dict[int, int | None] = {1: 1000, 2: 10, 3: 100}
    assert list(blended(hits, ages, weight=0.0)) == [1, 2, 3]
    assert list(blended(hits, ages, weight=1.0)) == [2, 3, 1]


def test_an_unknown_date_neither_gains_nor_loses() -> None:
    scores = blended([Hit(1, 0.8), Hit(2, 0.8), Hit(3, 0.8)], {1: 0, 2: 300, 3: None})
    assert list(scores) == [1, 3, 2]
    hits = [Hit(1, 0.9), Hit(2, 0.8)]
    assert blend_recency(hits, {}, as_of=TODAY, half_life_days=9, weight=1.0) == hits
