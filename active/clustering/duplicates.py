"""Find texts that say nearly the same."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from active.arrays import FloatArray, IntArray, as_matrix, unit_rows
from active.errors import InvalidFeaturesError, InvalidOptionError

AT_ONCE = 2_048
"""Rows compared with all others at a time: 160 MB of cosines at 20,000 rows."""

COMPARED = 20_000
"""Of a longer list only texts of one cluster are compared, so that time does not grow with its square."""


def near_duplicates(
    embeddings: ArrayLike, least: float = 0.95, labels: ArrayLike | None = None
) -> tuple[IntArray, ...]:
    """Return groups of rows of (n, e) embeddings linked by cosines of at least `least`, largest first.

    Each group holds two or more indices, in order; a chain of near pairs is one group. Above COMPARED rows
    only rows with the same of the `labels` (n,), such as clusters, are compared.
    Raises InvalidFeaturesError, InvalidOptionError for a `least` outside (0, 1].
    """
    rows = unit_rows(as_matrix(embeddings, "embeddings"))
    if not 0 < least <= 1:
        raise InvalidOptionError(f"near-duplicates have a cosine in (0, 1], not {least}")
    parts: list[IntArray] = [np.arange(len(rows))]
    if labels is not None and len(rows) > COMPARED:
        of = np.asarray(labels)
        if of.shape != (len(rows),):
            raise InvalidFeaturesError(f"{of.shape} labels for {len(rows)} embeddings: give one each")
        parts = [np.flatnonzero(of == label) for label in np.unique(of)]
    pairs = [_near(rows, part, least) for part in parts]
    first, second = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(len(rows),) * 2)
    group = connected_components(links, directed=False)[1]
    sizes = np.bincount(group, minlength=1)
    found = [np.flatnonzero(group == number) for number in np.flatnonzero(sizes > 1)]
    return tuple(sorted(found, key=lambda members: (-len(members), int(members[0]))))


def _near(rows: FloatArray, part: IntArray, least: float) -> tuple[IntArray, IntArray]:
    """Return the pairs of the part (lower index first) whose cosine is high enough."""
    firsts, seconds = [], []
    within = rows[part].astype(np.float32)
    for start in range(0, len(part), AT_ONCE):
        cosines = within[start : start + AT_ONCE] @ within[start:].T
        one, other = np.nonzero(np.triu(cosines, 1) >= least - 1e-6)
        firsts.append(part[start + one])
        seconds.append(part[start + other])
    empty: IntArray = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *firsts]), np.concatenate([empty, *seconds])
