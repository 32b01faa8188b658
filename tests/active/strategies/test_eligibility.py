import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from active import InvalidOptionError, Pool, Quotas
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


@given(
    seed=st.integers(0, 999),
    count=st.integers(4, 30),
    size=st.integers(1, 10),
    wanted=st.lists(st.integers(0, 3), min_size=7, max_size=7),
    grouped=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_quotas_of_three_kinds_are_met_together_as_by_the_best_of_all_choices(
    seed: int, count: int, size: int, wanted: list[int], grouped: bool
) -> None:
    """What is missing in the end is what an integer program over the single pairs finds missing."""
    rng = np.random.default_rng(seed)
    clusters, languages = rng.integers(-1, 2, count), rng.choice(["ru", "en"], count)
    contenders = np.array([rng.choice(["x", "y", "z"], 2, replace=False) for _ in range(count)])
    pool = Pool(
        np.ones((count, 1)),
        clusters=clusters,
        groups=np.arange(count) // 2 if grouped and size <= count // 2 else None,
        languages=languages,
        contenders=contenders,
    )
    quotas = Quotas(
        dict(zip([0, 1], wanted, strict=False)),
        dict(zip(["ru", "en"], wanted[2:], strict=False)),
        dict(zip(["x", "y", "z"], wanted[4:], strict=False)),
    )
    kinds = (quotas.clusters, quotas.languages, quotas.contenders)
    if any(sum(kind.values()) > size for kind in kinds):
        return
    rules = Eligibility(pool, size, quotas)
    chosen = picks(rules, min(size, count), rng)
    got = [(clusters[row], languages[row], *contenders[row]) for row in chosen]
    missing = {
        name: wanted - sum(name in served for served in got)
        for kind in kinds
        for name, wanted in kind.items()
        if wanted > sum(name in served for served in got)
    }
    assert {shortage.name: shortage.missing for shortage in rules.shortages} == missing
    if pool.groups is None:
        assert sum(missing.values()) == _least_missing(pool, kinds, size)


def _least_missing(pool: Pool, kinds: tuple[object, ...], size: int) -> int:
    """Return the least total shortage of any `size` pairs, by an integer program over single pairs."""
    serves = np.array(
        [
            np.any([column == name for column in columns], axis=0)
            for kind, columns in zip(
                kinds, ([pool.clusters], [pool.languages], list(pool.contenders.T)), strict=True
            )
            for name in kind
        ]
    ).astype(float)
    owed = np.array([wanted for kind in kinds for wanted in kind.values()])
    cost = np.concatenate([np.zeros(len(pool)), np.ones(len(owed))])
    solved = milp(
        cost,
        constraints=[
            LinearConstraint(np.hstack([serves, np.eye(len(owed))]), lb=owed),
            LinearConstraint(np.concatenate([np.ones(len(pool)), np.zeros(len(owed))])[None, :], ub=size),
        ],
        bounds=Bounds(0, np.concatenate([np.ones(len(pool)), owed])),
        integrality=np.ones(len(cost)),
    )
    return round(solved.fun)


def test_first_picks_are_free_and_the_last_ones_owed() -> None:
    pool = Pool(np.ones((10, 1)), clusters=np.array([0] * 8 + [1] * 2))
    rules = Eligibility(pool, 4, {1: 2})
    assert rules.mask().all()
    rules.take(0)
    rules.take(1)
    assert np.flatnonzero(rules.mask()).tolist() == [8, 9]


def test_excluded_pairs_are_never_picked_nor_counted_upon() -> None:
    pool = Pool(np.ones((6, 1)), clusters=np.array([0, 0, 0, 1, 1, 1]))
    rules = Eligibility(pool, 3, {1: 2}, excluded=[3, 4])
    assert rules.left == 4
    chosen = picks(rules, 3, np.random.default_rng(0))
    assert 5 in chosen
    assert not {3, 4} & set(chosen)
    assert [(short.name, short.missing) for short in rules.shortages] == [(1, 1)]
    mask = np.array([True] * 5 + [False])
    assert np.flatnonzero(Eligibility(pool, 3, excluded=mask).mask()).tolist() == [5]
    with pytest.raises(InvalidOptionError, match="does not fit the pool of 6"):
        Eligibility(pool, 3, excluded=[9])
    with pytest.raises(InvalidOptionError, match="indices"):
        Eligibility(pool, 3, excluded=[0.5])


def test_a_quota_may_take_a_question_twice_when_all_came_once() -> None:
    pool = Pool(np.ones((4, 1)), clusters=np.array([0, 0, 0, 1]), groups=np.array(["a", "a", "a", "b"]))
    chosen = picks(Eligibility(pool, 3, {0: 2}), 3, np.random.default_rng(0))
    assert sum(pool.clusters[row] == 0 for row in chosen) == 2


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
