from collections import Counter

import numpy as np

from active import Labelled, Pool, State, strategy


def test_each_cluster_gets_its_turn(rng: np.random.Generator) -> None:
    clusters = np.array([0] * 50 + [1] * 5 + [-1] * 5)
    pool = Pool(rng.normal(size=(60, 2)), clusters=clusters)
    choice = strategy("cluster_random").choose(State(Labelled.nothing(2)), pool, 9, rng)
    assert Counter(clusters[choice.indices].tolist()) == {0: 3, 1: 3, -1: 3}
    assert choice.evidence[0]["cluster_size"] in {50, 5}


def test_an_exhausted_cluster_leaves_its_turns_to_the_others(rng: np.random.Generator) -> None:
    clusters = np.array([0] * 20 + [1])
    pool = Pool(np.ones((21, 2)), clusters=clusters)
    choice = strategy("cluster_random").choose(State(Labelled.nothing(2)), pool, 10, rng)
    assert Counter(clusters[choice.indices].tolist()) == {0: 9, 1: 1}


def test_without_clusters_it_makes_its_own(rng: np.random.Generator) -> None:
    queries = np.repeat([[0.0, 0], [9, 9], [-9, 9]], 20, axis=0) + rng.normal(size=(60, 2)) * 0.1
    pool = Pool(np.ones((60, 1)), queries=queries)
    choice = strategy("cluster_random").choose(State(Labelled.nothing(1)), pool, 3, rng)
    assert sorted(choice.indices // 20) == [0, 1, 2]
