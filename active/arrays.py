"""Check the arrays that come in, so that the rest of the package can trust them.

Tables of features are float64 arrays in memory, or memory maps of float16 or float32 on the disk
(`features.FeatureFile` makes such), or make their rows when they are read (`RowTable`). The last two are
never held whole: `row_blocks` reads a block at a time, a map as float32, and `times` and `squared_lengths`
are the two reductions that strategies need.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from active.errors import InvalidFeaturesError, InvalidLabelsError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]

BLOCK_VALUES = 2**21
"""Numbers read at a time from a memory map: 8 MiB as float32."""


class RowTable(ABC):
    """Make rows of numbers when they are read; the package takes it wherever it takes a table of features.

    shape (n, d), dtype: of the rows. Whatever of numpy wants all rows at once gets an array of them all.
    """

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    ndim = 2

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def __getitem__(self, index: Any) -> AnyArray:
        """Return the row at a number, (d,), or those at a slice, at places or in a mask, (m, d)."""

    @abstractmethod
    def __matmul__(self, matrix: AnyArray) -> AnyArray:
        """Return the product with a vector (d,) or a matrix (d, k), without holding all rows."""

    @abstractmethod
    def at(self, index: AnyArray) -> "RowTable":
        """Return some of the rows as a table."""

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> AnyArray:
        """Return all rows; `copy` is for numpy, they are always new."""
        return np.asarray(self[:], dtype=dtype)


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


def as_rows(values: ArrayLike, what: str, width: int | None = None) -> FloatArray:
    """Return the values as `as_matrix` does, but leave a map of float16 or float32 or a RowTable as it is.

    Raises InvalidFeaturesError like `as_matrix`; such is read once, in blocks, to look for NaN and infinity.
    """
    if not is_read_in_blocks(values):
        return as_matrix(values, what, width)
    for rows, block in row_blocks(values):
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            row = rows.start + int(np.argmin(finite))
            raise InvalidFeaturesError(f"{what} has NaN or infinity in row {row}: drop it")
    if width is not None and values.shape[1] != width:
        raise InvalidFeaturesError(f"{what} must have {width} columns, not {values.shape[1]}")
    return values


def is_mapped(values: ArrayLike) -> TypeGuard[FloatArray]:
    """Say whether the values are a table on the disk: a memory map of float16 or float32 with two axes."""
    return isinstance(values, np.memmap) and values.ndim == 2 and values.dtype in (np.float16, np.float32)


def is_read_in_blocks(values: ArrayLike | RowTable) -> TypeGuard[FloatArray]:
    """Say whether the values are a table that is never held whole; it then passes for an array of floats."""
    return isinstance(values, RowTable) or is_mapped(values)


def row_blocks(rows: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Yield (which rows, those rows) from the first to the last.

    A memory map comes in blocks of BLOCK_VALUES numbers as float32 in memory, a RowTable in such of its own
    kind; an array comes whole, as it is.
    """
    if not is_read_in_blocks(rows):
        yield slice(0, len(rows)), rows
        return
    kind = np.float32 if is_mapped(rows) else rows.dtype
    step = max(1, BLOCK_VALUES // max(rows.shape[1], 1))
    for start in range(0, len(rows), step):
        part = slice(start, min(start + step, len(rows)))
        yield part, np.asarray(rows[part], dtype=kind)


def times(rows: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return rows @ matrix, (n,) or (n, k), as float64 in memory; of a memory map at float32's precision."""
    if not is_mapped(rows):
        whole: FloatArray = rows @ matrix
        return whole
    product = np.empty((len(rows), *matrix.shape[1:]))
    narrow = matrix.astype(np.float32)
    for part, block in row_blocks(rows):
        product[part] = block @ narrow
    return product


def squared_lengths(rows: FloatArray) -> FloatArray:
    """Return the squared Euclidean length of each row, (n,)."""
    lengths = np.empty(len(rows))
    for part, block in row_blocks(rows):
        lengths[part] = np.einsum("ij,ij->i", block, block)
    return lengths


def rows_at(rows: FloatArray, index: AnyArray) -> FloatArray:
    """Return copies of the rows at an index or mask, as float64 in memory."""
    return np.asarray(rows[index], dtype=np.float64)


def as_targets(values: ArrayLike, length: int) -> FloatArray:
    """Return targets as floats in [0, 1]: 1 first better, 0 second better, 0.5 tie.

    Raises InvalidLabelsError for another length or a value outside [0, 1].
    """
    targets = as_column(values, "targets", length).astype(np.float64)
    if not ((targets >= 0) & (targets <= 1)).all():  # False for NaN too
        raise InvalidLabelsError("targets must lie in [0, 1]: 1 first better, 0 second better, 0.5 tie")
    return targets


def as_verdicts(values: ArrayLike, length: int) -> FloatArray:
    """Return the probabilities of grades, (length, K) with K ≥ 2, each row summing to one.

    Raises InvalidLabelsError for other shapes, negative numbers or rows that do not sum to one.
    """
    verdicts = np.asarray(values, dtype=np.float64)
    if verdicts.ndim != 2 or len(verdicts) != length or verdicts.shape[1] < 2:
        raise InvalidLabelsError(f"verdicts must have shape ({length}, 2 or more), not {verdicts.shape}")
    if not ((verdicts >= 0).all() and np.allclose(verdicts.sum(axis=1), 1.0, atol=1e-6)):  # NaN too
        raise InvalidLabelsError("verdicts must be probabilities: not negative, each row summing to one")
    return verdicts


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
