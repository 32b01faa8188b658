from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import (
    ClusterStats,
    GapAction,
    GapKind,
    GapRules,
    Interval,
    InvalidOptionError,
    find_gaps,
    wilson_interval,
)
from active.gaps import labels_needed

shares = st.none() | st.floats(0, 1)
rows = st.builds(
    ClusterStats,
    cluster=st.integers(-1, 50),
    name=st.just("c"),
    queries=st.integers(0, 1000),
    labels=st.integers(0, 1000),
    retrieval_support=shares,
    refusal_rate=shares,
    disagreement=shares,
    quality=shares,
    judge_gap=shares,
    judgements=st.integers(0, 1000),
    machine_verdicts=st.integers(0, 1000),
)


@given(st.lists(rows, max_size=8, unique_by=lambda row: row.cluster))
def test_gaps_are_ranked_and_within_bounds(stats: list[ClusterStats]) -> None:
    gaps = find_gaps(stats)
    assert [gap.impact for gap in gaps] == sorted((gap.impact for gap in gaps), reverse=True)
    for gap in gaps:
        assert 0 < gap.severity <= 1
        assert 0 < gap.impact <= gap.traffic_share <= 1
        assert gap.interval.low - 1e-9 <= gap.measured <= gap.interval.high + 1e-9
        assert (gap.labels_needed > 0) is (gap.kind is not GapKind.SOURCES)
        assert (gap.questions > 0) is (gap.kind in (GapKind.SOURCES, GapKind.QUALITY))
    assert sorted(find_gaps(stats[::-1]), key=str) == sorted(gaps, key=str)


def test_a_cluster_without_sources_is_told_to_write_documents() -> None:
    row = ClusterStats(0, "visas", queries=200, labels=500, retrieval_support=0.4, refusal_rate=0.1)
    (gap,) = find_gaps([row])
    low = wilson_interval(0.6, 200).low
    assert (gap.kind, gap.action) == (GapKind.SOURCES, GapAction.WRITE_DOCUMENTS)
    assert gap.severity == pytest.approx((low - 0.1) / 0.9)
    assert gap.impact == gap.severity  # all the traffic is here
    assert str(gap).startswith("visas: lacks sources, severity 0.4")


def test_documents_are_wanted_for_the_queries_that_failed() -> None:
    row = ClusterStats(0, "visas", queries=200, labels=500, retrieval_support=0.4)
    assert (find_gaps([row])[0].questions, find_gaps([row])[0].labels_needed) == (120, 0)


def test_disputed_verdicts_ask_for_a_clearer_guideline() -> None:
    row = ClusterStats(0, "visas", queries=100, labels=400, disagreement=0.5, judgements=800)
    (gap,) = find_gaps([row], GapRules(half_width=0.5))
    assert (gap.kind, gap.action) == (GapKind.GUIDELINE, GapAction.CLARIFY_GUIDELINE)
    assert gap.severity == pytest.approx((wilson_interval(0.5, 800).low - 0.25) / 0.75)
    assert gap.labels_needed == 200  # the disputed ones, again
    assert find_gaps([replace(row, judgements=4)], GapRules(half_width=0.5)) == []
    judges = replace(row, disagreement=0.1, judge_gap=0.6, machine_verdicts=300)
    assert find_gaps([judges], GapRules(half_width=0.5))[0].measured == 0.6


def test_traffic_counts_how_often_a_query_is_asked() -> None:
    rare = ClusterStats(0, "a", queries=100, labels=500, refusal_rate=0.5, traffic=10)
    asked = replace(rare, cluster=1, traffic=90)
    assert next((gap.cluster, gap.traffic_share) for gap in find_gaps([rare, asked])) == (1, 0.9)
    with pytest.raises(InvalidOptionError, match="all or for none"):
        find_gaps([rare, replace(asked, traffic=None)])
    assert find_gaps([replace(rare, traffic=0)]) == []


def test_the_worse_of_support_and_refusals_counts() -> None:
    row = ClusterStats(0, "a", queries=100, labels=500, retrieval_support=0.9, refusal_rate=0.8)
    assert find_gaps([row])[0].measured == 0.8


def test_few_queries_claim_little() -> None:
    many = ClusterStats(0, "a", queries=500, labels=900, refusal_rate=0.5)
    few = replace(many, queries=4)
    assert find_gaps([many])[0].severity > find_gaps([few])[0].severity


def test_labels_follow_the_traffic() -> None:
    rules = GapRules(half_width=0.5)  # precision asks for next to nothing
    row = ClusterStats(0, "a", queries=50, labels=10)
    # t = 1/2 of L = 110 labels: x with (10 + x)/(110 + x) = 1/2 is 90.
    assert labels_needed(row, 0.5, 110, rules) == 90
    other = ClusterStats(1, "b", queries=50, labels=100)
    gaps = [gap for gap in find_gaps([row, other], rules) if gap.kind is GapKind.LABELS]
    assert [(gap.cluster, gap.labels_needed) for gap in gaps] == [(0, 90)]
    assert gaps[0].severity == pytest.approx(0.9)


def test_precision_asks_for_the_textbook_sample() -> None:
    row = ClusterStats(0, "a", queries=10**9)
    assert labels_needed(row, 1.0, 0, GapRules(half_width=0.1)) == 97  # 1.96²·¼/0.1² = 96.04
    assert labels_needed(replace(row, queries=3), 1.0, 0, GapRules(half_width=0.1)) == 3
    noisy = labels_needed(replace(row, disagreement=0.25), 1.0, 0, GapRules(half_width=0.1))
    assert noisy == pytest.approx(4 * 96.04, abs=1)


def test_bad_answers_ask_for_a_new_contender() -> None:
    poor = ClusterStats(0, "a", queries=100, labels=400, quality=0.4)
    (gap,) = find_gaps([poor])
    assert (gap.kind, gap.action) == (GapKind.QUALITY, GapAction.NEW_CONTENDER)
    assert gap.severity == pytest.approx((0.7 - wilson_interval(0.4, 400).high) / 0.7)
    assert gap.questions == 100  # to be answered by the new contender
    assert gap.labels_needed == labels_needed(replace(poor, labels=0), 1.0, 0, GapRules())
    given_interval = replace(poor, quality_interval=Interval(0.3, 0.42))
    assert find_gaps([given_interval])[0].severity == pytest.approx(0.4)
    unsure = replace(poor, quality_interval=Interval(0.1, 0.9))
    assert find_gaps([unsure]) == []


def test_nothing_measured_or_asked_is_no_gap() -> None:
    assert find_gaps([]) == []
    assert find_gaps([ClusterStats(0, "a", queries=0, refusal_rate=1.0)]) == []
    assert find_gaps([ClusterStats(0, "a", queries=10, labels=500)]) == []


@pytest.mark.parametrize(
    "values", [{"queries": -1}, {"labels": -1}, {"quality": 1.5}, {"refusal_rate": float("nan")}]
)
def test_bad_statistics_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError, match="cluster 3"):
        ClusterStats(**({"cluster": 3, "name": "a", "queries": 1} | values))  # type: ignore[arg-type]


def test_bad_rules_and_doubles_are_refused() -> None:
    with pytest.raises(InvalidOptionError):
        GapRules(quality_target=0.0)
    with pytest.raises(InvalidOptionError, match="twice"):
        find_gaps([ClusterStats(0, "a", 1), ClusterStats(0, "b", 1)])
