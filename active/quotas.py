"""Say how many pairs of a batch are for whom, and find a smallest set of picks that gives each its due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from active.arrays import FloatArray, IntArray
from active.errors import InvalidOptionError
from active.pool import Pool

Kind = Literal["cluster", "language", "contender"]


@dataclass(frozen=True)
class Quotas:
    """Ask for at least so many pairs of each cluster, language and contender named.

    One pair may serve a quota of each kind at once, and those of both its contenders.
    """

    clusters: Mapping[int, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    contenders: Mapping[Any, int] = field(default_factory=dict)

    def check(self, pool: Pool, size: int) -> None:
        """Raise InvalidOptionError for quotas that are negative, exceed the batch, or lack their column."""
        kinds: tuple[tuple[str, Mapping[Any, int], Any, int], ...] = (
            ("clusters", self.clusters, pool.clusters, size),
            ("languages", self.languages, pool.languages, size),
            ("contenders", self.contenders, pool.contenders, 2 * size),
        )
        for column, wanted, values, seats in kinds:
            if not wanted:
                continue
            if values is None:
                raise InvalidOptionError(f"quotas need {column}: give the pool its {column} column")
            if min(wanted.values()) < 0 or max(wanted.values()) > size or sum(wanted.values()) > seats:
                raise InvalidOptionError(
                    f"quotas of {column} must not be negative nor exceed the batch of {size} together"
                )


@dataclass(frozen=True)
class Shortage:
    """Say that a quota got fewer pairs than it asked for, because the pool or the batch had no more."""

    kind: Kind
    name: Any
    wanted: int
    missing: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.wanted - self.missing} of {self.wanted} pairs"


@dataclass(frozen=True, eq=False)
class Cells:
    """Sort the pairs of a pool by the quotas that they serve.

    demands: (kind, name, wanted) of each quota above zero; of_pair (n,): the pair's cell, −1 where it serves
    none; serves (cells, demands) of 0 and 1.
    """

    demands: tuple[tuple[Kind, Any, int], ...]
    of_pair: IntArray
    serves: IntArray

    @classmethod
    def of(cls, pool: Pool, quotas: Quotas) -> "Cells":
        """Return the cells of a pool: one for each set of quotas that some pair serves."""
        kinds: tuple[tuple[Kind, Mapping[Any, int], Any], ...] = (
            ("cluster", quotas.clusters, (pool.clusters,)),
            ("language", quotas.languages, (pool.languages,)),
            ("contender", quotas.contenders, () if pool.contenders is None else pool.contenders.T),
        )
        demands: list[tuple[Kind, Any, int]] = []
        codes = np.zeros(len(pool), dtype=np.int64)
        columns: list[IntArray] = []
        for kind, wanted, sides in kinds:
            named = [(name, count) for name, count in wanted.items() if count > 0]
            if not named:
                continue
            for side in sides:
                columns.append(_places([name for name, _ in named], side, len(demands)))
                codes = codes * (len(named) + 1) + np.where(
                    columns[-1] < 0, 0, columns[-1] - len(demands) + 1
                )
            demands += [(kind, name, count) for name, count in named]
        found, first, of_pair = np.unique(codes, return_index=True, return_inverse=True)
        serves = np.zeros((len(found), len(demands)), dtype=np.int64)
        for column in columns:
            served = column[first]
            serves[np.flatnonzero(served >= 0), served[served >= 0]] = 1
        return cls(tuple(demands), np.where(found[of_pair] == 0, -1, of_pair).astype(np.int64), serves)


def smallest_plan(serves: IntArray, available: IntArray, owed: IntArray, places: int) -> IntArray:
    """Return how many pairs to pick of each cell, (cells,), so that as little as possible stays owed.

    serves (cells, demands); available (cells,) pairs to pick from; owed (demands,) pairs still asked for;
    places, at most so many picks. Of the plans that leave least owed in total, one with fewest picks. An
    integer program, solved by HiGHS (`scipy.optimize.milp`).
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # loaded by those who set quotas only

    cells, demands = serves.shape
    if not (places > 0 and owed.any() and available.any()):
        return np.zeros(cells, dtype=np.int64)
    cost: FloatArray = np.concatenate([np.ones(cells), np.full(demands, places + 1.0)])
    meet = LinearConstraint(np.hstack([serves.T, np.eye(demands)]), lb=owed)
    fit = LinearConstraint(np.concatenate([np.ones(cells), np.zeros(demands)])[None, :], ub=places)
    limits = Bounds(0, np.concatenate([available, owed]))
    solved = milp(cost, constraints=[meet, fit], bounds=limits, integrality=np.ones(len(cost)))
    if solved.x is None:  # the plan of no picks is feasible, so only a limit of the solver leads here
        return np.zeros(cells, dtype=np.int64)
    plan: IntArray = np.round(solved.x[:cells]).astype(np.int64)
    return plan


def _places(names: Sequence[Any], values: Any, offset: int) -> IntArray:
    """Return the demand that each value meets, (n,), −1 for none."""
    places = np.full(len(values), -1, dtype=np.int64)
    for place, name in enumerate(names):
        places[np.asarray(values == name)] = offset + place
    return places
