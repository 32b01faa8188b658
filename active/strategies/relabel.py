"""Pick pairs that have votes already and deserve another one."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, as_column
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.base import Acquisition, Choice, FixedScores, State, Strategy
from active.strategies.eligibility import Eligibility

SETTLED_LEAD = 2.0
"""Votes by which one answer must lead for its pair to be settled."""


def open_value(
    leads: ArrayLike, probabilities: ArrayLike | None = None, *, head_votes: bool = False
) -> FloatArray:
    """Return how much another vote is worth to each pair, (n,): zero once the lead is settled.

    leads: votes for the first answer less votes for the second, (n,); probabilities: the head's P(first
    better), (n,). A pair counts 1 − |lead|/SETTLED_LEAD, and up to twice that where the head, too, is at a
    loss or speaks against the votes: such a vote is the likeliest to turn the verdict. With `head_votes` the
    head counts as one voter, so that a pair whose lead of one it shares is settled.
    """
    lead = np.asarray(leads, dtype=np.float64)
    value: FloatArray = np.maximum(1 - np.abs(lead) / SETTLED_LEAD, 0.0)
    if probabilities is None:
        return value
    p = np.asarray(probabilities, dtype=np.float64)
    against = np.where(lead == 0, 1 - np.abs(2 * p - 1), np.where(lead > 0, 1 - p, p))
    if head_votes:
        value = np.where((lead != 0) & (against < 0.5), 0.0, value)
    worth: FloatArray = value * (1 + against)
    return worth


@dataclass(frozen=True, eq=False)
class Relabel(Strategy):
    """Value a pair by `open_value`: vote again while the lead is below two.

    The pool is the pairs that have votes; leads, in the same order, are the votes for the first answer less
    those for the second (ties count nothing), by default none. Settled pairs are never chosen, so a choice
    may be smaller than asked for, even empty. The head, where there is one, only orders the open pairs.
    Source: Sheng, Provost and Ipeirotis 2008 (repeated labelling); Wald 1945 (the sequential test).
    """

    leads: ArrayLike | None = field(default=None)

    name: ClassVar[str] = "relabel"
    reason: ClassVar[str] = "undecided"

    @property
    def needs_head(self) -> bool:
        """Say that no fitted head is needed."""
        return False

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Value each pair by its lead and by what the head says of it.

        Raises InvalidLabelsError where the leads are not one a pair.
        """
        leads = self._leads(pool)
        p = None if state.head is None else state.head.predict_proba(pool.features)[:, 1]
        return FixedScores(open_value(leads, p), {"lead": leads})

    def choose(
        self,
        state: State,
        pool: Pool,
        count: int,
        rng: np.random.Generator,
        eligibility: Eligibility | None = None,
    ) -> Choice:
        """Pick up to `count` pairs whose lead is below two; raises as `Strategy.choose` does."""
        choice = super().choose(state, pool, count, rng, eligibility)
        open_ = np.flatnonzero(choice.scores > 0)
        evidence = tuple(choice.evidence[place] for place in open_)
        return Choice(choice.indices[open_], choice.scores[open_], evidence)

    def _leads(self, pool: Pool) -> FloatArray:
        if self.leads is None:
            return np.zeros(len(pool))
        leads = as_column(self.leads, "leads", len(pool)).astype(np.float64)
        if not np.isfinite(leads).all():
            raise InvalidOptionError(
                "leads must be finite: votes for the first answer less those for the second"
            )
        return leads
