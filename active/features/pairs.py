"""Turn a query and its two answers into one antisymmetric row of numbers."""

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, as_matrix
from active.errors import InvalidFeaturesError


def pair_features(
    query: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    extras: tuple[ArrayLike, ArrayLike] | None = None,
) -> FloatArray:
    """Return z = φ(x, y₁) − φ(x, y₂) with φ = [answer, query · answer, extras].

    `query`, `first` and `second` are embeddings of shape (n, e), row i of each belonging to pair i.
    `extras` holds further numbers of the first and of the second answers, each of shape (n, k), for instance
    from `lexical_features`. The result has shape (n, 2e + k); swapping the answers flips its sign exactly.
    Raises InvalidFeaturesError for NaN, infinity or shapes that do not match.
    """
    x = as_matrix(query, "query")
    y1, y2 = as_matrix(first, "first"), as_matrix(second, "second")
    if not x.shape == y1.shape == y2.shape:
        raise InvalidFeaturesError(
            f"query, first and second must have one shape, not {x.shape}, {y1.shape}, {y2.shape}"
        )
    difference = y1 - y2
    blocks = [difference, x * difference]
    if extras is not None:
        e1, e2 = as_matrix(extras[0], "extras of the first"), as_matrix(extras[1], "extras of the second")
        if e1.shape != e2.shape or len(e1) != len(x):
            raise InvalidFeaturesError(
                f"extras must both have shape ({len(x)}, k), not {e1.shape}, {e2.shape}"
            )
        blocks.append(e1 - e2)
    return np.hstack(blocks)
