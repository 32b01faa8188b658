import numpy as np

from active import Labelled, Pool, State, pair_features, strategy
from active.strategies.points import pool_points


def blobs(rng: np.random.Generator) -> np.ndarray:
    """Four tight blobs of 10, 20, 30 and 40 queries, far apart."""
    centres = np.array([[0.0, 0], [50, 0], [0, 50], [50, 50]])
    return np.repeat(centres, [10, 20, 30, 40], axis=0) + rng.normal(size=(100, 2))


BLOB = np.repeat(np.arange(4), [10, 20, 30, 40])


def test_one_pick_a_cluster_the_largest_first(rng: np.random.Generator) -> None:
    pool = Pool(np.ones((100, 3)), queries=blobs(rng))
    choice = strategy("typiclust").choose(State(Labelled.nothing(3)), pool, 4, rng)
    assert BLOB[choice.indices].tolist() == [3, 2, 1, 0]


def test_the_pick_is_denser_than_most_of_its_cluster(rng: np.random.Generator) -> None:
    queries = blobs(rng)
    pool = Pool(np.ones((100, 3)), queries=queries)
    choice = strategy("typiclust").choose(State(Labelled.nothing(3)), pool, 4, rng)
    for index, evidence in zip(choice.indices, choice.evidence, strict=True):
        mates = queries[BLOB[index] == BLOB]
        distance = np.linalg.norm(mates - mates.mean(axis=0), axis=1)
        chosen = np.linalg.norm(queries[index] - mates.mean(axis=0))
        assert chosen <= np.median(distance)
        assert evidence["typicality"] == 1.0


def test_clusters_with_labels_wait(rng: np.random.Generator) -> None:
    queries = blobs(rng)
    known = np.array([99, 98])  # two labels in the largest blob
    rest = np.setdiff1d(np.arange(100), known)
    state = State(Labelled(np.ones((2, 3)), queries=queries[known], targets=np.array([1, 0])))
    choice = strategy("typiclust").choose(state, Pool(np.ones((98, 3)), queries=queries[rest]), 2, rng)
    assert 2 in BLOB[rest][choice.indices]


def test_without_queries_features_serve_whatever_the_order_of_the_answers(rng: np.random.Generator) -> None:
    x, y1, y2 = rng.normal(size=(3, 30, 4))
    there, back = pair_features(x, y1, y2), pair_features(x, y2, y1)
    assert np.array_equal(pool_points(Pool(there)), pool_points(Pool(back)))
    picks = [
        strategy("typiclust").choose(State(Labelled.nothing(8)), Pool(z), 5, np.random.default_rng(0)).indices
        for z in (there, back)
    ]
    assert picks[0].tolist() == picks[1].tolist()
