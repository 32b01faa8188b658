"""Choose which two contenders to compare next, from what earlier comparisons say of their strengths.

Contenders are ways of answering: models, prompts, settings. Each has a strength; who wins follows Bradley and
Terry's model on the strengths alone. A duel teaches most where both its outcome and the strengths are open.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from active.arrays import BoolArray, FloatArray, IntArray, as_targets, as_weights
from active.errors import InvalidLabelsError, InvalidOptionError
from active.heads import BradleyTerryHead

Aim = Literal["design", "best", "gap"]
AIMS: tuple[Aim, ...] = ("design", "best", "gap")


@dataclass(frozen=True, eq=False)
class Standings:
    """Hold what is known of k contenders: strengths (k,), and their covariance by Laplace (k, k)."""

    strengths: FloatArray
    covariance: FloatArray

    def __len__(self) -> int:
        return len(self.strengths)

    def chance(self, first: int, second: int) -> float:
        """Return the probability that the first contender's answer is better."""
        return float(expit(self.strengths[first] - self.strengths[second]))


@dataclass(frozen=True, eq=False)
class Duels:
    """Hold the chosen duels, first pick first: contenders (n, 2) by place, score (n,) when picked."""

    contenders: IntArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.contenders)


def fit_standings(
    first: ArrayLike,
    second: ArrayLike,
    targets: ArrayLike,
    contenders: int,
    *,
    weights: ArrayLike | None = None,
    l2: float = 1.0,
) -> Standings:
    """Return the standings after n comparisons of contenders 0 … k − 1; none are needed.

    first, second: (n,) places of the contenders compared; targets: (n,) in [0, 1], 1 where the first was
    better; l2: a strength has prior variance 1/l2. Raises InvalidLabelsError for places out of range, a
    contender compared with itself, or other bad columns, InvalidOptionError for fewer than two contenders.
    """
    one, other = _places(first, contenders), _places(second, contenders)
    if contenders < 2 or not l2 > 0:
        raise InvalidOptionError(
            f"wanted: two contenders at least and l2 above zero, not {contenders} and {l2}"
        )
    if one.shape != other.shape or (one == other).any():
        raise InvalidLabelsError("first and second must name two different contenders for each comparison")
    wins = as_targets(targets, len(one))
    if not len(one):
        return Standings(np.zeros(contenders), np.eye(contenders) / l2)
    effects = np.eye(contenders)[one] - np.eye(contenders)[other]
    given = np.ones(len(one)) if weights is None else as_weights(weights, len(one))
    strengths = BradleyTerryHead(l2=l2, standardise=False).fit(effects, wins, sample_weight=given).coef_
    chance = expit(effects @ strengths)
    curved = effects * (given * chance * (1 - chance))[:, None]
    covariance = np.linalg.inv(l2 * np.eye(contenders) + effects.T @ curved)
    return Standings(strengths, covariance)


def choose_duels(
    standings: Standings,
    count: int,
    rng: np.random.Generator,
    *,
    aim: Aim = "design",
    beta: float = 1.0,
    allowed: BoolArray | None = None,
) -> Duels:
    """Choose `count` duels; the same two may meet again, as long as that still teaches most.

    aim: `design` learns all strengths (greedy D-optimal design: p(1−p)·zᵀV⁻¹z); `best` finds the strongest:
    among those who may still be it, the two whose difference is least known (Saha 2021, "Optimal Algorithms
    for Stochastic Contextual Preference Bandits", MaxInP); `gap` seeks answers that lie far apart, as rows
    for DPO (|μᵢ − μⱼ| + β·‖zᵢⱼ‖, ActiveUltraFeedback, arXiv 2603.09692). Each pick is counted as made before
    the next; equals are drawn by lot. beta: how many standard deviations are plausible; allowed: (k, k),
    which duels there may be. Raises InvalidOptionError for options out of range or no duel allowed.
    """
    upper = np.triu(np.ones((len(standings), len(standings)), dtype=bool), 1)
    rows = np.argwhere(upper if allowed is None else upper & (allowed | allowed.T))
    if aim not in AIMS or count < 1 or not beta >= 0 or not len(rows):
        raise InvalidOptionError(
            f"wanted: a count of at least 1, an aim of {', '.join(AIMS)}, beta ≥ 0 and a duel that is allowed"
        )
    gaps = standings.strengths[rows[:, 0]] - standings.strengths[rows[:, 1]]
    curvature = expit(gaps) * expit(-gaps)
    covariance = standings.covariance.copy()
    picks, scores = [], []
    for _ in range(count):
        variance = _variance(covariance, rows)
        if aim == "best":
            both = _plausible(standings, covariance, rows, beta)
            values = variance * both if both.any() else variance
        else:
            values = curvature * variance if aim == "design" else np.abs(gaps) + beta * np.sqrt(variance)
        at = int(rng.choice(np.flatnonzero(values >= values.max() - 1e-12)))
        picks.append(rows[at])
        scores.append(float(values[at]))
        u = covariance[:, rows[at, 0]] - covariance[:, rows[at, 1]]
        covariance -= np.outer(u, u) / (1 / curvature[at] + variance[at])
    return Duels(np.array(picks, dtype=np.int64), np.array(scores))


def _variance(covariance: FloatArray, rows: IntArray) -> FloatArray:
    """Return the variance of the difference of strengths in each duel."""
    own = np.diag(covariance)
    variance: FloatArray = own[rows[:, 0]] + own[rows[:, 1]] - 2 * covariance[rows[:, 0], rows[:, 1]]
    return np.maximum(variance, 0.0)


def _plausible(standings: Standings, covariance: FloatArray, rows: IntArray, beta: float) -> BoolArray:
    """Return which duels are between two contenders who may still be the strongest of all."""
    own = np.diag(covariance)
    spread = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0))
    lead = standings.strengths[:, None] - standings.strengths[None, :] + beta * spread
    may = (lead >= 0).all(axis=1)
    may[int(np.argmax(standings.strengths))] = True
    if may.sum() < 2:  # sure of the strongest: try the rival that comes nearest
        behind = lead[:, int(np.argmax(standings.strengths))].copy()
        behind[may] = -np.inf
        may[int(np.argmax(behind))] = True
    both: BoolArray = may[rows[:, 0]] & may[rows[:, 1]]
    return both


def _places(values: ArrayLike, contenders: int) -> IntArray:
    places = np.asarray(values, dtype=np.int64)
    if places.ndim != 1 or ((places < 0) | (places >= contenders)).any():
        raise InvalidLabelsError(
            f"contenders are numbered from 0 to {contenders - 1}, one for each comparison"
        )
    return places
