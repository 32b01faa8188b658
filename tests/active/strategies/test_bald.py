from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from active import InvalidOptionError, State, strategy
from active.strategies.bald import mutual_information


@given(arrays(float, st.tuples(st.integers(1, 6), st.integers(2, 6)), elements=st.floats(0, 1)))
def test_information_lies_between_none_and_one_bit(probabilities: np.ndarray) -> None:
    information = mutual_information(probabilities)
    assert (information >= 0).all()
    assert (information <= np.log(2) + 1e-12).all()


def test_information_is_disagreement_and_not_doubt() -> None:
    split, doubtful, sure = mutual_information(np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 1.0]]))
    assert split == pytest.approx(np.log(2))
    assert doubtful == pytest.approx(0, abs=1e-12)
    assert sure == 0


def test_great_power_is_greedy_and_small_power_is_chance(simulation: Any) -> None:
    state = State(simulation.labelled(slice(0, 30)), simulation.head(slice(0, 30)))
    pool = simulation.pool(slice(30, None))

    def information(power: float) -> float:
        draws = [
            strategy("bald", power=power).choose(state, pool, 5, np.random.default_rng(s)) for s in range(20)
        ]
        return float(np.mean([[row["information"] for row in draw.evidence] for draw in draws]))

    assert information(20.0) > information(1.0) > information(0.01)


@pytest.mark.parametrize("options", [{"heads": 1}, {"power": 0.0}, {"power": np.nan}])
def test_bad_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError, match="bald"):
        strategy("bald", **options)
