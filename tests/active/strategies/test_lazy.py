"""A lazy acquisition picks exactly what greedy choice over all values picks, in memory and from the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from active import BradleyTerryHead, Eligibility, Labelled, Pool, State, strategy
from active.strategies import lazy, points
from active.strategies.base import Acquisition
from active.strategies.coreset import Cover
from active.strategies.dopt import DesignAcquisition
from active.strategies.lazy_design import LazyDesign
from active.strategies.lazy_distance import LazyDistance, LazySeeding

COUNT, WIDTH, PICKS = 900, 12, 80


@pytest.fixture
def small_shortlist(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shortlist run out again and again, as it does in a great pool."""
    monkeypatch.setattr(lazy, "SHORTLIST", (16, 16))
    monkeypatch.setattr(lazy, "AT_ONCE", 7)


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(COUNT, WIDTH)) * np.linspace(0.3, 3, WIDTH)


@pytest.fixture
def labelled(features: np.ndarray) -> Labelled:
    seen = features[:40] + 0.1
    return Labelled(seen, targets=(seen.sum(axis=1) > 0).astype(float))


@pytest.fixture
def head(labelled: Labelled) -> BradleyTerryHead:
    return BradleyTerryHead(l2=1.0).fit(labelled.features, labelled.targets)


def on_disk(rows: np.ndarray, folder: Path) -> np.ndarray:
    mapped = np.memmap(folder / "rows.f32", dtype=np.float32, mode="w+", shape=rows.shape)
    mapped[:] = rows
    mapped.flush()
    return np.memmap(folder / "rows.f32", dtype=np.float32, mode="r", shape=rows.shape)


def picked(acquisition: Acquisition, weights: np.ndarray | None = None) -> list[int]:
    rng, found, mask = np.random.default_rng(0), [], np.ones(COUNT, dtype=bool)
    for _ in range(PICKS):
        index, value = acquisition.best(mask, rng, weights)
        assert value >= 0
        acquisition.take(index)
        mask[index] = False
        found.append(index)
    return found


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.usefixtures("small_shortlist")
def test_the_lazy_design_picks_what_the_greedy_one_does(head, features, tmp_path, weighted: bool) -> None:
    weights = np.random.default_rng(1).uniform(0.5, 2, COUNT) if weighted else None
    plain = picked(DesignAcquisition(head, features), weights)
    assert picked(LazyDesign(head, features), weights) == plain
    assert picked(LazyDesign(head, on_disk(features, tmp_path)), weights) == plain


@pytest.mark.usefixtures("small_shortlist")
def test_any_worth_that_grows_with_the_variance_will_do(head, features) -> None:
    gap = np.abs(features[:, 0])
    lazy_one = LazyDesign(head, features, lambda variance, index: gap[index] + np.sqrt(variance))
    plain = DesignAcquisition(head, features)
    mask = np.ones(COUNT, dtype=bool)
    for _ in range(30):
        values = np.where(mask, gap + np.sqrt(plain.variance), -np.inf)
        index, value = lazy_one.best(mask, np.random.default_rng(0))
        assert (index, value) == (int(values.argmax()), pytest.approx(values.max(), rel=1e-4))
        for one in (plain, lazy_one):
            one.take(index)
        mask[index] = False


@pytest.mark.parametrize("labels", [0, 15])
@pytest.mark.usefixtures("small_shortlist")
def test_the_lazy_cover_picks_what_the_greedy_one_does(features, tmp_path, labels: int) -> None:
    centres = features[:labels] * 0.9
    plain = picked(Cover(features, centres))
    for rows in (features, on_disk(features, tmp_path)):
        squared = points.squared_to_nearest(rows, centres)
        assert picked(LazyDistance(rows, squared, fresh=not labels)) == plain


def test_all_values_can_be_asked_for(head, features) -> None:
    one, other = LazyDesign(head, features), DesignAcquisition(head, features)
    for index in (3, 5, 700):
        one.take(index)
        other.take(index)
    np.testing.assert_allclose(one.scores(), other.scores(), rtol=1e-3, atol=1e-5)
    assert one.evidence(9)["variance"] == pytest.approx(other.evidence(9)["variance"], rel=1e-3)


def test_seeding_draws_by_squared_distance() -> None:
    """Of points at distances 1 and 2 from the first pick the farther is drawn four times as often."""
    rows = np.array([[9.0, 0.0], [8.0, 0.0], [9.0, 2.0]])
    mask, second = np.ones(3, dtype=bool), []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        one = LazySeeding(rows, np.ones(3))
        first, _ = one.best(mask, rng)
        assert first == 2  # the longest
        one.take(first)
        second.append(one.best(mask, rng)[0])
    # squared distances from (9, 2): 4 to (9, 0), 5 to (8, 0)
    assert np.mean(np.array(second) == 1) == pytest.approx(5 / 9, abs=0.08)
    assert 2 not in second


def test_seeding_goes_on_when_every_pair_lies_on_a_pick() -> None:
    one, rng = LazySeeding(np.ones((5, 3)), np.full(5, 0.5)), np.random.default_rng(0)
    mask = np.ones(5, dtype=bool)
    for _ in range(5):
        index, _ = one.best(mask, rng)
        one.take(index)
        mask[index] = False
    assert not mask.any()


@pytest.mark.parametrize("name", ["random", "cluster_random", "typiclust", "coreset", "gap_weighted"])
def test_strategies_choose_from_the_disk(
    name: str, head, labelled, features, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "SAMPLE", 300)
    clusters = np.arange(COUNT) % 4 if name == "gap_weighted" else None
    rows = on_disk(features, tmp_path)
    pool = Pool(rows, clusters=clusters)
    known = Labelled(
        labelled.features,
        clusters=None if clusters is None else np.zeros(40, dtype=np.int64),
        targets=labelled.targets,
    )
    options = {"base": strategy("coreset")} if name == "gap_weighted" else {}
    one = strategy(name, **options)
    choice = one.choose(State(known, head), pool, 25, np.random.default_rng(0), Eligibility(pool, 25))
    assert len(set(choice.indices.tolist())) == 25
    if name == "gap_weighted":
        assert np.mean(pool.clusters[choice.indices] == 0) < 0.1  # all labels lie there already


def test_what_is_large_is_on_the_disk_or_has_many_pairs(features, tmp_path) -> None:
    assert lazy.is_large(Pool(on_disk(features, tmp_path)))
    assert not lazy.is_large(Pool(features))
    assert lazy.is_large(Pool(np.zeros((lazy.LAZY_FROM, 1))))
