import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import InvalidOptionError, Pool
from active.strategies import Eligibility


def picks(rules: Eligibility, count: int, rng: np.random.Generator) -> list[int]:
    chosen = []
    for _ in range(count):
        index = int(rng.choice(np.flatnonzero(rules.mask())))
        rules.take(index)
        chosen.append(index)
    return chosen


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(0, 99), st.data())
def test_a_question_comes_twice_only_when_all_came_once(
    groups: list[int], seed: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(groups)))
    pool = Pool(np.ones((len(groups), 1)), groups=np.array(groups))
    chosen = picks(Eligibility(pool, count), count, np.random.default_rng(seed))
    assert len(set(chosen)) == count
    asked = {groups[index] for index in chosen}
    assert len(asked) == min(count, len(set(groups)))


@given(
    st.lists(st.integers(-1, 3), min_size=8, max_size=40),
    st.dictionaries(st.integers(0, 3), st.integers(0, 2), max_size=4),
    st.integers(0, 99),
)
def test_quotas_are_met_as_far_as_the_pool_allows(
    clusters: list[int], quotas: dict[int, int], seed: int
) -> None:
    pool = Pool(np.ones((len(clusters), 1)), clusters=np.array(clusters))
    chosen = picks(Eligibility(pool, 8, quotas), 8, np.random.default_rng(seed))
    got = [clusters[index] for index in chosen]
    for cluster, wanted in quotas.items():
        assert got.count(cluster) >= min(wanted, clusters.count(cluster))


def test_one_pair_a_question_outranks_a_quota() -> None:
    pool = Pool(np.ones((4, 1)), clusters=np.array([0, 0, 0, 1]), groups=np.array(["a", "a", "a", "b"]))
    chosen = picks(Eligibility(pool, 2, {0: 2}), 2, np.random.default_rng(0))
    assert 3 in chosen


@pytest.mark.parametrize("quotas", [{0: -1}, {0: 2, 1: 2}])
def test_impossible_quotas_are_refused(quotas: dict[int, int]) -> None:
    with pytest.raises(InvalidOptionError, match="quotas"):
        Eligibility(Pool(np.ones((9, 1)), clusters=np.zeros(9, dtype=int)), 3, quotas)


def test_quotas_need_clusters() -> None:
    with pytest.raises(InvalidOptionError, match="clusters"):
        Eligibility(Pool(np.ones((9, 1))), 3, {0: 1})
