"""BAL-PM: information where labels are, distance where they are not."""

from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, Pool, State, strategy


def test_of_equal_information_the_question_far_from_labels_comes_first(simulation: Any) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    same = np.repeat(simulation.features[40:41], 3, axis=0)
    known = simulation.queries[0]
    pool = Pool(same, queries=np.stack([known, known + 50, known + 0.1]))
    choice = strategy("balpm", beta=1.0).choose(state, pool, 3, np.random.default_rng(0))
    assert choice.indices[0] == 1
    assert choice.evidence[0]["distance"] == 1.0


def test_a_pick_makes_its_neighbours_less_wanted(simulation: Any) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    near, far = simulation.queries[0] + 60, simulation.queries[0] - 50
    pool = Pool(np.repeat(simulation.features[40:41], 3, axis=0), queries=np.stack([near, near + 0.5, far]))
    choice = strategy("balpm", beta=1.0).choose(state, pool, 2, np.random.default_rng(0))
    assert 2 in choice.indices.tolist()


def test_without_beta_it_orders_by_information(simulation: Any) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    pool = Pool(simulation.features[30:])
    choice = strategy("balpm", beta=0.0).choose(state, pool, 20, np.random.default_rng(0))
    information = [row["information"] for row in choice.evidence]
    assert information == sorted(information, reverse=True)


@pytest.mark.parametrize("options", [{"beta": -1.0}, {"neighbours": 0}, {"heads": 1}, {"beta": np.nan}])
def test_bad_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError, match="balpm"):
        strategy("balpm", **options)
