"""Hold votes: one by one as rows, or by the million as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.verdicts import GRADES, OUTCOMES, VERDICTS, check_verdict, outcome

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VERDICT_NUMBER: dict[str, int] = {verdict: number for number, verdict in enumerate(VERDICTS)}
OUTCOME_OF = np.array([OUTCOMES.index(outcome(verdict)) for verdict in VERDICTS])  # by number of verdict
GRADE_OF = np.array([float(GRADES.get(verdict, 0)) for verdict in VERDICTS])  # `both_bad` favours neither


@dataclass(frozen=True)
class Vote:
    """Name who gave which verdict to which item, in the stored order of the pair.

    `swapped` says that the assessor saw the second answer on the left.
    """

    item: int
    assessor: str
    verdict: str
    swapped: bool = False


@dataclass(frozen=True)
class Votes:
    """Hold n votes as columns; the columns are what the methods compute with.

    `items` (n,) are the items' numbers, `assessors` (n,) point into `names`, `verdicts` (n,) point
    into VERDICTS, `swapped` (n,) says which votes were given with the second answer on the left.
    """

    items: Integers
    assessors: Integers
    names: tuple[str, ...]
    verdicts: Integers
    swapped: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Iterable[Vote]) -> Votes:
        """Turn rows into columns; raise VerdictError at a verdict that does not exist."""
        given = list(rows)
        for verdict in {vote.verdict for vote in given}:
            check_verdict(verdict)
        at = {name: number for number, name in enumerate(sorted({vote.assessor for vote in given}))}
        return cls(
            np.array([vote.item for vote in given], dtype=np.int64),
            np.array([at[vote.assessor] for vote in given], dtype=np.int64),
            tuple(at),
            np.array([VERDICT_NUMBER[vote.verdict] for vote in given], dtype=np.int64),
            np.array([vote.swapped for vote in given], dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def item_ids(self) -> Integers:
        """The numbers of the items that have votes, ascending, (m,)."""
        return self._coded[0]

    @property
    def rows(self) -> Integers:
        """Where each vote's item stands in `item_ids`, (n,)."""
        return self._coded[1]

    @cached_property
    def outcomes(self) -> Integers:
        """What each vote names, as a place in OUTCOMES, (n,)."""
        return OUTCOME_OF[self.verdicts]

    @cached_property
    def grades(self) -> Floats:
        """The strength of each vote, from 2 (the first much better) to -2, (n,)."""
        return GRADE_OF[self.verdicts]

    def count(self, weights: Floats | None = None) -> Floats:
        """Return the votes, or their weights, summed by item and outcome, (m, 4)."""
        kinds = len(OUTCOMES)
        cells = self.rows * kinds + self.outcomes
        sums = np.bincount(cells, weights, minlength=len(self.item_ids) * kinds)
        return sums.reshape(-1, kinds).astype(np.float64)

    def incidence(self, cells: Integers, size: int) -> Any:
        """Return which item has a vote in which cell, as a sparse matrix (m, size).

        Multiplied with a table (size, k) it sums the table's rows over the votes of each item;
        transposed, it sums what belongs to the items over the votes of each cell.
        """
        from scipy.sparse import csr_matrix  # here, since the command line must start fast

        shape = (len(self.item_ids), size)
        return csr_matrix((np.ones(len(self)), (self.rows, cells)), shape=shape)

    @cached_property
    def _coded(self) -> tuple[Integers, Integers]:
        ids, rows = np.unique(self.items, return_inverse=True)
        return ids, rows.reshape(-1)


def as_columns(votes: Sequence[Vote] | Votes) -> Votes:
    """Return votes as columns, whatever they come as."""
    return votes if isinstance(votes, Votes) else Votes.of(votes)
