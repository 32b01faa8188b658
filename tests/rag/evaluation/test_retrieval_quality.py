"""Retrieval measures against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation import Evidence, measure_by_group, measure_retrieval
from rag.retrieval import Passage

KEYS = "abcdef"


def found(*keys: str) -> list[Passage]:
    return [Passage(n, key, "", "", "", 1.0) for n, key in enumerate(keys)]


def test_measures_worked_out_by_hand() -> None:
    quality = measure_retrieval(
        [found("a", "b", "c"), found("x", "b", "a", "a"), found("x", "y"), []],
        [{"a"}, {"a", "c"}, {"a"}, {"a"}],
        cutoffs=(1, 2, 3),
    )
    assert quality.questions == 4
    assert quality.hit_rate == {1: 0.25, 2: 0.25, 3: 0.5}
    assert quality.recall == {1: 0.25, 2: 0.25, 3: 0.375}
    assert quality.mean_reciprocal_rank == pytest.approx((1 + 1 / 3) / 4)
    assert quality.mean_average_precision == pytest.approx((1 + (1 / 3) / 2) / 4)
    ideal = 1 + 1 / math.log2(3)
    assert quality.ndcg[3] == pytest.approx((1 + 0.5 / ideal) / 4)
    assert quality.measures["mrr"].low is None  # no rng, no interval


def test_further_passages_of_a_right_document_gain_nothing() -> None:
    quality = measure_retrieval([found("a", "a", "a", "b")], [{"a", "b"}], cutoffs=(4,))
    assert quality.recall == {4: 1.0}
    assert quality.mean_average_precision == pytest.approx((1 + 2 / 4) / 2)
    assert quality.ndcg[4] == pytest.approx((1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3)))


def test_a_text_answers_where_a_passage_holds_it() -> None:
    passage = Passage(1, "k", "", "The warranty of laptops\n lasts TWO years.", "", 1.0)
    right = Evidence(texts=("laptops lasts two years",))
    assert measure_retrieval([[passage]], [right], (1,)).recall == {1: 1.0}
    for wrong in ("laptops lasts two year", "aptops lasts two years"):
        assert measure_retrieval([[passage]], [Evidence(texts=(wrong,))], (1,)).recall == {1: 0.0}
    both = Evidence(frozenset({"other"}), ("two years",))
    quality = measure_retrieval([[passage, *found("other")]], [both], (1, 2))
    assert quality.recall == {1: 0.5, 2: 1.0}


def test_no_question_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="no question"):
        measure_retrieval([], [])


def test_every_question_needs_its_documents() -> None:
    with pytest.raises(ValueError):
        measure_retrieval([found("a")], [])


def test_questions_without_evidence_are_left_out_and_counted() -> None:
    quality = measure_retrieval([found("a"), found("b")], [{"a"}, set()], (1,), np.random.default_rng(0))
    assert quality.recall == {1: 1.0}
    assert (quality.measures["mrr"].n, quality.measures["mrr"].coverage) == (1, 0.5)
    nothing = measure_retrieval([found("a")], [Evidence()], (1,), np.random.default_rng(0))
    assert nothing.recall == {1: None}
    assert nothing.mean_reciprocal_rank is None
    assert nothing.measures["map"].coverage == 0.0


def test_groups_are_measured_apart() -> None:
    groups = measure_by_group(
        [found("a"), found("x"), found("a")], [{"a"}] * 3, ["ru", "en", "ru"], (1,), np.random.default_rng(1)
    )
    assert list(groups) == ["en", "ru"]
    assert [groups[name].recall[1] for name in groups] == [0.0, 1.0]
    assert [groups[name].questions for name in groups] == [1, 2]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(KEYS), max_size=8),
            st.sets(st.sampled_from(KEYS), min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_measures_are_shares_and_grow_with_the_cutoff(questions: list[tuple[list[str], set[str]]]) -> None:
    passages = [found(*keys) for keys, _ in questions]
    quality = measure_retrieval(
        passages, [keys for _, keys in questions], (1, 3, 8), np.random.default_rng(0)
    )
    for measure in quality.measures.values():
        assert measure.value is not None
        assert 0.0 <= measure.value <= 1.0
        if measure.low is not None and measure.high is not None:
            assert measure.low <= measure.high
    for shares in (quality.recall, quality.hit_rate):
        assert list(shares.values()) == sorted(shares.values(), key=lambda share: share or 0.0)
    assert (quality.mean_reciprocal_rank or 0.0) >= (quality.mean_average_precision or 0.0) - 1e-9 or any(
        len(keys) > 1 for _, keys in questions
    )
