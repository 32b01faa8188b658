import numpy as np
import pytest

from active.arrays import as_matrix, as_targets, as_weights, unit_rows
from active.errors import InvalidFeaturesError, InvalidLabelsError


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([[1.0, np.nan]], "NaN or infinity in row 0"),
        ([[1.0], [np.inf]], "NaN or infinity in row 1"),
        ([1.0, 2.0], "two axes"),
        ([[1.0, 2.0], [3.0]], "rectangular"),
        ([["a", "b"]], "rectangular"),
    ],
)
def test_as_matrix_says_what_is_wrong(values: object, what: str) -> None:
    with pytest.raises(InvalidFeaturesError, match=what):
        as_matrix(values, "features")  # type: ignore[arg-type]


def test_as_matrix_checks_the_width() -> None:
    assert as_matrix([[1, 2]], "features", width=2).dtype == np.float64
    with pytest.raises(InvalidFeaturesError, match="3 columns, not 2"):
        as_matrix([[1, 2]], "features", width=3)


@pytest.mark.parametrize("values", [[0, 2], [-1, 1], [0.5, np.nan], [1], [[0, 1]]])
def test_as_targets_refuses_what_is_no_verdict(values: object) -> None:
    with pytest.raises(InvalidLabelsError):
        as_targets(values, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[-1, 1], [0, 0], [np.inf, 1]])
def test_as_weights_refuses_what_weighs_nothing(values: object) -> None:
    with pytest.raises(InvalidLabelsError):
        as_weights(values, 2)  # type: ignore[arg-type]


def test_unit_rows_leaves_zeros_alone() -> None:
    assert np.allclose(unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]])
