"""The win rate of one policy over another: ties are half, length is held equal, intervals are by question.

The length-controlled win rate is that of AlpacaEval 2: Dubois et al. (2024), arXiv 2404.04475. A logistic
regression explains each preference by the policy, by the difference of lengths and by how hard the question
is; the win rate is what it predicts when lengths are equal. We take the length of the answers in place of a
term for each question, as there is one comparison a question.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.metrics import Interval, bootstrap_by_question

Floats = NDArray[np.float64]

PENALTY = (
    0.1,
    1.0,
)  # on the squares of ability and length term, in all: finite even where one side always wins
DRAWS = 500


@dataclass(frozen=True)
class WinRate:
    """Hold the plain and the length-controlled win rate of ours over theirs.

    `wins`, `ties` and `losses` count questions by the side of 0.5 their value lies on; `length_effect` is the
    log odds won by being one standard deviation longer; `longer` the mean length of ours less theirs.
    """

    plain: Interval
    controlled: Interval
    wins: int
    ties: int
    losses: int
    length_effect: float
    longer: float


def win_rate_of(
    values: ArrayLike,
    our_lengths: ArrayLike,
    their_lengths: ArrayLike,
    groups: Sequence[Hashable],
    rng: np.random.Generator,
) -> WinRate:
    """Measure values in [0, 1] (1 a win of ours, 0.5 a tie; a panel's mean lies between), all shapes (n,).

    Raises ValueError on no values or unequal lengths.
    """
    won = np.asarray(values, np.float64)
    gaps = np.asarray(our_lengths, np.float64) - np.asarray(their_lengths, np.float64)
    plain = bootstrap_by_question(won, groups, rng)
    scaled = _scaled(gaps)
    ability, effect = _fit(won, scaled, np.ones(len(won)))
    controlled = _interval(won, scaled, groups, rng, float(_logistic(ability)))
    return WinRate(
        plain,
        controlled,
        wins=int((won > 0.5).sum()),
        ties=int((won == 0.5).sum()),
        losses=int((won < 0.5).sum()),
        length_effect=effect,
        longer=float(gaps.mean()),
    )


def panel_values(votes: Sequence[Sequence[float | None]]) -> Floats:
    """Join the votes of several judges: the mean of those who voted a question, 0.5 where nobody did.

    `votes` holds for each judge a value in [0, 1] a question, None for an abstention; shape (judges, n).
    """
    table = np.array([[np.nan if vote is None else vote for vote in judge] for judge in votes], np.float64)
    voted = ~np.isnan(table)
    sums = np.where(voted, table, 0.0).sum(axis=0)
    return np.asarray(
        np.divide(sums, voted.sum(axis=0), out=np.full(table.shape[1], 0.5), where=voted.any(axis=0))
    )


def _scaled(gaps: Floats) -> Floats:
    """Squash length gaps as AlpacaEval 2 does: tanh of standard deviations."""
    spread = float(np.sqrt(np.mean(gaps**2)))
    return np.tanh(gaps / spread) if spread else np.zeros_like(gaps)


def _fit(won: Floats, scaled: Floats, counts: Floats) -> tuple[float, float]:
    """Fit P(win) = logistic(ability + effect * scaled) by Newton's method; `counts` (n,) weigh."""
    design = np.stack([np.ones_like(scaled), scaled], axis=1)
    penalty = np.array(PENALTY)
    found = np.zeros(2)
    for _ in range(50):
        chance = _logistic(design @ found)
        slope = design.T @ (counts * (chance - won)) + penalty * found
        curve = (design * (counts * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found = found - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def _interval(
    won: Floats, scaled: Floats, groups: Sequence[Hashable], rng: np.random.Generator, value: float
) -> Interval:
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    index = np.array([numbers[group] for group in groups])
    count = len(numbers)
    if count < 2:
        return Interval(value, float("nan"), float("nan"), len(won))
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    rates = [_logistic(_fit(won, scaled, one[index].astype(np.float64))[0]) for one in drawn]
    low, high = np.percentile(rates, [2.5, 97.5])
    return Interval(value, float(low), float(high), len(won))


def _logistic(value: ArrayLike) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(value), np.float64)
