import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from active import InvalidFeaturesError, pair_features

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.data(), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3))
def test_swapping_the_answers_flips_the_sign(data: st.DataObject, n: int, e: int, k: int) -> None:
    x, y1, y2 = (data.draw(arrays(float, (n, e), elements=numbers)) for _ in range(3))
    e1, e2 = (data.draw(arrays(float, (n, k), elements=numbers)) for _ in range(2))
    z = pair_features(x, y1, y2, (e1, e2))
    assert z.shape == (n, 2 * e + k)
    assert np.isfinite(z).all()
    assert np.array_equal(z, -pair_features(x, y2, y1, (e2, e1)))


def test_features_are_the_formula() -> None:
    z = pair_features([[2.0, 0.5]], [[1.0, 3.0]], [[0.0, 1.0]], ([[5.0]], [[7.0]]))
    assert np.allclose(z, [[1.0, 2.0, 2.0, 1.0, -2.0]])


def test_equal_answers_give_zeros() -> None:
    assert not pair_features([[1.0, 2.0]], [[3.0, 4.0]], [[3.0, 4.0]]).any()


def test_bad_input_is_refused() -> None:
    good = np.ones((3, 2))
    with pytest.raises(InvalidFeaturesError, match="one shape"):
        pair_features(good, good, np.ones((3, 4)))
    with pytest.raises(InvalidFeaturesError, match="NaN"):
        pair_features(good, good * np.nan, good)
    with pytest.raises(InvalidFeaturesError, match="extras"):
        pair_features(good, good, good, (np.ones((2, 1)), np.ones((2, 1))))
