"""How far a reward model may be pushed: the gold reward of the best of n answers, by the proxy's choice.

Sources: Gao, Schulman & Hilton (2022), arXiv 2210.10760, for the curve of gold against proxy; Nakano et al.
(2021), arXiv 2112.09332, for the estimator over all n-subsets; Beirami et al. (2024), arXiv 2401.01879, for
log n - (n - 1)/n as an upper bound of the KL divergence from the policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.metrics import Interval, bootstrap_by_question

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BestOf:
    """Hold what the best of `n` answers by the proxy is worth: in proxy and in gold reward, with the bound.

    Both rewards are in standard deviations above the mean answer of their own scale; `kl` in nats.
    """

    n: int
    kl: float
    proxy: Interval
    gold: Interval


@dataclass(frozen=True)
class Curve:
    """Hold the curve for n = 1..N and the n whose gold reward is the highest."""

    points: tuple[BestOf, ...]
    best_n: int

    @property
    def over_optimised(self) -> bool:
        """Tell whether the gold reward at N lies surely below that at the best n."""
        last, best = self.points[-1].gold, self.points[self.best_n - 1].gold
        return last.high < best.value


def over_optimisation(proxy: ArrayLike, gold: ArrayLike, rng: np.random.Generator) -> Curve:
    """Return the curve from proxy and gold rewards of N answers to each of q questions, shapes (q, N).

    Each point is the mean over all subsets of n of the N answers, so no draw adds noise; intervals are
    bootstrapped by question. Raises ValueError where shapes differ or there is nothing.
    """
    chosen_by, worth = np.asarray(proxy, np.float64), np.asarray(gold, np.float64)
    if chosen_by.ndim != 2 or chosen_by.shape != worth.shape or not chosen_by.size:
        raise ValueError(
            f"proxy {chosen_by.shape} and gold {worth.shape}: need one shape (questions, answers)"
        )
    questions: Sequence[int] = range(len(worth))
    sides = {
        "proxy": best_of_each(chosen_by, _levelled(chosen_by)),
        "gold": best_of_each(chosen_by, _levelled(worth)),
    }
    points = []
    for n in range(1, worth.shape[1] + 1):
        found = {
            name: bootstrap_by_question(means[:, n - 1], questions, rng) for name, means in sides.items()
        }
        points.append(BestOf(n, kl_bound(n), found["proxy"], found["gold"]))
    best = max(points, key=lambda point: (point.gold.value, -point.n))
    return Curve(tuple(points), best.n)


def kl_bound(n: int) -> float:
    """Give log n - (n - 1)/n, at least the KL divergence of best-of-n from the policy, in nats."""
    return float(np.log(n) - (n - 1) / n)


def best_of_each(proxy: Floats, worth: Floats) -> Floats:
    """Return the expected worth of the best by proxy of n answers drawn without return, shape (q, N).

    The answer of rank r from below (0-based) is the best of n in C(r, n-1) of C(N, n) subsets. Answers of
    equal proxy are equally likely to be taken.
    """
    count = proxy.shape[1]
    chances = _chances(count)
    found = np.empty_like(worth)
    for at, (scores, values) in enumerate(zip(proxy, worth, strict=True)):
        order = np.argsort(scores, kind="stable")
        shared = values[order].copy()
        ranked = scores[order]
        for value in np.unique(ranked):  # ties: each takes the mean of its group
            group = ranked == value
            shared[group] = shared[group].mean()
        found[at] = chances @ shared
    return found


def _chances(count: int) -> Floats:
    """Return the chance (n, rank) that the answer of a rank is the best of n, for n = 1..count."""
    from scipy.special import gammaln

    n, rank = np.arange(1, count + 1)[:, None], np.arange(count)[None, :]
    possible = rank >= n - 1
    more = np.where(possible, rank - n + 1, 0)
    logs = (
        gammaln(rank + 1) - gammaln(n) - gammaln(more + 1)
        - (gammaln(count + 1) - gammaln(n + 1) - gammaln(count - n + 1))
    )  # fmt: skip
    return np.asarray(np.where(possible, np.exp(logs), 0.0))


def _levelled(rewards: Floats) -> Floats:
    """Return rewards in standard deviations within a question, above the mean of the question."""
    spread = float(np.sqrt(rewards.var(axis=1).mean()))
    return np.asarray((rewards - rewards.mean(axis=1, keepdims=True)) / (spread or 1.0))
