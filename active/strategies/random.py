"""Pick at random: the control of every experiment, and the audit slice of every batch."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.pool import Pool
from active.strategies.base import Acquisition, FixedScores, State, Strategy


@dataclass(frozen=True)
class Random(Strategy):
    """Give each pair an independent uniform value, so that any order of the pool is equally likely."""

    name: ClassVar[str] = "random"
    reason: ClassVar[str] = "by_lot"

    @property
    def needs_head(self) -> bool:
        """Return False."""
        return False

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Draw a value for each pair."""
        return FixedScores(rng.random(len(pool)))
