"""Pick pairs on which plausible heads disagree, of questions unlike those that have labels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import times
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.bald import mutual_information
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.lazy_neighbours import LazyNeighbours
from active.strategies.points import labelled_points, point_table


@dataclass(frozen=True)
class BalPm(Strategy):
    """Value a pair at I/Ī + β·log D, I its information as in `bald`, D the distance to acquired questions.

    D is to the `neighbours`-th nearest question labelled or picked (the farthest where there are fewer), and
    log D is the entropy a question adds to those acquired, up to a constant (Kozachenko and Leonenko). Ī is
    the pool's mean. The score is exp of the value, which orders alike and is never negative. Questions are
    `pool.queries`, without them the features. Source: Melo et al. 2024, arXiv 2406.10023 (BAL-PM).
    """

    beta: float = 0.5
    neighbours: int = 1
    heads: int = 32

    name: ClassVar[str] = "balpm"
    reason: ClassVar[str] = "disagreement_elsewhere"

    def __post_init__(self) -> None:
        if not self.beta >= 0 or self.neighbours < 1 or self.heads < 2:
            raise InvalidOptionError(
                f"balpm needs beta ≥ 0, neighbours ≥ 1 and heads ≥ 2, "
                f"not {self.beta}, {self.neighbours} and {self.heads}"
            )

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Draw heads, measure their disagreement, and the distance of each question to the labelled ones."""
        drawn = state.fitted_head().posterior_sample(self.heads, rng)
        logits = np.clip(times(pool.features, drawn.T), -500, 500)
        information = mutual_information(1 / (1 + np.exp(-logits)))
        centres = labelled_points(state.labelled, pool)
        return LazyNeighbours(*point_table(pool), centres, self.neighbours, information, self.beta)
