"""Rank fusion and score fusion against their definitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval import RANK_CONSTANT, convex_combination, reciprocal_rank_fusion
from rag.retrieval.fusion import DENSE_WEIGHT, min_max

rankings = st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), max_size=4)
scores = st.dictionaries(st.integers(0, 30), st.floats(-1, 1, width=32), min_size=1, max_size=12)
bm25 = st.floats(0.0625, 40, width=32)


@given(rankings, st.randoms(use_true_random=False))
def test_fusion_does_not_depend_on_the_order_of_the_rankings(lists: list[list[int]], random: object) -> None:
    shuffled = list(lists)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reciprocal_rank_fusion(shuffled) == pytest.approx(reciprocal_rank_fusion(lists))


@given(rankings)
def test_fused_scores_are_sums_of_reciprocal_ranks_best_first(lists: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(lists)
    assert fused.keys() == {item for ranking in lists for item in ranking}
    for item, score in fused.items():
        ranks = [ranking.index(item) + 1 for ranking in lists if item in ranking]
        assert score == pytest.approx(sum(1 / (RANK_CONSTANT + rank) for rank in ranks))
    assert list(fused.values()) == sorted(fused.values(), reverse=True)


@given(st.lists(st.integers(), unique=True))
def test_one_ranking_keeps_its_order(ranking: list[int]) -> None:
    assert list(reciprocal_rank_fusion([ranking, ranking])) == ranking


@given(rankings, st.integers(0, 12))
def test_a_better_rank_never_lowers_the_score(lists: list[list[int]], item: int) -> None:
    raised = [[item, *(other for other in ranking if other != item)] for ranking in lists]
    assert reciprocal_rank_fusion(raised).get(item, 0) >= reciprocal_rank_fusion(lists).get(item, 0)


@given(scores, st.data())
def test_the_combination_holds_every_candidate_in_order_and_in_bounds(
    dense: dict[int, float], data: st.DataObject
) -> None:
    lexical = data.draw(st.dictionaries(st.sampled_from(sorted(dense)), bm25))
    coverage = data.draw(st.floats(0, 1))
    hits = convex_combination(dense, lexical, coverage)
    assert {hit.chunk_id for hit in hits} == dense.keys()
    found = [hit.score for hit in hits]
    assert found == sorted(found, reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in found)


@given(scores, st.data())
def test_without_coverage_the_words_have_no_say(dense: dict[int, float], data: st.DataObject) -> None:
    lexical = data.draw(st.dictionaries(st.sampled_from(sorted(dense)), bm25))
    assert {h.chunk_id: h.score for h in convex_combination(dense, lexical, 0.0)} == pytest.approx(
        min_max(dense)
    )


@given(scores, st.floats(0.5, 100))
def test_the_scale_of_the_lexical_engine_does_not_matter(dense: dict[int, float], scale: float) -> None:
    lexical = {item: 1.0 + item for item in dense}
    scaled = {item: scale * score for item, score in lexical.items()}
    one, other = convex_combination(dense, lexical, 0.7), convex_combination(dense, scaled, 0.7)
    assert {h.chunk_id: h.score for h in one} == pytest.approx({h.chunk_id: h.score for h in other})


def test_the_combination_worked_out_by_hand() -> None:
    hits = convex_combination({1: 0.9, 2: 0.8, 3: 0.7}, {2: 10.0, 3: 5.0}, coverage=1.0)
    assert DENSE_WEIGHT == 0.5
    assert [(hit.chunk_id, pytest.approx(hit.score)) for hit in hits] == [(2, 0.75), (1, 0.5), (3, 0.25)]
    half = convex_combination({1: 0.9, 2: 0.8, 3: 0.7}, {2: 10.0, 3: 5.0}, coverage=0.5)
    assert {hit.chunk_id: hit.score for hit in half} == pytest.approx({1: 2 / 3, 2: 2 / 3, 3: 1 / 6})
    assert convex_combination({}, {}, 1.0) == []


def test_missing_words_do_not_speak_against_another_language() -> None:
    dense, lexical = {1: 0.9, 2: 0.85, 3: 0.7}, {1: 10.0}
    plain = {hit.chunk_id: hit.score for hit in convex_combination(dense, lexical, 1.0)}
    fair = {hit.chunk_id: hit.score for hit in convex_combination(dense, lexical, 1.0, foreign={2})}
    assert (plain[2], fair[2]) == (pytest.approx(0.375), pytest.approx(0.75))
    assert {key: plain[key] for key in (1, 3)} == {key: fair[key] for key in (1, 3)}
    # A name or a number that does stand there counts.
    named = convex_combination({1: 0.9, 2: 0.85}, {2: 10.0}, 1.0, foreign={2})
    assert next(hit for hit in named if hit.chunk_id == 2).score == pytest.approx(0.5)
