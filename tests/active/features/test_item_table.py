"""Columns of items that are made when they are read say what dense ones say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active import BradleyTerryHead, InvalidFeaturesError, ItemEffects, Labelled, Pool, State, strategy
from active.arrays import rows_at, squared_lengths, times
from active.features.item_table import ItemTable

NAMES = tuple("abcdefghij")


def made(count: int, seed: int = 0) -> tuple[ItemTable, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 4))
    first, second = (rng.choice([*NAMES, "unseen"], count).tolist() for _ in range(2))
    effects = ItemEffects(NAMES, 1.5)
    table = effects.table(features, first, second)
    assert isinstance(table, ItemTable)
    return table, effects.appended(features, first, second)


@given(count=st.integers(1, 40), seed=st.integers(0, 10**6))
@settings(deadline=None)
def test_rows_and_products_are_those_of_the_dense_columns(count: int, seed: int) -> None:
    table, dense = made(count, seed)
    rng = np.random.default_rng(seed)
    assert (table.shape, len(table), table.dtype) == (dense.shape, count, dense.dtype)
    some, mask = rng.integers(count, size=3), rng.random(count) > 0.5
    for index in (slice(None), slice(1, 5), some, mask, 0, -1):
        np.testing.assert_array_equal(table[index], dense[index])
    np.testing.assert_array_equal(table.at(some)[:], dense[some])
    np.testing.assert_array_equal(np.asarray(table), dense)
    np.testing.assert_array_equal(np.concatenate([table, dense]), np.vstack([dense, dense]))
    np.testing.assert_array_equal(rows_at(table, mask), dense[mask])
    np.testing.assert_allclose(squared_lengths(table), squared_lengths(dense))
    for matrix in (rng.normal(size=14), rng.normal(size=(14, 3))):
        np.testing.assert_allclose(times(table, matrix), dense @ matrix, atol=1e-12)


@pytest.mark.parametrize(
    "name",
    ["dopt", "vopt", "balpm", "bald", "badge", "coreset", "typiclust", "delta_ucb", "entropy", "margin"],
)
def test_strategies_pick_from_the_table_what_they_pick_from_the_dense_columns(name: str) -> None:
    table, dense = made(400)
    known = dense[:60]
    labelled = Labelled(known, targets=(known[:, 0] + known[:, -1] > 0).astype(float))
    state = State(labelled, BradleyTerryHead(l2=1.0, raw_columns=10).fit(known, labelled.targets))
    for one in (Pool(table), Pool(dense)):
        assert one.width == 14
    plain, lean = (
        strategy(name).choose(state, pool, 20, np.random.default_rng(0))
        for pool in (Pool(dense), Pool(table))
    )
    assert lean.indices.tolist() == plain.indices.tolist()
    np.testing.assert_allclose(lean.scores, plain.scores, rtol=1e-9)


def test_features_stay_on_the_disk_and_some_pairs_can_be_taken(tmp_path: Path) -> None:
    rows = np.memmap(tmp_path / "rows", dtype=np.float16, mode="w+", shape=(30, 4))
    rows[:] = np.random.default_rng(0).normal(size=(30, 4))
    effects = ItemEffects(NAMES)
    table = effects.table(rows, ["a"] * 30, ["b"] * 30)
    assert table.dtype == np.float32
    pool = Pool(table, clusters=np.arange(30)).at(np.arange(5, 9))
    assert (len(pool), pool.width, pool.clusters.tolist()) == (4, 14, [5, 6, 7, 8])
    np.testing.assert_array_equal(pool.features[:], effects.appended(rows[5:9], ["a"] * 4, ["b"] * 4))


def test_bad_rows_are_refused() -> None:
    with pytest.raises(InvalidFeaturesError, match="2 rows of features, 1 first"):
        ItemEffects(NAMES).table(np.ones((2, 2)), ["a"], ["b"])
    with pytest.raises(InvalidFeaturesError, match="NaN"):
        Pool(ItemEffects(NAMES).table(np.full((2, 2), np.nan), ["a"] * 2, ["b"] * 2))
