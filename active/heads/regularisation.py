"""Choose the strength of the ridge inside the labelled data.

The strength decides more about a learner's accuracy than the strategy that fed it: a fixed one makes good
strategies of bad ones. So it is chosen again at every fit, for every strategy alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from active.arrays import AnyArray, FloatArray, IntArray
from active.heads.left_out import left_out_logits
from active.heads.newton import RidgeLogistic, log_loss

MIN_LABELS = 20
"""With fewer labels than this, cross-validation is noise, and `default_l2` is used."""

RELATIVE_STRENGTHS = tuple(float(s) for s in np.logspace(2, -3, 11))
"""Multiples of `default_l2` that are tried, strongest first, half a decade apart."""

PATIENCE = 2
"""Stop walking away from the start after so many strengths in a row that did not lower the loss."""


@dataclass(frozen=True, eq=False)
class L2Choice:
    """Hold the chosen strength, and what is known of it.

    losses: the mean held-out log loss of each strength tried (none: the default was taken unseen); solution:
    the weights (d,) at the chosen strength, nearly, for the last fit to begin with.
    """

    l2: float
    losses: dict[float, float]
    solution: FloatArray | None = None


def default_l2(features: FloatArray) -> float:
    """Return the mean squared length of the rows: a typical pair's logit then has prior variance one."""
    mean_square = float(np.mean(np.sum(features**2, axis=1))) if len(features) else 0.0
    return mean_square if mean_square > 0 else 1.0


def choose_l2(
    features: FloatArray,
    targets: FloatArray,
    weights: FloatArray,
    groups: AnyArray | None,
    start: float | None = None,
    solution: FloatArray | None = None,
) -> L2Choice:
    """Return the strength of least mean log loss on left-out labels; of equals the strongest.

    Each whole group is left out in turn (no question on both sides); without groups each row is its own. One
    fit a strength does for all of them: see `left_out_logits`. The search walks from the strength nearest to
    `start` (by default `default_l2`) to both sides while the loss falls, and begins at a `solution` known
    before. Falls back to `default_l2` below MIN_LABELS labels or with fewer than two groups. Uses no
    randomness.
    """
    default = default_l2(features)
    group_of = None if groups is None else np.unique(groups, return_inverse=True)[1].astype(np.int64)
    count = len(features) if group_of is None else int(group_of.max(initial=-1)) + 1
    if len(features) < MIN_LABELS or count < 2:
        return L2Choice(default, {}, solution)
    strengths = [default * relative for relative in RELATIVE_STRENGTHS]
    search = _Search(features, targets, weights, group_of, strengths, solution)
    begin = int(np.argmin(np.abs(np.log(np.array(strengths) / (start or default)))))
    search.walk(range(begin, len(strengths)))
    search.walk(range(begin, -1, -1))
    best = min(sorted(search.losses), key=search.losses.__getitem__)
    losses = {strengths[place]: search.losses[place] for place in sorted(search.losses)}
    return L2Choice(strengths[best], losses, search.solutions[best])


@dataclass
class _Search:
    """Know the held-out loss of the strengths tried so far, by their place."""

    features: FloatArray
    targets: FloatArray
    weights: FloatArray
    groups: IntArray | None
    strengths: list[float]
    solution: FloatArray | None
    losses: dict[int, float] = field(default_factory=dict)
    solutions: dict[int, FloatArray] = field(default_factory=dict)

    def walk(self, places: Iterable[int]) -> None:
        """Try one strength after the other, until PATIENCE in a row were no better than the best."""
        worse = 0
        for place in places:
            if place not in self.losses:
                best = min(self.losses.values(), default=np.inf)
                self.losses[place] = self._loss(place)
                worse = 0 if self.losses[place] < best else worse + 1
            if worse == PATIENCE:
                return

    def _loss(self, place: int) -> float:
        problem = RidgeLogistic(self.features, self.targets, self.weights, self.strengths[place])
        self.solution = self.solutions[place] = problem.solve(self.solution, tolerance=1e-5)
        logits = left_out_logits(problem, self.solution, self.groups)
        return float(np.average(log_loss(logits, self.targets), weights=self.weights))
