"""Pick the pairs whose verdict the head can least foretell."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.pool import Pool
from active.strategies.base import Acquisition, FixedScores, State, Strategy


@dataclass(frozen=True)
class Entropy(Strategy):
    """Value a pair at H(p) = −p·ln p − (1−p)·ln(1−p), in nats, by modAL's `classifier_entropy`.

    For two classes it orders pairs as `margin` does. Source: Settles 2009, section 3.1.
    """

    name: ClassVar[str] = "entropy"
    reason: ClassVar[str] = "uncertain"

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Compute the entropy of each pair."""
        # modAL brings torch along, which takes seconds to load: only those who ask for entropy wait for it.
        from modAL.uncertainty import classifier_entropy

        head = state.fitted_head()
        entropy = np.asarray(classifier_entropy(head, pool.features), dtype=np.float64)
        return FixedScores(entropy, {"probability": head.predict_proba(pool.features)[:, 1]})
