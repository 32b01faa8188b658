from collections import Counter
from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, Labelled, Pool, State, strategy


def test_the_weight_is_the_formula(rng: np.random.Generator) -> None:
    labelled = Labelled(np.ones((4, 1)), clusters=np.array([0, 0, 0, 1]), targets=np.ones(4))
    pool = Pool(np.ones((3, 1)), clusters=np.array([0, 1, 2]))
    weighted = strategy("gap_weighted", base=strategy("random"), gamma=2.0, traffic={0: 30, 1: 60, 2: 10})
    acquisition = weighted.begin(State(labelled), pool, 2, rng)
    weights = [acquisition.evidence(index)["weight"] for index in range(3)]
    assert weights == pytest.approx([1.0, 1 + 2 * (0.6 - 0.25) / 0.6, 3.0])
    acquisition.take(2)  # counts as a label at once
    assert acquisition.evidence(2)["weight"] == 1.0


def test_it_moves_picks_into_the_gap(simulation: Any) -> None:
    known = np.flatnonzero(simulation.clusters[:90] != 2)  # cluster 2 has no labels
    state = State(simulation.labelled(known), simulation.head(known))
    rest = np.setdiff1d(np.arange(120), known)
    pool = simulation.pool(rest)

    def share(name: str, **options: Any) -> float:
        choice = strategy(name, **options).choose(state, pool, 8, np.random.default_rng(0))
        return float(np.mean(simulation.clusters[rest][choice.indices] == 2))

    plain = share("dopt")
    assert share("gap_weighted", base=strategy("dopt"), gamma=50.0, traffic={2: 1.0}) > plain
    assert share("gap_weighted", base=strategy("dopt"), gamma=0.0) == plain


def test_equal_values_follow_the_traffic(rng: np.random.Generator) -> None:
    clusters = np.repeat([0, 1, 2], 40)
    pool = Pool(np.zeros((120, 2)), clusters=clusters)
    labelled = Labelled(np.eye(2), clusters=np.array([0, 1]), targets=np.array([1, 0]))
    weighted = strategy(
        "gap_weighted", base=strategy("random"), gamma=1e9, traffic={0: 0.5, 1: 0.25, 2: 0.25}
    )
    choice = weighted.choose(State(labelled), pool, 38, rng)
    total = Counter(clusters[choice.indices].tolist()) + Counter([0, 1])
    assert total[0] == pytest.approx(20, abs=2)
    assert total[1] == pytest.approx(10, abs=2)


def test_clusters_and_sane_options_are_needed(simulation: Any, rng: np.random.Generator) -> None:
    with pytest.raises(InvalidOptionError, match="clusters"):
        strategy("gap_weighted").begin(State(Labelled.nothing(2)), Pool(np.ones((2, 2))), 1, rng)
    with pytest.raises(InvalidOptionError, match="gamma"):
        strategy("gap_weighted", gamma=-1.0)
    with pytest.raises(InvalidOptionError, match="traffic"):
        strategy("gap_weighted", traffic={0: -1.0})
