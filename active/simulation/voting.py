"""Spend votes instead of labels: how many people to ask of a pair, and when to stop asking.

A pair may be voted on again. The head sees each voted pair once, with the mean of its votes as the target and
their number as the weight, which is the likelihood of the votes one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from active.arrays import FloatArray, IntArray
from active.errors import InvalidLabelsError, InvalidOptionError
from active.heads import BradleyTerryHead
from active.pool import Labelled
from active.simulation.curves import Ask, Curve, Known, measure, rows_of
from active.strategies import State

Again = Callable[[FloatArray, IntArray, FloatArray], FloatArray]
"""Which voted pairs deserve another vote: from the sum of ±1 votes (n,), their number (n,) and the head's
P(first better) (n,) to a value, (n,): the greatest first, zero or less for the settled."""


@dataclass(frozen=True, eq=False)
class Ballots:
    """Deal out the votes of each pair one by one, in an order drawn by lot, without replacement.

    votes: (n, k) in [0, 1], 1 for the first answer, NaN where there are fewer than k. Raises
    InvalidLabelsError for a pair without votes.
    """

    votes: FloatArray

    def __post_init__(self) -> None:
        if self.votes.ndim != 2 or np.isnan(self.votes).all(axis=1).any():
            raise InvalidLabelsError("votes must have a row a pair, with at least one vote in each")

    @property
    def available(self) -> IntArray:
        """Return how many votes each pair has, (n,)."""
        available: IntArray = np.sum(~np.isnan(self.votes), axis=1)
        return available

    def shuffled(self, rng: np.random.Generator) -> FloatArray:
        """Return each row's votes in an order drawn by lot, NaN last."""
        keys = np.where(np.isnan(self.votes), 2.0, rng.random(self.votes.shape))
        return np.take_along_axis(self.votes, np.argsort(keys, axis=1), axis=1)


def voting_curve(
    known: Known,
    ballots: Ballots,
    ask: Ask,
    again: Again | None,
    *,
    each: int = 1,
    start: int,
    batch: int,
    budget: int,
    rng: np.random.Generator,
    standardise: bool = True,
) -> Curve:
    """Spend votes batch by batch up to `budget`; `labels` of the curve are votes.

    Every batch of `batch` votes goes first to voted pairs that `again` wants voted on once more, the rest to
    new pairs that `ask` chooses, `each` votes at once. Raises InvalidOptionError where start or budget do
    not fit the pool.
    """
    if not 0 < start <= budget or len(ballots.votes) != len(known.pool) or start > each * len(known.pool):
        raise InvalidOptionError("wanted: 0 < start ≤ budget, and votes for every pair of the pool")
    urn = _Urn(ballots, rng)
    urn.open(rng.choice(len(known.pool), size=max(1, start // each), replace=False), each)
    head = BradleyTerryHead(standardise=standardise, warm_start=True)
    rows: list[tuple[int, float, float, float, float]] = []
    while True:
        labelled = urn.labelled(known)
        voted = np.flatnonzero(urn.counts)
        head.fit(labelled.features, labelled.targets, labelled.weights, known.folds_of(voted))
        measured = measure(head.decision_function(known.test_features), known.test_truth)
        rows.append((urn.spent, *measured, 0.0))
        if urn.spent >= budget:
            return Curve(*(tuple(column) for column in zip(*rows, strict=True)))
        before, wanted = urn.spent, min(batch, budget - urn.spent)
        if again is not None:
            p = head.predict_proba(known.pool.features[voted])[:, 1]
            wanted -= urn.vote_again(voted, again(urn.sums[voted], urn.counts[voted], p), wanted)
        left = np.flatnonzero(urn.counts == 0)
        count = min(-(-wanted // each), len(left))
        if count:
            urn.open(left[ask(State(labelled, head), rows_of(known.pool, left), count, rng)], each)
        if urn.spent == before:  # no pair has a vote left to give
            return Curve(*(tuple(column) for column in zip(*rows, strict=True)))


class _Urn:
    """Know the votes drawn so far: their number and the sum of ±1 of each pair."""

    def __init__(self, ballots: Ballots, rng: np.random.Generator) -> None:
        self._votes = ballots.shuffled(rng)
        self._available = ballots.available
        self.counts = np.zeros(len(self._votes), dtype=np.int64)
        self.sums = np.zeros(len(self._votes))

    @property
    def spent(self) -> int:
        return int(self.counts.sum())

    def open(self, rows: IntArray, each: int) -> None:
        """Draw the first votes of some pairs."""
        for _ in range(each):
            self._draw(rows[self.counts[rows] < self._available[rows]])

    def vote_again(self, rows: IntArray, values: FloatArray, most: int) -> int:
        """Draw one more vote of the pairs of positive value, greatest first; return how many were drawn."""
        open_ = np.flatnonzero((values > 0) & (self.counts[rows] < self._available[rows]))
        chosen = rows[open_[np.argsort(-values[open_], kind="stable")[:most]]]
        self._draw(chosen)
        return len(chosen)

    def labelled(self, known: Known) -> Labelled:
        """Return the voted pairs with the mean of their votes, weighed by their number."""
        rows = np.flatnonzero(self.counts)
        some = rows_of(known.pool, rows)
        means = (1 + self.sums[rows] / self.counts[rows]) / 2
        weights = self.counts[rows].astype(np.float64)
        return Labelled(
            some.features, some.queries, some.clusters, some.groups, targets=means, weights=weights
        )

    def _draw(self, rows: IntArray) -> None:
        self.sums[rows] += 2 * self._votes[rows, self.counts[rows]] - 1
        self.counts[rows] += 1
