import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active.drift import traffic_drift
from active.errors import InvalidFeaturesError


def test_a_topic_that_grows_is_seen() -> None:
    early, late = [0] * 80 + [1] * 20, [0] * 40 + [1] * 60
    falling, rising = traffic_drift([*early, *late], np.repeat([1.0, 2.0], 100))
    assert (rising.before, rising.recent, rising.events) == (0.2, 0.6, 80)
    assert rising.change == pytest.approx(0.4)
    assert 0.25 < rising.interval.low < 0.4 < rising.interval.high < 0.55
    assert rising.is_clear
    assert falling.change == pytest.approx(-0.4)


def test_little_that_happened_is_not_clear() -> None:
    assert not any(one.is_clear for one in traffic_drift([0, 1, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6]))


@pytest.mark.parametrize("times", [[], [5.0, 5.0, 5.0]])
def test_without_a_later_half_there_is_no_drift(times: list[float]) -> None:
    assert traffic_drift([0] * len(times), times) == ()


@given(st.lists(st.tuples(st.integers(-1, 3), st.floats(0, 9)), max_size=40))
def test_changes_add_up_to_nothing(events: list[tuple[int, float]]) -> None:
    found = traffic_drift([cluster for cluster, _ in events], [at for _, at in events])
    assert sum(one.change for one in found) == pytest.approx(0)
    for one in found:
        assert one.interval.low - 1e-9 <= one.change <= one.interval.high + 1e-9


def test_times_must_fit() -> None:
    with pytest.raises(InvalidFeaturesError):
        traffic_drift([0, 1], [1.0])
    with pytest.raises(InvalidFeaturesError):
        traffic_drift([0], [float("nan")])
