"""What comes in bad is refused in one line or served all the same, whatever the strategy."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from active import (
    STRATEGIES,
    ActiveError,
    BradleyTerryHead,
    ChangedEmbeddingsError,
    EmptyPoolError,
    InvalidFeaturesError,
    Labelled,
    Pool,
    State,
    pair_features,
    select_batch,
    strategy,
)

NAMES = sorted(STRATEGIES)
RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def table(rows: np.ndarray, seed: int = 0) -> Pool:
    """Return a pool with every column that some strategy asks for."""
    rng = np.random.default_rng(seed)
    count = len(rows)
    return Pool(
        rows,
        rng.normal(size=(count, 3)),
        rng.integers(-1, 2, count),
        np.arange(count) // 2,
        languages=rng.choice(["ru", "en"], count),
        contenders=rng.choice(["x", "y"], (count, 2)),
        fingerprint="e5",
    )


def labels(rows: np.ndarray, targets: np.ndarray, seed: int = 1) -> Labelled:
    columns = {name: value for name, value in vars(table(rows, seed)).items() if value is not None}
    return Labelled(**columns, targets=targets)


def served(name: str, pool: Pool, known: Labelled, count: int, seed: int) -> None:
    """Ask the strategy itself and for a whole batch; both must give what a caller can use."""
    head = BradleyTerryHead(calibrate=True).fit(known.features, known.targets, groups=known.groups)
    choice = strategy(name).choose(State(known, head), pool, count, np.random.default_rng(seed))
    assert len(set(choice.indices.tolist())) == len(choice) == min(count, len(pool))
    assert np.isfinite(choice.scores).all()
    batch = select_batch(name, pool, known, count, rng=np.random.default_rng(seed), cold_start_labels=2)
    assert len(set(batch.indices.tolist())) == len(batch) == min(count, len(pool))
    for pick in batch:
        assert np.isfinite(pick.explanation.score)
        assert np.isfinite(pick.explanation.similarity or 0.0)
        assert "nan" not in str(pick.explanation)


@given(
    name=st.sampled_from(NAMES),
    value=st.sampled_from([0.0, 1.0, -1e-30, 1e30]),
    size=st.integers(1, 12),
    count=st.integers(1, 20),
    seed=st.integers(0, 99),
)
@RELAXED
def test_constant_embeddings_are_served(name: str, value: float, size: int, count: int, seed: int) -> None:
    known = labels(np.full((24, 4), value), np.arange(24) % 2)
    served(name, table(np.full((size, 4), value)), known, count, seed)


@given(
    name=st.sampled_from(NAMES),
    rows=st.integers(1, 4),
    copies=st.integers(2, 6),
    count=st.integers(1, 30),
    seed=st.integers(0, 99),
)
@RELAXED
def test_duplicates_contradictions_and_small_pools_are_served(
    name: str, rows: int, copies: int, count: int, seed: int
) -> None:
    pairs = np.random.default_rng(seed).normal(size=(rows, 5))
    pool = table(np.repeat(pairs, copies, axis=0))
    contradictory = np.repeat(pairs, 2 * copies, axis=0)
    served(name, pool, labels(contradictory, np.arange(len(contradictory)) % 2), count, seed)


@given(
    name=st.sampled_from(NAMES),
    target=st.sampled_from([0.0, 0.5, 1.0]),
    count=st.integers(1, 12),
    seed=st.integers(0, 99),
)
@RELAXED
def test_one_class_only_is_served(name: str, target: float, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = labels(rng.normal(size=(25, 4)), np.full(25, target))
    pool = table(rng.normal(size=(9, 4)))
    served(name, pool, known, count, seed)
    batch = select_batch(name, pool, known, count, rng=rng)
    assert batch.cold_start is strategy(name).needs_head


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_pool_is_refused(name: str, rng: np.random.Generator) -> None:
    known = labels(np.ones((4, 3)), np.arange(4) % 2)
    with pytest.raises(EmptyPoolError, match="add unlabelled pairs"):
        select_batch(name, table(np.empty((0, 3))), known, 3, rng=rng)
    with pytest.raises(EmptyPoolError):
        strategy(name).choose(State(known), table(np.empty((0, 3))), 3, rng)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_embedding_model_is_refused(name: str, rng: np.random.Generator) -> None:
    known = labels(rng.normal(size=(24, 3)), np.arange(24) % 2)
    pool = replace(table(rng.normal(size=(9, 3))), fingerprint="bge")
    with pytest.raises(ChangedEmbeddingsError, match="'e5', not 'bge': compute the features again"):
        select_batch(name, pool, known, 3, rng=rng)
    head = BradleyTerryHead().fit(known.features, known.targets)
    with pytest.raises(ChangedEmbeddingsError):
        strategy(name).choose(State(known, head), pool, 3, rng)


@given(
    row=st.integers(0, 5),
    column=st.integers(0, 3),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
    side=st.integers(0, 2),
)
@settings(max_examples=30, deadline=None)
def test_nan_and_infinity_are_refused_where_they_come_in(
    row: int, column: int, bad: float, side: int
) -> None:
    embeddings = [np.ones((6, 4)) for _ in range(3)]
    embeddings[side][row, column] = bad
    makers: tuple[Any, ...] = (
        lambda: pair_features(*embeddings),
        lambda: Pool(embeddings[side]),
        lambda: Pool(np.ones((6, 4)), queries=embeddings[side]),
        lambda: Labelled(embeddings[side], targets=np.ones(6)),
        lambda: BradleyTerryHead().fit(embeddings[side], np.ones(6)),
    )
    for make in makers:
        with pytest.raises(InvalidFeaturesError, match=f"NaN or infinity in row {row}") as raised:
            make()
        assert isinstance(raised.value, ActiveError)
        assert "\n" not in str(raised.value)
