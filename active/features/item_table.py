"""Hold features with a column for each item beside them, at two numbers a pair."""

from typing import Any

import numpy as np

from active.arrays import AnyArray, FloatArray, IntArray, RowTable, times


class ItemTable(RowTable):
    """Make rows [features, +scale at the first item, −scale at the second] when they are read.

    features: (n, d) in memory or a memory map; first, second: (n,) places of the items among `items`
    columns, −1 for one without a column. Rows of a map are float32, all others float64.
    """

    def __init__(
        self, features: FloatArray, first: IntArray, second: IntArray, items: int, scale: float
    ) -> None:
        self._features, self._items, self._scale = features, items, scale
        self._first, self._second = first, second
        self.shape = (len(features), features.shape[1] + items)
        self.dtype = np.result_type(features.dtype, np.float32)

    def __getitem__(self, index: Any) -> AnyArray:
        """Return the row at a number, or those at a slice, at places or in a mask."""
        if isinstance(index, int | np.integer):
            row: AnyArray = self[np.array([index])][0]
            return row
        columns = item_columns(self._first[index], self._second[index], self._items, self._scale)
        return np.hstack([np.asarray(self._features[index], self.dtype), columns.astype(self.dtype)])

    def __matmul__(self, matrix: AnyArray) -> AnyArray:
        """Return the product with (d + items,) or (d + items, k): of the items, a difference of its rows."""
        width = self._features.shape[1]
        effects = np.concatenate([matrix[width:], np.zeros((1, *matrix.shape[1:]))])  # the last: no column
        difference = self._scale * (effects[self._first] - effects[self._second])
        product: AnyArray = times(self._features, matrix[:width]) + difference
        return product

    def at(self, index: AnyArray) -> "ItemTable":
        """Return some of the rows as a table; their features are copied."""
        features = np.asarray(self._features[index])
        return ItemTable(features, self._first[index], self._second[index], self._items, self._scale)


def item_columns(first: IntArray, second: IntArray, items: int, scale: float) -> FloatArray:
    """Return (n, items): +scale at the first item, −scale at the second, nothing at −1."""
    columns = np.zeros((len(first), items))
    for sign, places in ((scale, first), (-scale, second)):
        known = np.flatnonzero(places >= 0)
        columns[known, places[known]] += sign  # an item against itself cancels
    return columns
