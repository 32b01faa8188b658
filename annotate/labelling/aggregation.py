"""Join the judgements of several assessors into one verdict; pure functions, no database.

Each assessor has one reliability r: a vote names the true outcome with probability r and
any other with equal probability. Reliabilities and posteriors are found by expectation
maximisation with a Beta prior, so that an assessor with few votes is trusted like others.
Source: Dawid & Skene 1979 in its one-coin form (Li & Yu, "Error Rate Bounds in
Crowdsourcing Models", 2013), with the prior of Liu, Peng & Ihler, NeurIPS 2012.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.verdicts import GRADES, OUTCOMES, outcome

PRIOR_RIGHT, PRIOR_WRONG = 4.0, 2.0  # an unknown assessor is right two times in three
MUCH_BETTER = 1.5  # mean grade from which a win counts as a clear one
_ROUNDS = 100
_TOLERANCE = 1e-6
_DECIMALS = 9  # what lies behind is the rounding of sums, which depends on the order of votes


@dataclass(frozen=True)
class Vote:
    """Name who gave which verdict to which item, in the stored order of the pair."""

    item: int
    assessor: str
    verdict: str


@dataclass(frozen=True)
class Aggregate:
    """Hold the joint verdict of one item, its posterior by outcome, and the mean grade."""

    verdict: str
    posterior: dict[str, float]
    margin: float


@dataclass(frozen=True)
class Aggregation:
    """Hold the verdicts of all items and the reliability of each assessor."""

    items: dict[int, Aggregate]
    reliability: dict[str, float]


def aggregate(votes: Sequence[Vote]) -> Aggregation:
    """Return the joint verdict of each item and how reliable each assessor seems."""
    items = sorted({vote.item for vote in votes})
    assessors = sorted({vote.assessor for vote in votes})
    row = {item: at for at, item in enumerate(items)}
    column = {name: at for at, name in enumerate(assessors)}
    rows = np.array([row[vote.item] for vote in votes], dtype=int)
    columns = np.array([column[vote.assessor] for vote in votes], dtype=int)
    chosen = np.array([OUTCOMES.index(outcome(vote.verdict)) for vote in votes], dtype=int)
    reliability: NDArray[np.float64] = np.full(len(assessors), PRIOR_RIGHT / (PRIOR_RIGHT + PRIOR_WRONG))
    posterior: NDArray[np.float64] = np.zeros((len(items), len(OUTCOMES)))
    for _ in range(_ROUNDS):
        posterior = _posterior(rows, columns, chosen, reliability, len(items))
        before, reliability = reliability, _reliability(rows, columns, chosen, posterior, len(assessors))
        if np.abs(reliability - before).max(initial=0.0) < _TOLERANCE:
            break
    trust = {name: float(reliability[at]) for name, at in column.items()}
    margins = _margins(votes, trust)
    return Aggregation(
        {item: _joint(posterior[at], margins[item]) for item, at in row.items()},
        trust,
    )


def _posterior(
    rows: NDArray[np.int_],
    columns: NDArray[np.int_],
    chosen: NDArray[np.int_],
    reliability: NDArray[np.float64],
    items: int,
) -> NDArray[np.float64]:
    weights = np.zeros((items, len(OUTCOMES)))
    trust = reliability[columns]
    gain = np.log(trust) - np.log((1 - trust) / (len(OUTCOMES) - 1))
    np.add.at(weights, (rows, chosen), gain)
    weights -= weights.max(axis=1, keepdims=True)
    likelihood = np.exp(weights)
    posterior: NDArray[np.float64] = likelihood / likelihood.sum(axis=1, keepdims=True)
    return posterior


def _reliability(
    rows: NDArray[np.int_],
    columns: NDArray[np.int_],
    chosen: NDArray[np.int_],
    posterior: NDArray[np.float64],
    assessors: int,
) -> NDArray[np.float64]:
    right = np.bincount(columns, weights=posterior[rows, chosen], minlength=assessors)
    total = np.bincount(columns, minlength=assessors)
    estimate: NDArray[np.float64] = (right + PRIOR_RIGHT) / (total + PRIOR_RIGHT + PRIOR_WRONG)
    return estimate


def _margins(votes: Sequence[Vote], trust: Mapping[str, float]) -> dict[int, float]:
    sums: dict[int, list[float]] = {}
    for vote in votes:
        total = sums.setdefault(vote.item, [0.0, 0.0])
        total[0] += trust[vote.assessor] * GRADES.get(vote.verdict, 0)
        total[1] += trust[vote.assessor]
    return {item: round(grade / weight, _DECIMALS) for item, (grade, weight) in sums.items()}


def _joint(posterior: NDArray[np.float64], margin: float) -> Aggregate:
    named = {name: float(share) for name, share in zip(OUTCOMES, posterior, strict=True)}
    best = posterior.max()
    winners = [name for name in OUTCOMES if named[name] >= best - 10**-_DECIMALS]
    winner = winners[0] if len(winners) == 1 else _break_even(winners, margin)
    if winner in ("tie", "both_bad"):
        return Aggregate(winner, named, margin)
    side = "A" if winner == "first" else "B"
    strength = "much_better" if abs(margin) >= MUCH_BETTER else "better"
    return Aggregate(f"{side}_{strength}", named, margin)


def _break_even(winners: list[str], margin: float) -> str:
    """Let the strength of the votes decide between outcomes that are equally likely."""
    if margin > 0 and "first" in winners:
        return "first"
    if margin < 0 and "second" in winners:
        return "second"
    return "tie"
