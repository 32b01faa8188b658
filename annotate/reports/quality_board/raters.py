"""Measure each rater: agreement with the others' consensus, place of the winner, time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.agreement import Estimate, share_of
from annotate.labelling.verdicts import OUTCOMES
from annotate.reports.quality_board.votes import MACHINE, PERSON, Integers, Said

# Edges of the distribution of seconds, each a third of a doubling or so above the last.
EDGES = (0, 2, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 86, 115, 154, 206, 275, 368)


@dataclass(frozen=True)
class Pace:
    """Hold the active seconds a judgement takes: quantiles, and counts between EDGES (the last: beyond)."""

    n: int
    median: float
    quick: float
    slow: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Rater:
    """Hold what the judgements of one rater show.

    `consensus` is how often the outcome is that of most others (where most others agree on one), `left`
    how often the answer on the left won, of the verdicts that name a winner.
    """

    name: str
    kind: str
    judgements: int
    consensus: Estimate | None
    left: Estimate | None
    pace: Pace | None


def rate(said: Said) -> tuple[Rater, ...]:
    """Measure every rater, by name."""
    fits = _fits(said)
    raters = enumerate(zip(said.names, said.kinds, strict=True))
    found = [
        _rater(said, np.flatnonzero(said.raters == number), name, kind, fits)
        for number, (name, kind) in raters
    ]
    return tuple(sorted(found, key=lambda rater: rater.name))


def lean(said: Said) -> dict[str, Estimate | None]:
    """Return how often the answer on the left won, for people and for machines."""
    return {kind: _left(said.left[said.of_kind(kind)]) for kind in (PERSON, MACHINE)}


def _rater(said: Said, at: Integers, name: str, kind: str, fits: Integers) -> Rater:
    compared = fits[at][fits[at] >= 0]
    return Rater(
        name=name,
        kind=kind,
        judgements=len(at),
        consensus=share_of(int(compared.sum()), len(compared)),
        left=_left(said.left[at]),
        pace=_pace(said.seconds[at]),
    )


def _left(sides: Integers) -> Estimate | None:
    return share_of(int((sides == 1).sum()), int((sides >= 0).sum()))


def _pace(seconds: NDArray[np.float64]) -> Pace | None:
    measured = seconds[seconds > 0]
    if not len(measured):
        return None
    quick, median, slow = np.quantile(measured, [0.1, 0.5, 0.9])
    counts = np.histogram(measured, [*EDGES, np.inf])[0]
    return Pace(len(measured), float(median), float(quick), float(slow), tuple(counts.tolist()))


def _fits(said: Said) -> Integers:
    """Return 1 where a judgement names what most others name, 0 where not, -1 where these are split, (n,)."""
    kinds = len(OUTCOMES)
    pairs, rows = np.unique(said.pairs, return_inverse=True)
    rows = rows.reshape(-1)
    counts = np.bincount(rows * kinds + said.outcomes, minlength=len(pairs) * kinds).reshape(-1, kinds)
    others = counts[rows]
    others[np.arange(len(rows)), said.outcomes] -= 1
    ordered = np.sort(others, axis=1)
    clear = ordered[:, -1] > ordered[:, -2]
    same = others.argmax(axis=1) == said.outcomes
    return np.where(clear, same, -1).astype(np.int64)
