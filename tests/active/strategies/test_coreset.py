"""CoreSet against the definition of greedy k-centre."""

from typing import Any

import numpy as np

from active import Labelled, Pool, State, strategy


def nearest(z: np.ndarray, centres: list[np.ndarray]) -> float:
    return min(min(np.linalg.norm(z - c), np.linalg.norm(z + c)) for c in centres)


def test_each_pick_is_the_farthest_from_labels_and_picks(simulation: Any) -> None:
    known, pool = simulation.labelled(slice(0, 20)), simulation.pool(slice(20, None))
    choice = strategy("coreset").choose(State(known), pool, 8, np.random.default_rng(0))
    centres = list(known.features)
    asked: set[int] = set()
    for index, score in zip(choice.indices, choice.scores, strict=True):
        free = [i for i in range(len(pool)) if pool.groups[i] not in asked]
        distances = {i: nearest(pool.features[i], centres) for i in free}
        assert np.isclose(score, distances[index])
        assert np.isclose(score, max(distances.values()))
        centres.append(pool.features[index])
        asked.add(pool.groups[index])


def test_a_pair_told_in_the_other_order_is_the_same_pair() -> None:
    z = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0]])
    choice = strategy("coreset").choose(State(Labelled.nothing(2)), Pool(z), 2, np.random.default_rng(0))
    assert set(choice.indices.tolist()) - {0, 1} == {2}
