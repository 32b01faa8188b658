"""Say which pairs may be picked next: the rules of a batch, whatever the strategy."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import BoolArray, IntArray
from active.errors import InvalidOptionError
from active.pool import Pool
from active.quotas import Cells, Quotas, Shortage, smallest_plan


class Eligibility:
    """Track the picks of one batch of `size` pairs.

    Rules, strongest first. No pair twice, and none of those `excluded` (indices or a mask). No question twice
    (`pool.groups`), unless every pair left belongs to a question already in the batch. Quotas ({cluster: at
    least so many pairs}, or `Quotas` of clusters, languages and contenders together): a smallest plan that
    meets them is kept at all times, and once the places left are only as many as the plan needs, nobody else
    is eligible. So the first picks are free, and the quotas are met all the same. What the pool cannot give
    is told by `shortages`, once the batch is full.

    Raises InvalidOptionError for quotas without their column, negative, or above the size of the batch
    together (above twice the size for contenders, two of whom are in each pair).
    """

    def __init__(
        self,
        pool: Pool,
        size: int,
        quotas: Mapping[int, int] | Quotas | None = None,
        excluded: ArrayLike | None = None,
    ) -> None:
        self._free = _free(len(pool), excluded)
        self._eligible = self._free.copy()
        self._members = None if pool.groups is None else _Members(pool.groups)
        self._repeats = False
        self._places = min(size, self.left)
        self._seats: _Seats | None = None
        asked = quotas if isinstance(quotas, Quotas) else Quotas(clusters=quotas or {})
        asked.check(pool, size)
        if any((*asked.clusters.values(), *asked.languages.values(), *asked.contenders.values())):
            self._seats = _Seats(Cells.of(pool, asked))
            self._seats.count(self._eligible, self._members, self._places)

    @property
    def left(self) -> int:
        """Return how many pairs may still be picked, now or later."""
        return int(np.count_nonzero(self._free))

    @property
    def shortages(self) -> tuple[Shortage, ...]:
        """Return the quotas that have not got their pairs."""
        return () if self._seats is None else self._seats.shortages

    def mask(self) -> BoolArray:
        """Return which pairs may be picked next, (n,); some may while any is left."""
        if self._seats is not None and self._seats.bind(self._places):
            wanted: BoolArray = self._eligible & self._seats.planned
            if wanted.any():
                return wanted
        return self._eligible.copy()

    def take(self, index: int) -> None:
        """Record a pick."""
        self._free[index] = False
        rows = np.array([index]) if self._members is None or self._repeats else self._members.of(index)
        gone = rows[self._eligible[rows]]
        self._eligible[gone] = False
        self._places -= 1
        if self._seats is not None:
            self._seats.take(index, gone)
        if not self._repeats and not self._eligible.any():
            self._repeats = True
            self._eligible = self._free.copy()
            if self._seats is not None:
                self._seats.count(self._eligible, None, self._places)


class _Members:
    """Find the pairs of a question."""

    def __init__(self, groups: ArrayLike) -> None:
        self.codes: IntArray = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        self._order = np.argsort(self.codes, kind="stable")
        self._ends = np.cumsum(np.bincount(self.codes))

    def of(self, index: int) -> IntArray:
        """Return the pairs of the question that the pair belongs to."""
        group = self.codes[index]
        start = self._ends[group - 1] if group else 0
        return self._order[start : self._ends[group]]


class _Seats:
    """Keep what the quotas still ask for, and a smallest plan to give it to them."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._owed = np.array([wanted for _, _, wanted in cells.demands], dtype=np.int64)
        self._available: IntArray = np.zeros(len(cells.serves), dtype=np.int64)
        self._plan: IntArray = np.zeros(len(cells.serves), dtype=np.int64)
        self._stale = False

    @property
    def planned(self) -> BoolArray:
        """Return which pairs are in a cell that the plan wants more of, (n,)."""
        wanted = np.append(self._plan > 0, False)  # the last place is that of −1, which serves nobody
        picked: BoolArray = wanted[self._cells.of_pair]
        return picked

    @property
    def shortages(self) -> tuple[Shortage, ...]:
        """Return what is still owed."""
        owed = zip(self._cells.demands, self._owed, strict=True)
        return tuple(Shortage(*demand, missing=int(missing)) for demand, missing in owed if missing > 0)

    def count(self, eligible: BoolArray, members: _Members | None, places: int) -> None:
        """Count the pairs to pick from by cell, a question once, and plan."""
        rows = np.flatnonzero(eligible & (self._cells.of_pair >= 0))
        cells = self._cells.of_pair[rows]
        if members is not None:
            together = np.unique(members.codes[rows] * len(self._plan) + cells)
            cells = together % len(self._plan)
        self._available = np.bincount(cells, minlength=len(self._plan)).astype(np.int64)
        self._make_plan(places)

    def bind(self, places: int) -> bool:
        """Say whether the places left are all needed for the plan, made anew where it may be too long."""
        if (self._plan > self._available).any() or (self._stale and self._plan.sum() >= places):
            self._make_plan(places)
        return bool(0 < self._plan.sum() >= places)

    def take(self, index: int, gone: IntArray) -> None:
        """Hear of a pick, and of all pairs that it made ineligible: one question, or that pair alone."""
        cell = int(self._cells.of_pair[index])
        if cell >= 0:
            self._owed = np.maximum(self._owed - self._cells.serves[cell], 0)
            if self._plan[cell] > 0:
                self._plan[cell] -= 1
            else:
                self._stale = True
        lost = self._cells.of_pair[gone]
        self._available[np.unique(lost[lost >= 0])] -= 1

    def _make_plan(self, places: int) -> None:
        self._plan = smallest_plan(self._cells.serves, self._available, self._owed, places)
        self._stale = False


def _free(count: int, excluded: ArrayLike | None) -> BoolArray:
    free = np.ones(count, dtype=bool)
    if excluded is not None:
        rows = np.asarray(excluded)
        if rows.dtype != bool and not np.issubdtype(rows.dtype, np.integer) and rows.size:
            raise InvalidOptionError("excluded must be indices of the pool or a mask over it")
        try:
            free[rows if rows.size else []] = False
        except IndexError as error:
            raise InvalidOptionError(f"excluded does not fit the pool of {count} pairs: {error}") from error
    return free
