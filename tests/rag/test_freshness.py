"""Weights by age, and the order of passages that disagree."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.freshness import conflicts, newest_first, recency_weight

TODAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Note:
    text: str
    published: date | None = None


OLD = Note("Express delivery costs ten euros: 10.", date(2020, 1, 1))
NEW = Note("Express delivery now costs 12 euros.", date(2024, 1, 1))
OTHER = Note("Roses are watered early in the morning, 3 times a week.", date(2025, 1, 1))


def test_the_weight_halves_with_each_half_life() -> None:
    assert recency_weight(TODAY, TODAY) == 1
    assert recency_weight(TODAY - timedelta(days=100), TODAY, 100) == pytest.approx(0.5)
    assert recency_weight(TODAY - timedelta(days=200), TODAY, 100) == pytest.approx(0.25)
    assert recency_weight(TODAY + timedelta(days=9), TODAY) == 1
    assert recency_weight(None, TODAY) == 0.5
    with pytest.raises(ValueError, match="half_life_days"):
        recency_weight(TODAY, TODAY, 0)


@given(st.dates(), st.dates())
def test_a_newer_document_never_weighs_less(one: date, other: date) -> None:
    older, newer = sorted((one, other))
    assert recency_weight(older, TODAY) <= recency_weight(newer, TODAY)


def test_passages_that_disagree_come_newest_first_and_others_keep_their_places() -> None:
    assert conflicts([OLD, OTHER, NEW]) == [(0, 2)]
    assert newest_first([OLD, OTHER, NEW]) == ([NEW, OTHER, OLD], True)
    assert newest_first([NEW, OLD]) == ([NEW, OLD], True)


@pytest.mark.parametrize(
    "passages",
    [
        [],
        [OLD],
        [OLD, OTHER],
        [OLD, Note(NEW.text)],  # undated
        [OLD, Note(NEW.text, OLD.published)],  # of one day
        [OLD, Note(OLD.text, NEW.published)],  # the same figures
    ],
)
def test_without_a_conflict_nothing_moves(passages: list[Note]) -> None:
    assert newest_first(passages) == (passages, False)
