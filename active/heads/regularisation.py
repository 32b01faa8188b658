"""Choose the strength of the ridge inside the labelled data.

The strength decides more about a learner's accuracy than the strategy that fed it: a fixed one makes good
strategies of bad ones. So it is chosen again at every fit, for every strategy alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from active.arrays import AnyArray, FloatArray, IntArray
from active.heads.left_out import left_out_logits
from active.heads.newton import RidgeProblem

MIN_LABELS = 20
"""With fewer labels than this, cross-validation is noise, and `default_l2` is used."""

SEARCH_LABELS = 8_000
"""With more labels than this, whole groups of about so many are searched: the best strength hardly moves."""

RELATIVE_STRENGTHS = tuple(float(s) for s in np.logspace(2, -3, 11))
"""Multiples of `default_l2` that are tried, strongest first, half a decade apart."""

PATIENCE = 2
"""Stop walking away from the start after so many strengths in a row that did not lower the loss."""


@dataclass(frozen=True, eq=False)
class L2Choice:
    """Hold the chosen strength, and what is known of it.

    losses: the mean held-out log loss of each strength tried (none: the default was taken unseen); solution:
    the minimum at the chosen strength, nearly, for the last fit to begin with.
    """

    l2: float
    losses: dict[float, float]
    solution: FloatArray | None = None


def default_l2(features: FloatArray) -> float:
    """Return the mean squared length of the rows: a typical pair's logit then has prior variance one."""
    mean_square = float(np.mean(np.einsum("ij,ij->i", features, features))) if len(features) else 0.0
    return mean_square if mean_square > 0 else 1.0


def choose_l2(
    problem: RidgeProblem,
    groups: AnyArray | None,
    start: float | None = None,
    solution: FloatArray | None = None,
) -> L2Choice:
    """Return the strength of least mean loss on left-out labels; of equals the strongest.

    The problem's own strength does not matter. Each whole group is left out in turn (no question on both
    sides); without groups each row is its own. One fit a strength does for all of them: see
    `left_out_logits`. The search walks from the strength nearest to `start` (by default `default_l2`) to both
    sides while the loss falls, and begins at a `solution` known before. Falls back to `default_l2` below
    MIN_LABELS labels or with fewer than two groups; above SEARCH_LABELS it looks at evenly spaced groups
    only. Uses no randomness.
    """
    default = default_l2(problem.features)
    group_of = group_numbers(groups)
    count = len(problem.features) if group_of is None else int(group_of.max(initial=-1)) + 1
    if len(problem.features) < MIN_LABELS or count < 2:
        return L2Choice(default, {}, solution)
    strengths = [default * relative for relative in RELATIVE_STRENGTHS]
    search = _Search(*_sample(problem, group_of), strengths, solution)
    begin = int(np.argmin(np.abs(np.log(np.array(strengths) / (start or default)))))
    search.walk(range(begin, len(strengths)))
    search.walk(range(begin, -1, -1))
    best = min(sorted(search.losses), key=search.losses.__getitem__)
    losses = {strengths[place]: search.losses[place] for place in sorted(search.losses)}
    return L2Choice(strengths[best], losses, search.solutions[best])


def group_numbers(groups: AnyArray | None) -> IntArray | None:
    """Return the group of each row as a number from zero on, (n,); None where there are no groups."""
    return None if groups is None else np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _sample(problem: RidgeProblem, groups: IntArray | None) -> tuple[RidgeProblem, IntArray | None]:
    """Return the problem on evenly spaced groups where it is large."""
    size = len(problem.features)
    if size <= SEARCH_LABELS:
        return problem, groups
    names = np.arange(size) if groups is None else groups
    count = int(names.max()) + 1
    kept = np.unique(np.linspace(0, count - 1, max(2, count * SEARCH_LABELS // size)).astype(np.int64))
    rows = np.flatnonzero(np.isin(names, kept))
    return problem.of_rows(rows), group_numbers(None if groups is None else groups[rows])


@dataclass
class _Search:
    """Know the held-out loss of the strengths tried so far, by their place."""

    problem: RidgeProblem
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
        problem = self.problem.at(self.strengths[place])
        self.solution = self.solutions[place] = problem.solve(self.solution, tolerance=1e-5)
        logits = left_out_logits(problem, self.solution, self.groups)
        return float(np.average(problem.row_losses(logits, self.solution), weights=problem.weights))
