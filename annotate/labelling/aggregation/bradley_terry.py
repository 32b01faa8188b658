"""Learn how strong answers are and how assessors see them: ordinal Bradley-Terry-Davidson with ties.

People and machines are raters alike: each has a discrimination, a left-bias and thresholds of
their own (see `davidson`). The difference δ of an item is drawn from a normal distribution of deviation
1 around the difference of its contenders' strengths, or around 0 where the contenders are not named.
δ is summed out over a grid, the rest is fitted at the maximum of the posterior by L-BFGS with analytic
gradients (Fisher's identity).

What is a tie? First the items whose answers are equal, a state that the votes may or may not bear out;
then the middle of the scale of δ, as far as is needed for as many ties as the typical assessor calls
(equipercentile linking).
Source: Bradley & Terry, Biometrika 39, 1952; Davidson, JASA 65, 1970; the marginal fit over a grid as
in Bock & Aitkin, Psychometrika 46, 1981.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from annotate.labelling.aggregation.base import Aggregation, conclude
from annotate.labelling.aggregation.davidson import (
    WAYS,
    Parameters,
    Priors,
    Setting,
    centre,
    mirror,
    prior_log,
    share_slopes,
    verdict_shares,
)
from annotate.labelling.aggregation.votes import Floats, Integers, Votes
from annotate.labelling.verdicts import VERDICTS

_FAR = 3.5  # how far the grid goes, in deviations of δ
_CELLS = 20
_CURVATURES = np.array([0.3, 0.5, 0.2, 0.1, 0.1, 0.02])  # of one vote's log-likelihood by each way, roughly
_TURNED = [4, 3, 2, 1, 0, 5]  # where each of VERDICTS stands when the answers change places
_FINE = 8  # cells of a tie, when the posterior is read off


@dataclass(frozen=True)
class BradleyTerry:
    """Fit the model.

    `contenders` names, by item, the contenders that gave the first and the second answer; their
    strengths are then learnt as well and inform the items. Stop after so many `rounds` or when a
    round adds less than `tolerance` of itself to the log-posterior.
    """

    contenders: Mapping[int, tuple[int, int]] | None = None
    priors: Priors = field(default_factory=Priors)
    rounds: int = 200
    tolerance: float = 1e-6
    name: str = "bradley_terry"

    def fit(self, votes: Votes) -> Aggregation:
        """Return the posterior of each item, and each assessor's discrimination and left-bias."""
        problem = Problem(votes, self.contenders, self.priors)
        best = problem.start()
        alone = len(votes) == len(votes.item_ids) and not votes.anchors[0].size
        if alone and self.contenders is None:
            # Nobody can be told from a coin where no item has a second vote and none is known.
            return problem.conclude(self.name, best)
        best = self._climb(problem, best)
        if centre(best.ways, self.priors)[0] < 0:  # the mirror image fits the votes as well
            best = self._climb(problem, mirror(best))
        return problem.conclude(self.name, best)

    def _climb(self, problem: Problem, start: Parameters) -> Parameters:
        from scipy.optimize import minimize  # here, since the command line must start fast

        scales = problem.scales()

        def loss(scaled: Floats) -> tuple[float, Floats]:
            value, slope = problem.loss(scaled * scales)
            return value, slope * scales

        options = {"maxiter": self.rounds, "ftol": self.tolerance, "gtol": 1e-4}
        found = minimize(loss, start.flat / scales, jac=True, method="L-BFGS-B", options=options)
        return start.like(found.x * scales)


class Problem:
    """Hold the votes so that the log-posterior and its gradient are a few products of matrices."""

    def __init__(
        self, votes: Votes, contenders: Mapping[int, tuple[int, int]] | None, priors: Priors
    ) -> None:
        self.votes, self.priors = votes, priors
        self._sides, self._names = _sides(votes, contenders)
        self._far = 2 * _FAR if self._names.size else _FAR
        self._grid = Grid(np.linspace(-self._far, self._far, _CELLS * (1 + bool(self._names.size)) + 1))
        used, voice = np.unique(votes.assessors * 2 + votes.swapped, return_inverse=True)
        sides: Floats = np.where(used % 2, -1.0, 1.0)
        self._voices = used // 2, sides
        seen = np.bincount(votes.verdicts, minlength=len(VERDICTS)) + 1.0
        self._seen = (seen + seen[_TURNED]) / 2
        cells = voice.reshape(-1) * len(VERDICTS) + votes.verdicts
        self._by_item = votes.incidence(cells, len(used) * len(VERDICTS))
        self._by_cell = self._by_item.T.tocsr()

    def start(self) -> Parameters:
        """Return the means of the priors, with thresholds that fit how often each verdict was given."""
        much, better, tie, _, _, bad = self._seen
        ways = np.array(self.priors.centres)
        ways[2:5] += np.log(np.array([tie, much, bad]) / better)
        size = (len(self.votes.names), 1)
        return Parameters(np.array(self.priors.states), np.tile(ways, size), np.zeros(len(self._names)))

    def scales(self) -> Floats:
        """Return about how far each parameter may move; L-BFGS is quick where all may move alike."""
        votes = np.bincount(self.votes.assessors, minlength=len(self.votes.names))
        ways = 1 / np.square(self.priors.deviations) + votes[:, None] * _CURVATURES
        rest = np.full(3, 1.0 + 0.01 * len(self.votes.item_ids))
        strengths = 1 + 0.2 * np.bincount(self._sides.ravel(), minlength=len(self._names))
        scales: Floats = np.concatenate([rest, ways.ravel(), strengths]) ** -0.5
        return scales

    def loss(self, flat: Floats) -> tuple[float, Floats]:
        """Return minus the log-posterior at a vector of parameters, and its gradient."""
        parameters, grid = self.start().like(flat), self._grid
        setting = self._setting(grid)
        looking, said = verdict_shares(parameters, setting)
        shares, prior, likelihood = self._states(parameters, grid, said)
        counts = (self._by_cell @ shares).reshape(said.shape)
        slope = share_slopes(parameters, setting, looking, said, counts)
        self._add_prior_slopes(slope, shares, prior)
        density, pull = prior_log(parameters, self.priors)
        return -(likelihood + density), -(slope.flat + pull.flat)

    def conclude(self, name: str, parameters: Parameters) -> Aggregation:
        """Return what the parameters say of items and assessors."""
        tie = self._half_width_of_a_tie(parameters)
        grid = Grid.around(tie, self._far)
        said = verdict_shares(parameters, self._setting(grid))[1]
        shares = self._states(parameters, grid, said)[0]
        masks = (grid.levels > tie, grid.levels < -tie, (np.abs(grid.levels) <= tie) & (grid.bad == 0))
        posteriors = np.stack([*(shares[:, mask].sum(axis=1) for mask in masks), shares[:, -1]], axis=1)
        names, ways = self.votes.names, parameters.ways.T.tolist()
        centres = dict(zip(WAYS, centre(parameters.ways, self.priors).tolist(), strict=True))
        return conclude(
            name,
            self.votes,
            posteriors,
            discrimination=dict(zip(names, ways[0], strict=True)),
            left_bias=dict(zip(names, ways[1], strict=True)),
            strengths=dict(zip(self._names.tolist(), parameters.strengths.tolist(), strict=True)),
            details={"centres": centres, "half_width_of_a_tie": tie},
        )

    def _setting(self, grid: Grid) -> Setting:
        assessors, sides = self._voices
        return Setting(assessors, sides, grid.levels, grid.bad, self._seen / self._seen.sum())

    def _states(self, parameters: Parameters, grid: Grid, said: Floats) -> tuple[Floats, Floats, float]:
        """Return the posterior of each state by item, the prior, and the log-likelihood of the votes."""
        prior = self._prior(parameters, grid)
        joint = self._by_item @ np.log(said).reshape(-1, said.shape[2]) + prior
        known, allowed = self.votes.anchors
        if known.size:
            joint[known] += np.where(allowed @ grid.outcomes, 0.0, -np.inf)
        most = joint.max(axis=1, keepdims=True, initial=-np.inf)
        shares = np.exp(joint - most)
        total = shares.sum(axis=1, keepdims=True)
        return shares / total, prior, float((most + np.log(total)).sum())

    def _prior(self, parameters: Parameters, grid: Grid) -> Floats:
        """Return the log-probability of each state before any vote, (m or 1, states)."""
        middle: Floats = np.zeros(1)
        if self._names.size:
            middle = parameters.strengths[self._sides[:, 0]] - parameters.strengths[self._sides[:, 1]]
        spread = grid.log_widths - 0.5 * (grid.levels[:-2] - middle[:, None]) ** 2
        spread -= spread.max(axis=1, keepdims=True)
        spread -= np.log(np.exp(spread).sum(axis=1, keepdims=True))
        bad, equal = parameters.states[1:]
        rest = np.broadcast_to([equal, bad], (len(spread), 2))
        prior: Floats = np.concatenate([spread, rest], axis=1) - np.log(1 + np.exp(bad) + np.exp(equal))
        return prior

    def _add_prior_slopes(self, slope: Parameters, shares: Floats, prior: Floats) -> None:
        """Add the gradient of the items' priors, given the posterior and the prior of their states."""
        slope.states[1:] += (shares - np.exp(prior))[:, :-3:-1].sum(axis=0)
        if not self._names.size:
            return
        unequal, before, levels = shares[:, :-2], np.exp(prior[:, :-2]), self._grid.levels[:-2]
        mean = before @ levels / before.sum(axis=1)
        pull = unequal @ levels - unequal.sum(axis=1) * mean
        for side, sign in ((0, 1.0), (1, -1.0)):
            slope.strengths[:] += sign * np.bincount(self._sides[:, side], pull, len(self._names))

    def _half_width_of_a_tie(self, parameters: Parameters) -> float:
        """Return c such that as many items are equal or have |δ| ≤ c as the typical assessor calls ties."""
        grid, typical = self._grid, centre(parameters.ways, self.priors)
        typical[1] = 0.0
        one = Parameters(parameters.states, typical[None], parameters.strengths)
        setting = replace(self._setting(grid), assessors=np.zeros(1, np.int64), sides=np.ones(1))
        says = verdict_shares(one, setting)[0][0]
        items = np.exp(self._prior(parameters, grid)).mean(axis=0)[:-1]
        ties = items @ says[2, :-1] / (items @ (1 - says[5, :-1])) * items.sum()
        half = (len(items) - 1) // 2
        inside = np.cumsum([0.0, *(items[half:-1] + items[:half][::-1])])
        return float(np.interp(ties - items[-1], inside, grid.edges[half:]))


class Grid:
    """Cut the differences into cells: the states are the middles of these, equal answers, and bad ones."""

    def __init__(self, cuts: ArrayLike) -> None:
        edges: Floats = np.asarray(cuts, dtype=np.float64)
        self.edges = edges
        self.levels = np.append((edges[1:] + edges[:-1]) / 2, [0.0, 0.0])
        self.log_widths = np.log(np.diff(edges))
        self.bad = np.append(np.zeros(len(edges)), 1.0)
        first, second = self.levels > 0, self.levels < 0
        # Which states go with which of OUTCOMES; without a half-width of a tie only equal answers are one.
        self.outcomes = np.stack([first, second, ~first & ~second & (self.bad == 0), self.bad > 0])

    @classmethod
    def around(cls, tie: float, far: float) -> Grid:
        """Return a grid that has edges at the ends of a tie."""
        side = np.linspace(tie, far, _CELLS + 1)
        middle = np.linspace(-tie, tie, _FINE + 1)[1:-1] if tie else np.zeros(0)
        return cls(np.unique(np.concatenate([-side, middle, side])))


def _sides(votes: Votes, contenders: Mapping[int, tuple[int, int]] | None) -> tuple[Integers, Integers]:
    """Return where the contenders of each item stand, (m, 2), and the numbers of all contenders."""
    if contenders is None:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64)
    named = np.array([contenders[item] for item in votes.item_ids.tolist()], dtype=np.int64)
    names, sides = np.unique(named, return_inverse=True)
    return sides.reshape(-1, 2), names
