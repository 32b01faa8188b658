"""Say what a strategy is.

A strategy opens an acquisition over the pool. The acquisition holds the present value of each pair and
hears of every pick, so that it can lower the value of what the pick made redundant. One loop,
`Strategy.choose`, takes the best eligible pair again and again. Hence batch rules (quotas, one pair a
question) live in one place, and a strategy that wraps another, such as `gap_weighted`, only multiplies its
values.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray
from active.errors import EmptyPoolError, InvalidFeaturesError, InvalidOptionError, NotEnoughLabelsError
from active.heads.base import PreferenceHead
from active.pool import Labelled, Pool
from active.strategies.eligibility import Eligibility


@dataclass(frozen=True, eq=False)
class State:
    """Hold what is known so far: the labels, and the head fitted on them (None before the first fit)."""

    labelled: Labelled
    head: PreferenceHead | None = None

    def fitted_head(self) -> PreferenceHead:
        """Return the head, or raise NotEnoughLabelsError where none has been fitted."""
        if self.head is None:
            raise NotEnoughLabelsError("this strategy needs a fitted head: label a first batch (typiclust)")
        return self.head


@dataclass(frozen=True, eq=False)
class Choice:
    """Hold what a strategy chose, first pick first.

    indices (k,) into the pool, unique; scores (k,), the value of each when it was picked, comparable only
    within one strategy; evidence, for each pick the numbers behind its score.
    """

    indices: IntArray
    scores: FloatArray
    evidence: tuple[Mapping[str, float], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.indices)


class Acquisition(ABC):
    """Hold the running value of every pair of one pool, while one batch is picked."""

    @abstractmethod
    def scores(self) -> FloatArray:
        """Return the present value of each pair, (n,), never negative; the greatest is picked next."""

    def best(
        self, mask: BoolArray, rng: np.random.Generator, weights: FloatArray | None = None
    ) -> tuple[int, float]:
        """Return the pair of the greatest value among those of the mask (n,), and the value.

        `weights` (n,), not negative, multiply the values; equals are drawn by lot. Of a great pool an
        acquisition may find the best without knowing every value: see `lazy`.
        """
        values = self.scores()
        return highest(values if weights is None else values * weights, mask, rng)

    def take(self, index: int) -> None:  # noqa: B027  # most values do not depend on the picks
        """Hear that the pair was picked."""

    def evidence(self, index: int) -> dict[str, float]:  # noqa: ARG002
        """Return the numbers that explain the pair's value; called before `take`."""
        return {}


@dataclass(frozen=True)
class FixedScores(Acquisition):
    """Hold values that the picks do not change, with named numbers behind them, each (n,)."""

    values: FloatArray
    details: Mapping[str, FloatArray] = field(default_factory=dict)

    def scores(self) -> FloatArray:
        """Return the values, (n,)."""
        return self.values

    def evidence(self, index: int) -> dict[str, float]:
        """Return the named numbers of the pair."""
        return {name: float(column[index]) for name, column in self.details.items()}


class Strategy(ABC):
    """Value the pairs of a pool; see the module for the contract.

    name: how the registry knows it; reason: a short key that says why its picks are picked.
    """

    name: ClassVar[str]
    reason: ClassVar[str]

    @property
    def needs_head(self) -> bool:
        """Say whether a fitted head is needed."""
        return True

    @abstractmethod
    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:
        """Open an acquisition for a batch of about `count` pairs.

        Raises NotEnoughLabelsError when it needs a head and there is none.
        """

    def choose(
        self,
        state: State,
        pool: Pool,
        count: int,
        rng: np.random.Generator,
        eligibility: Eligibility | None = None,
    ) -> Choice:
        """Pick `count` pairs, or all that are left where there are fewer; equal values are drawn by lot.

        `eligibility` carries picks made before, quotas and the rule of one pair a question; it is updated.
        Raises EmptyPoolError, InvalidOptionError for a count below one, InvalidFeaturesError for labels of
        another width than the pool.
        """
        check_request(state, pool, count)
        rules = Eligibility(pool, count) if eligibility is None else eligibility
        acquisition = self.begin(state, pool, count, rng)
        indices: list[int] = []
        scores: list[float] = []
        evidence: list[dict[str, float]] = []
        for _ in range(min(count, rules.left)):
            index, value = acquisition.best(rules.mask(), rng)
            indices.append(index)
            scores.append(value)
            evidence.append(acquisition.evidence(index))
            acquisition.take(index)
            rules.take(index)
        return Choice(np.array(indices, dtype=np.int64), np.array(scores), tuple(evidence))


def check_request(state: State, pool: Pool, count: int) -> None:
    """Raise EmptyPoolError, InvalidOptionError or InvalidFeaturesError for what no strategy can answer.

    Among the last is ChangedEmbeddingsError, for labels whose features another embedding model made.
    """
    if not len(pool):
        raise EmptyPoolError
    if count < 1:
        raise InvalidOptionError(f"count must be at least 1, not {count}")
    if len(state.labelled) and state.labelled.width != pool.width:
        raise InvalidFeaturesError(
            f"labelled pairs have {state.labelled.width} features, the pool {pool.width}: compute both alike"
        )
    pool.check_alike(state.labelled)


def highest(values: FloatArray, mask: BoolArray, rng: np.random.Generator) -> tuple[int, float]:
    """Return the index of the greatest value in the mask, equals by lot, and that value."""
    among = np.where(mask, values, -np.inf)
    index = int(rng.choice(np.flatnonzero(among == among.max())))
    return index, float(values[index])
