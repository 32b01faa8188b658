"""Check the arrays that come in, so that the rest of the package can trust them."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active.errors import InvalidFeaturesError, InvalidLabelsError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]


def as_matrix(values: ArrayLike, what: str, width: int | None = None) -> FloatArray:
    """Return the values as a finite float array of two axes.

    `width`, when given, is the number of columns wanted.
    Raises InvalidFeaturesError for text, NaN, infinity or another shape.
    """
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidFeaturesError(f"{what} must be a rectangular array of numbers: {error}") from error
    if matrix.ndim != 2:
        raise InvalidFeaturesError(f"{what} must have two axes (rows, columns), not shape {matrix.shape}")
    if width is not None and matrix.shape[1] != width:
        raise InvalidFeaturesError(f"{what} must have {width} columns, not {matrix.shape[1]}")
    finite = np.isfinite(matrix).all(axis=1)
    if not finite.all():
        raise InvalidFeaturesError(f"{what} has NaN or infinity in row {int(np.argmin(finite))}: drop it")
    return matrix


def as_targets(values: ArrayLike, length: int) -> FloatArray:
    """Return targets as floats in [0, 1]: 1 first better, 0 second better, 0.5 tie.

    Raises InvalidLabelsError for another length or a value outside [0, 1].
    """
    targets = as_column(values, "targets", length).astype(np.float64)
    if not ((targets >= 0) & (targets <= 1)).all():  # False for NaN too
        raise InvalidLabelsError("targets must lie in [0, 1]: 1 first better, 0 second better, 0.5 tie")
    return targets


def as_weights(values: ArrayLike, length: int) -> FloatArray:
    """Return sample weights as finite, non-negative floats with a positive sum.

    Raises InvalidLabelsError otherwise.
    """
    weights = as_column(values, "weights", length).astype(np.float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise InvalidLabelsError("weights must be finite and not negative, with at least one above zero")
    return weights


def as_column(values: ArrayLike, what: str, length: int) -> AnyArray:
    """Return the values as an array of one axis and the given length.

    Raises InvalidLabelsError for another shape.
    """
    column = np.asarray(values)
    if column.shape != (length,):
        raise InvalidLabelsError(f"{what} must have shape ({length},), not {column.shape}")
    return column


def unit_rows(matrix: FloatArray) -> FloatArray:
    """Scale each row to Euclidean length one; rows of zeros stay zero."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    scaled: FloatArray = matrix / np.where(lengths > 0, lengths, 1.0)
    return scaled
