"""Count which verdicts two raters gave to the same pairs, or one rater where all together say another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.verdicts import VERDICTS
from annotate.reports.quality_board.votes import MACHINE, PERSON, Integers, Said

MOST_COMPARED = 8  # those with most judgements are compared two by two
MOST_RATERS = 60
CONSENSUS = ""  # names the joint verdict


@dataclass(frozen=True)
class Confusion:
    """Count verdicts (6 x 6) in the order of VERDICTS: rows by `one`, columns by `other` or the consensus.

    `one` is a name, or a kind of assessors where `is_kind`.
    """

    one: str
    other: str
    counts: tuple[tuple[int, ...], ...]
    is_kind: bool = False

    @property
    def total(self) -> int:
        """Return how many pairs were compared."""
        return sum(map(sum, self.counts))


def confuse(said: Said) -> tuple[Confusion, ...]:
    """Compare people, machines, and each rater with the consensus, and the busiest raters two by two."""
    found = [_with_consensus(said, said.of_kind(kind), kind, is_kind=True) for kind in (PERSON, MACHINE)]
    sizes = np.bincount(said.raters, minlength=len(said.names))
    busiest = sorted(range(len(said.names)), key=lambda rater: (-sizes[rater], said.names[rater]))
    found += [
        _with_consensus(said, said.raters == rater, said.names[rater]) for rater in busiest[:MOST_RATERS]
    ]
    found += [_two(said, one, other) for one, other in combinations(sorted(busiest[:MOST_COMPARED]), 2)]
    return tuple(one for one in found if one.total)


def _with_consensus(said: Said, chosen: NDArray[np.bool_], name: str, *, is_kind: bool = False) -> Confusion:
    chosen = chosen & (said.joint >= 0)
    return Confusion(name, CONSENSUS, _table(said.verdicts[chosen], said.joint[chosen]), is_kind)


def _two(said: Said, one: int, other: int) -> Confusion:
    mine, theirs = np.flatnonzero(said.raters == one), np.flatnonzero(said.raters == other)
    _, left, right = np.intersect1d(said.pairs[mine], said.pairs[theirs], return_indices=True)
    counts = _table(said.verdicts[mine[left]], said.verdicts[theirs[right]])
    return Confusion(said.names[one], said.names[other], counts)


def _table(rows: Integers, columns: Integers) -> tuple[tuple[int, ...], ...]:
    size = len(VERDICTS)
    counts = np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)
    return tuple(tuple(row) for row in counts.tolist())
