from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from active import BradleyTerryHead, Labelled, Pool, State, strategy
from active.strategies.dopt import DesignAcquisition


@pytest.mark.parametrize(("count", "width"), [(120, 6), (60, 90)])
def test_rank_one_updates_equal_a_direct_inverse(
    simulate: Callable[..., Any], count: int, width: int
) -> None:
    data = simulate(count, width)
    head, features = data.head(slice(0, 25)), data.features[25:]
    acquisition = DesignAcquisition(head, features)
    precision = head.posterior_precision()
    p = head.predict_proba(features)[:, 1]
    for index in (3, 17, 3, 30):  # a pair twice, too
        acquisition.take(index)
        z = features[index]
        precision = precision + p[index] * (1 - p[index]) * np.outer(z, z)
        direct = np.einsum("ij,jk,ik->i", features, np.linalg.inv(precision), features)
        assert acquisition.variance == pytest.approx(direct, rel=1e-6)


def test_greedy_picks_equal_brute_force(simulation: Any, rng: np.random.Generator) -> None:
    head, features = simulation.head(slice(0, 30)), simulation.features[30:]
    p = head.predict_proba(features)[:, 1]
    a = p * (1 - p)
    precision, expected = head.posterior_precision(), []
    for _ in range(6):
        gain = a * np.einsum("ij,jk,ik->i", features, np.linalg.inv(precision), features)
        gain[expected] = -1
        best = int(np.argmax(gain))
        expected.append(best)
        precision = precision + a[best] * np.outer(features[best], features[best])
    state = State(simulation.labelled(slice(0, 30)), head)
    assert strategy("dopt").choose(state, Pool(features), 6, rng).indices.tolist() == expected


def test_a_duplicate_of_a_pick_loses_its_value(rng: np.random.Generator) -> None:
    labelled = Labelled(np.eye(3), targets=np.array([1, 0, 0.5]))
    head = BradleyTerryHead(l2=0.1, standardise=False).fit(labelled.features, labelled.targets)
    pool = Pool(np.array([[9.0, 0, 0], [9.0, 0, 0], [0, 2.0, 0], [-9.0, 0, 0]]))
    choice = strategy("dopt").choose(State(labelled, head), pool, 2, rng)
    assert 2 in choice.indices


def test_its_batch_shrinks_the_posterior_more_than_chance(simulation: Any) -> None:
    head, pool = simulation.head(slice(0, 30)), Pool(simulation.features[30:])
    state = State(simulation.labelled(slice(0, 30)), head)
    p = head.predict_proba(pool.features)[:, 1]

    def volume(indices: np.ndarray) -> float:
        z = pool.features[indices] * np.sqrt(p * (1 - p))[indices, None]
        return float(np.linalg.slogdet(head.posterior_precision() + z.T @ z).logabsdet)

    design = volume(strategy("dopt").choose(state, pool, 10, np.random.default_rng(0)).indices)
    chance = [
        volume(strategy("random").choose(state, pool, 10, np.random.default_rng(s)).indices)
        for s in range(30)
    ]
    assert design > max(chance)
