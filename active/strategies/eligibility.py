"""Say which pairs may be picked next: the rules of a batch, whatever the strategy."""

from collections.abc import Mapping

import numpy as np

from active.arrays import BoolArray, IntArray
from active.errors import InvalidOptionError
from active.pool import Pool


class Eligibility:
    """Track the picks of one batch of `size` pairs.

    Rules, strongest first. No pair twice. No question twice (`pool.groups`), unless every pair left belongs
    to a question already in the batch. Quotas: {cluster: at least so many pairs}; once the places left are
    only as many as the quotas still ask for, nobody else is eligible. A quota that the pool cannot fill
    counts for as much as it can. Raises InvalidOptionError for quotas without clusters, negative, or above
    the size of the batch together.
    """

    def __init__(self, pool: Pool, size: int, quotas: Mapping[int, int] | None = None) -> None:
        self._free = np.ones(len(pool), dtype=bool)
        self._fresh = np.ones(len(pool), dtype=bool)
        self._groups = _codes(pool)
        self._places = min(size, len(pool))
        # Without clusters there are no quotas either, so this column is then never compared with one.
        self._clusters = np.zeros(len(pool), dtype=np.int64) if pool.clusters is None else pool.clusters
        self._owed = _seats(pool, self._groups, size, quotas or {})

    @property
    def left(self) -> int:
        """Return how many pairs have not been picked."""
        return int(self._free.sum())

    def mask(self) -> BoolArray:
        """Return which pairs may be picked next, (n,); some may while any is left."""
        eligible: BoolArray = self._free & self._fresh
        if not eligible.any():
            eligible = self._free
        owed = [cluster for cluster, seats in self._owed.items() if seats > 0]
        if owed and sum(self._owed.values()) >= self._places:
            wanted = eligible & np.isin(self._clusters, owed)
            eligible = wanted if wanted.any() else eligible
        return eligible.copy()

    def take(self, index: int) -> None:
        """Record a pick."""
        self._free[index] = False
        self._fresh &= self._groups != self._groups[index]
        self._places -= 1
        cluster = int(self._clusters[index])
        if self._owed.get(cluster, 0) > 0:
            self._owed[cluster] -= 1


def _codes(pool: Pool) -> IntArray:
    """Return the question of each pair as a number; without groups each pair is its own question."""
    if pool.groups is None:
        return np.arange(len(pool))
    return np.unique(pool.groups, return_inverse=True)[1].astype(np.int64)


def _seats(pool: Pool, groups: IntArray, size: int, quotas: Mapping[int, int]) -> dict[int, int]:
    """Return the seats each quota can really fill, a question counted once."""
    if not quotas:
        return {}
    if pool.clusters is None:
        raise InvalidOptionError("quotas need clusters: give the pool its clusters column")
    if min(quotas.values()) < 0 or sum(quotas.values()) > size:
        raise InvalidOptionError(f"quotas must not be negative nor exceed the batch of {size} together")
    return {
        cluster: min(seats, len(np.unique(groups[pool.clusters == cluster])))
        for cluster, seats in quotas.items()
    }
