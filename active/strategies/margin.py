"""Pick the pairs whose two verdicts are nearest to each other in probability."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.pool import Pool
from active.strategies.base import Acquisition, FixedScores, State, Strategy


@dataclass(frozen=True)
class Margin(Strategy):
    """Value a pair at 1 − |P(first better) − P(second better)|, by modAL's `classifier_margin`.

    Source: Scheffer, Decomain and Wrobel 2001.
    """

    name: ClassVar[str] = "margin"
    reason: ClassVar[str] = "close_call"

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Compute the margin of each pair."""
        # modAL brings torch along, which takes seconds to load: only those who ask for margin wait for it.
        from modAL.uncertainty import classifier_margin

        head = state.fitted_head()
        margin = np.asarray(classifier_margin(head, pool.features), dtype=np.float64)
        return FixedScores(1 - margin, {"probability": head.predict_proba(pool.features)[:, 1]})
