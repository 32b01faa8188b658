"""Length: an answer of the asked size, neither a scrap nor a lecture."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.rows import PromptRow


@dataclass(frozen=True)
class LengthReward:
    """Give 1 between `fewest` and `most` words, in proportion below, and the inverse of it above."""

    fewest: int = 5
    most: int = 80

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> NDArray[np.float64]:  # noqa: ARG002
        """Give one reward an answer, shape (n,)."""
        counts = np.array([len(re.findall(r"\w+", answer)) for answer in answers], dtype=np.float64)
        worth = np.minimum(np.minimum(counts / self.fewest, 1), self.most / np.maximum(counts, 1))
        return np.asarray(worth)
