from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from active import (
    COLD_START_LABELS,
    STRATEGIES,
    EmptyPoolError,
    FeatureFile,
    InvalidFeaturesError,
    InvalidOptionError,
    Labelled,
    Pool,
    Quotas,
    UnknownStrategyError,
    select_batch,
    strategy,
)
from active.batches import audit_size

NAMES = sorted(STRATEGIES)


@given(
    name=st.sampled_from(NAMES),
    count=st.integers(1, 70),
    labels=st.sampled_from([0, 1, 10, 40]),
    seed=st.integers(0, 20),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_batch_is_whole(
    simulation: Any, name: str, count: int, labels: int, seed: int, share: float
) -> None:
    pool = simulation.pool(slice(60, None))
    batch = select_batch(
        name,
        pool,
        simulation.labelled(slice(0, labels)),
        count,
        rng=np.random.default_rng(seed),
        audit_share=share,
    )
    size = min(count, 60)
    assert len(batch) == size == len(set(batch.indices.tolist()))
    assert set(batch.indices.tolist()) <= set(range(60))
    if size > 1:
        assert len(batch.audit_indices) == (max(1, round(share * size)) if share else 0)
    questions = Counter(simulation.groups[60:][batch.indices].tolist())
    assert len(questions) == min(size, 30)  # 30 questions of two pairs: none twice before all came once
    assert batch.cold_start is (STRATEGIES[name]().needs_head and labels < COLD_START_LABELS)
    for pick in batch:
        assert np.isfinite(pick.explanation.score)
        assert (pick.explanation.nearest_label is None) is (labels == 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_the_batch(simulation: Any, name: str) -> None:
    def draw() -> tuple[Any, ...]:
        known = simulation.labelled(slice(0, 40))
        rng = np.random.default_rng(5)
        return select_batch(name, simulation.pool(slice(40, None)), known, 12, rng=rng).picks

    assert draw() == draw()


def test_the_batch_is_what_the_strategy_picks_with_the_audit_put_aside(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    batch = select_batch("entropy", pool, known, 10, rng=np.random.default_rng(0), audit_share=0.0)
    p_of = [pick.explanation.values["probability"] for pick in batch]
    doubt = [abs(p - 0.5) for p in p_of]
    assert doubt == sorted(doubt)
    assert [pick.explanation.rank for pick in batch] == list(range(1, 11))
    assert batch.l2 is not None


def test_explanations_read_aloud(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    batch = select_batch("dopt", pool, known, 10, rng=np.random.default_rng(0), audit_share=0.2)
    assert str(batch) == "Batch of 10 pairs: 8 by dopt, 2 for the audit"
    audit = next(pick for pick in batch if pick.is_audit).explanation
    other = next(pick for pick in batch if not pick.is_audit).explanation
    assert (audit.strategy, audit.reason) == ("random", "audit")
    assert (other.strategy, other.reason) == ("dopt", "informative")
    assert str(other).startswith(f"pick {other.rank} of dopt: informative (probability ")
    assert f"cluster {other.cluster}" in str(other)
    assert 0 <= (other.similarity or 0) <= 1


def test_the_nearest_label_is_the_same_pair_told_backwards() -> None:
    known = Labelled(np.array([[1.0, 0.0], [0.0, 1.0]]), targets=np.array([1, 0]))
    pool = Pool(np.array([[0.0, -3.0], [5.0, 0.1]]))
    batch = select_batch("random", pool, known, 2, rng=np.random.default_rng(0))
    nearest = {pick.index: pick.explanation for pick in batch}
    assert nearest[0].nearest_label == 1
    assert nearest[0].similarity == pytest.approx(1.0)
    assert nearest[1].nearest_label == 0


def test_the_nearest_label_of_a_large_batch_is_that_of_each_pick(simulate: Callable[..., Any]) -> None:
    data = simulate(400)
    pool, known = data.pool(slice(60, None)), data.labelled(slice(0, 60))
    unit = data.features / np.linalg.norm(data.features, axis=1, keepdims=True)
    cosines = np.abs(unit[60:] @ unit[:60].T)
    for pick in select_batch("random", pool, known, 300, rng=np.random.default_rng(0)):
        assert pick.explanation.nearest_label == int(cosines[pick.index].argmax())
        assert pick.explanation.similarity == pytest.approx(cosines[pick.index].max())


def test_cold_start_stands_in_until_labels_point_both_ways(simulation: Any) -> None:
    pool = simulation.pool(slice(60, None))
    one_sided = Labelled(simulation.features[:60], targets=np.ones(60))
    batch = select_batch("dopt", pool, one_sided, 8, rng=np.random.default_rng(0))
    assert batch.cold_start
    assert batch.l2 is None
    assert str(batch).startswith("Batch of 8 pairs: 7 by typiclust")
    assert {pick.explanation.strategy for pick in batch} == {"typiclust", "random"}
    known = simulation.labelled(slice(0, 3))
    warm = select_batch("dopt", pool, known, 8, rng=np.random.default_rng(0), cold_start_labels=2)
    assert warm.cold_start is (not known.has_both_verdicts)


def test_a_pool_smaller_than_its_quotas_is_taken_whole(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, 46)), simulation.labelled(slice(0, 40))
    batch = select_batch("entropy", pool, known, 20, rng=np.random.default_rng(0), quotas={0: 10, 1: 10})
    assert sorted(batch.indices.tolist()) == list(range(6))


def test_quotas_hold_and_count_the_audit(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    for seed in range(5):
        batch = select_batch(
            "entropy", pool, known, 10, rng=np.random.default_rng(seed), audit_share=0.3, quotas={2: 8}
        )
        assert np.sum(simulation.clusters[40:][batch.indices] == 2) >= 8


def test_quotas_of_all_kinds_hold_in_a_batch_and_shortages_are_told(simulation: Any) -> None:
    rng = np.random.default_rng(4)
    plain = simulation.pool(slice(40, None))
    pool = replace(
        plain,
        languages=rng.choice(["ru", "en"], len(plain), p=[0.2, 0.8]),
        contenders=np.array([rng.choice(list("wxyz"), 2, replace=False) for _ in range(len(plain))]),
    )
    known = simulation.labelled(slice(0, 40))
    quotas = Quotas({2: 5}, {"ru": 6, "de": 1}, {"w": 6, "x": 6})
    for name in ("dopt", "entropy", "random"):
        batch = select_batch(name, pool, known, 12, rng=rng, audit_share=0.25, quotas=quotas)
        assert len(batch.audit_indices) == 3
        got = pool.at(batch.indices)
        assert np.sum(got.clusters == 2) >= 5
        assert np.sum(got.languages == "ru") >= 6
        assert np.sum(got.contenders == "w") >= 6 <= np.sum(got.contenders == "x")
        assert [str(shortage) for shortage in batch.shortages] == ["language de: 0 of 1 pairs"]
        assert str(batch).endswith("3 for the audit; too few of language de: 0 of 1 pairs")


def test_the_audit_is_held_where_quotas_take_the_whole_batch(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    batch = select_batch(
        "dopt", pool, known, 10, rng=np.random.default_rng(0), audit_share=0.3, quotas={0: 4, 1: 6}
    )
    assert len(batch.audit_indices) == 3
    assert set(simulation.clusters[40:][batch.audit_indices].tolist()) <= {0, 1}


def test_pairs_excluded_are_not_picked(simulation: Any) -> None:
    pool, known = simulation.pool(slice(40, None)), simulation.labelled(slice(0, 40))
    done = np.arange(0, 80, 2)
    batch = select_batch("dopt", pool, known, 60, rng=np.random.default_rng(0), excluded=done)
    assert sorted(batch.indices.tolist()) == list(range(1, 80, 2))
    with pytest.raises(EmptyPoolError):
        select_batch("dopt", pool, known, 6, rng=np.random.default_rng(0), excluded=np.arange(80))


def test_a_memory_map_gives_the_batch_of_the_array(simulation: Any, tmp_path: Path) -> None:
    rows = simulation.features[40:].astype(np.float16)
    file = FeatureFile.write(tmp_path / "rows", [rows], count=80, width=6, fingerprint="f")
    known = simulation.labelled(slice(0, 40))
    for name in ("entropy", "dopt", "bald", "coreset", "random"):
        mapped, held = (
            select_batch(
                name,
                replace(simulation.pool(slice(40, None)), features=features),
                known,
                10,
                rng=np.random.default_rng(3),
            )
            for features in (file.rows, rows.astype(np.float64))
        )
        assert mapped.indices.tolist() == held.indices.tolist(), name


def test_the_audit_is_drawn_evenly_and_before_the_strategy_looks(simulation: Any) -> None:
    pool = Pool(simulation.features[40:])
    known = Labelled(simulation.features[:40], targets=simulation.targets[:40])
    seen: Counter[int] = Counter()
    for seed in range(150):
        options: dict[str, Any] = {"rng": np.random.default_rng(seed), "audit_share": 0.5}
        seen.update(select_batch("margin", pool, known, 20, **options).audit_indices.tolist())
    expected = 150 * 10 / 80
    chi_square = sum((seen[index] - expected) ** 2 / expected for index in range(80))
    assert chi_square < 124  # the 0.999 quantile for 79 degrees of freedom


def test_audit_pairs_are_scattered(simulation: Any) -> None:
    pool, known = (
        Pool(simulation.features[40:]),
        Labelled(simulation.features[:40], targets=simulation.targets[:40]),
    )
    places = {
        place
        for seed in range(30)
        for place, pick in enumerate(
            select_batch("random", pool, known, 8, rng=np.random.default_rng(seed), audit_share=0.25)
        )
        if pick.is_audit
    }
    assert places == set(range(8))


def test_the_size_of_the_audit(rng: np.random.Generator) -> None:
    assert [audit_size(count, 0.15, rng) for count in (2, 10, 20, 100)] == [1, 2, 3, 15]
    assert audit_size(50, 0.0, rng) == 0
    ones = [audit_size(1, 0.2, rng) for _ in range(2000)]
    assert np.mean(ones) == pytest.approx(0.2, abs=0.05)


def test_a_strategy_may_come_ready_made_and_the_head_too(simulate: Callable[..., Any]) -> None:
    from active import BradleyTerryHead

    data = simulate(90)
    weighted = strategy("gap_weighted", base=strategy("dopt"), gamma=2.0)
    batch = select_batch(
        weighted,
        data.pool(slice(40, None)),
        data.labelled(slice(0, 40)),
        6,
        rng=np.random.default_rng(0),
        head=BradleyTerryHead(l2=2.5),
    )
    assert batch.strategy == "gap_weighted"
    assert batch.l2 == 2.5
    assert "weight" in next(pick for pick in batch if not pick.is_audit).explanation.values


def test_contradictory_labels_and_duplicates_are_survived(simulation: Any) -> None:
    z = np.repeat(simulation.features[:15], 2, axis=0)
    known = Labelled(z, targets=np.tile([1.0, 0.0], 15))
    for name in NAMES:
        pool = Pool(np.vstack([z, z]), clusters=np.zeros(60, dtype=int))
        asked: Any = strategy(name)
        if name == "gap_weighted":
            known = Labelled(z, clusters=np.zeros(30, dtype=int), targets=np.tile([1.0, 0.0], 15))
        assert len(select_batch(asked, pool, known, 9, rng=np.random.default_rng(0))) == 9


def test_bad_requests_are_refused(simulation: Any, rng: np.random.Generator) -> None:
    pool, known = simulation.pool(), simulation.labelled(slice(0, 40))
    with pytest.raises(EmptyPoolError):
        select_batch("entropy", simulation.pool(slice(0, 0)), known, 5, rng=rng)
    with pytest.raises(UnknownStrategyError):
        select_batch("nonsense", pool, known, 5, rng=rng)
    with pytest.raises(InvalidOptionError, match="count"):
        select_batch("entropy", pool, known, 0, rng=rng)
    with pytest.raises(InvalidOptionError, match="audit_share"):
        select_batch("entropy", pool, known, 5, rng=rng, audit_share=1.5)
    with pytest.raises(InvalidOptionError, match="quotas"):
        select_batch("entropy", pool, known, 5, rng=rng, quotas={0: 6})
    with pytest.raises(InvalidFeaturesError, match="compute both alike"):
        select_batch("entropy", Pool(np.ones((9, 2))), known, 5, rng=rng, audit_share=0)
