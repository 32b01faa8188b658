"""Hold votes: one by one as rows, or by the million as columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    `truths` are the accepted verdicts of the items whose truth is known, such as gold tasks: the methods
    learn from them whom to trust, and say nothing of them.
    """

    items: Integers
    assessors: Integers
    names: tuple[str, ...]
    verdicts: Integers
    swapped: NDArray[np.bool_]
    truths: Mapping[int, Collection[str]] = field(default_factory=dict)

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

    def with_known(self, votes: Iterable[Vote], truths: Mapping[int, Collection[str]]) -> Votes:
        """Return these votes and further ones, of items whose truth is known; the items must be others.

        Raises VerdictError at a verdict that does not exist.
        """
        more = Votes.of(votes)
        names = (*self.names, *(name for name in more.names if name not in set(self.names)))
        place = {name: at for at, name in enumerate(names)}
        moved = np.array([place[name] for name in more.names], dtype=np.int64)[more.assessors]
        return Votes(
            np.concatenate([self.items, more.items]),
            np.concatenate([self.assessors, moved]),
            names,
            np.concatenate([self.verdicts, more.verdicts]),
            np.concatenate([self.swapped, more.swapped]),
            {**self.truths, **truths},
        )

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def item_ids(self) -> Integers:
        """The numbers of the items that have votes, ascending, (m,)."""
        return self._coded[0]

    @cached_property
    def anchors(self) -> tuple[Integers, NDArray[np.bool_]]:
        """Where the known items (k,) stand in `item_ids`, and which outcomes of each are accepted, (k, 4)."""
        here = [item for item in self.item_ids.tolist() if item in self.truths] if self.truths else []
        accepted = [{outcome(check_verdict(verdict)) for verdict in self.truths[item]} for item in here]
        allowed = np.array([[name in one for name in OUTCOMES] for one in accepted], dtype=bool)
        return np.searchsorted(self.item_ids, here).astype(np.int64), allowed.reshape(-1, len(OUTCOMES))

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
