"""Define what every method of aggregation takes and gives, and how a posterior becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.aggregation.votes import Floats, Integers, Votes
from annotate.labelling.verdicts import OUTCOMES, VERDICTS

PRIOR_RIGHT, PRIOR_WRONG = 4.0, 2.0  # an unknown assessor is right two times in three
PRIOR_RELIABILITY = PRIOR_RIGHT / (PRIOR_RIGHT + PRIOR_WRONG)
ASKER_RELIABILITY = 0.4  # of feedback in passing: chance is 0.25, and three askers weigh more than one judge
MUCH_BETTER = 1.5  # mean grade from which a win counts as a clear one
_DECIMALS = 9  # what lies behind is the rounding of sums, which depends on the order of votes
_FIRST, _SECOND, _TIE, _BOTH_BAD = range(len(OUTCOMES))


@dataclass(frozen=True)
class Aggregate:
    """Hold the joint verdict of one item, its posterior by outcome, and the mean grade.

    `uncertainty` is the entropy of the posterior as a share of the greatest possible: 0 when sure,
    1 when nothing is known.
    """

    verdict: str
    posterior: dict[str, float]
    margin: float
    uncertainty: float = 0.0


@dataclass(frozen=True)
class Aggregation:
    """Hold the verdicts of m items and what was learnt of each assessor.

    `posteriors` (m, 4) has one column an outcome, `margins` (m,) the mean grades of the votes, each
    weighted by the reliability of its assessor. `reliability` is how often an assessor named the
    outcome, by these posteriors. Only some methods know the rest: `discrimination`, how closely an
    assessor follows the strength of the answers (0 is a coin); `left_bias`, how far an assessor leans
    to the left answer whatever it is, in the same log-odds (0 is fair); `strengths`, the strength of
    each contender; `details`, the parameters that belong to no one.
    """

    method: str
    item_ids: Integers
    posteriors: Floats
    margins: Floats
    reliability: dict[str, float]
    discrimination: dict[str, float] = field(default_factory=dict)
    left_bias: dict[str, float] = field(default_factory=dict)
    strengths: dict[int, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def verdicts(self) -> NDArray[np.str_]:
        """The joint verdict of each item, (m,)."""
        best = self.posteriors.max(axis=1, keepdims=True, initial=0.0)
        winners = self.posteriors >= best - 10**-_DECIMALS
        alone = winners.sum(axis=1) == 1
        broken = np.full(len(winners), _TIE)  # equally likely outcomes: let the strength decide
        broken[(self.margins > 0) & winners[:, _FIRST]] = _FIRST
        broken[(self.margins < 0) & winners[:, _SECOND]] = _SECOND
        winner = np.where(alone, winners.argmax(axis=1), broken)
        clear = np.abs(self.margins) >= MUCH_BETTER
        number = np.select(
            [winner == _FIRST, winner == _SECOND, winner == _TIE],
            [np.where(clear, 0, 1), np.where(clear, 4, 3), 2],
            default=5,
        )
        named: NDArray[np.str_] = np.array(VERDICTS)[number]
        return named

    @cached_property
    def uncertainties(self) -> Floats:
        """The entropy of each posterior as a share of the greatest possible, (m,)."""
        logs = np.log(self.posteriors, out=np.zeros_like(self.posteriors), where=self.posteriors > 0)
        entropy: Floats = np.clip(-(self.posteriors * logs).sum(axis=1) / np.log(len(OUTCOMES)), 0.0, 1.0)
        return entropy

    @cached_property
    def items(self) -> dict[int, Aggregate]:
        """The joint verdicts by the number of the item."""
        columns = zip(
            self.item_ids.tolist(),
            self.verdicts.tolist(),
            self.posteriors.tolist(),
            self.margins.tolist(),
            self.uncertainties.tolist(),
            strict=True,
        )
        return {
            item: Aggregate(verdict, dict(zip(OUTCOMES, shares, strict=True)), margin, uncertainty)
            for item, verdict, shares, margin, uncertainty in columns
        }


class Method(Protocol):
    """Join votes into verdicts."""

    @property
    def name(self) -> str:
        """The name that preferences record."""

    def fit(self, votes: Votes) -> Aggregation:
        """Return the joint verdict of each item and what was learnt of the assessors."""


def estimate_reliability(votes: Votes, posteriors: Floats) -> Floats:
    """Return how often each assessor named the outcome, (assessors,), with a Beta(4, 2) prior."""
    right = np.bincount(votes.assessors, posteriors[votes.rows, votes.outcomes], len(votes.names))
    total = np.bincount(votes.assessors, minlength=len(votes.names))
    estimate: Floats = (right + PRIOR_RIGHT) / (total + PRIOR_RIGHT + PRIOR_WRONG)
    return estimate


def conclude(
    method: str, votes: Votes, posteriors: Floats, weights: Floats | None = None, **learnt: Any
) -> Aggregation:
    """Put the posteriors (m, 4) of a method together with the margins and reliabilities they imply.

    Items whose truth is known count for the reliabilities and are then left out. `weights` (assessors,)
    weigh the grades; without them the reliabilities do.
    """
    posteriors = anchor(votes, posteriors)
    reliability = estimate_reliability(votes, posteriors)
    trust = (reliability if weights is None else weights)[votes.assessors]
    size = len(votes.item_ids)
    total = np.bincount(votes.rows, trust, size)
    graded = np.bincount(votes.rows, trust * votes.grades, size)
    margins = np.round(np.divide(graded, total, out=np.zeros(size), where=total > 0), _DECIMALS)
    named = dict(zip(votes.names, reliability.tolist(), strict=True))
    items, (known, _) = votes.item_ids, votes.anchors
    if known.size:
        items, posteriors, margins = (np.delete(one, known, axis=0) for one in (items, posteriors, margins))
    return Aggregation(method, items, posteriors, margins, named, **learnt)


def anchor(votes: Votes, posteriors: Floats) -> Floats:
    """Return the posteriors (m, 4) with those of known items held to their accepted outcomes.

    Where several outcomes are accepted, the votes say which of them it is.
    """
    known, allowed = votes.anchors
    if not known.size:
        return posteriors
    held = np.where(allowed, posteriors[known], 0.0)
    total = held.sum(axis=1, keepdims=True)
    even = allowed / allowed.sum(axis=1, keepdims=True)
    anchored = posteriors.copy()
    anchored[known] = np.where(total > 0, held / np.where(total > 0, total, 1.0), even)
    return anchored


def normalise(logs: Floats) -> Floats:
    """Return what is proportional to exp(logs) and sums to one by row."""
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Floats = likelihood / likelihood.sum(axis=1, keepdims=True)
    return shares
