"""Write and read the rows of TRL's RewardTrainer: the preference, and the margin by which it is better.

Fields: https://huggingface.co/docs/trl/reward_trainer (`chosen`, `rejected`, optional `margin`).
A margin is the mean grade of the votes: 1 for better, 2 for much better. Reading one gives the
nearest verdict.
"""

from __future__ import annotations

from typing import Any

from annotate.bridges.formats.base import Row
from annotate.bridges.formats.trl import Trl


class Reward(Trl):
    """Keep preference rows with margins."""

    def row(self, row: Row) -> dict[str, Any]:
        """Return one preference with its margin."""
        return {**super().row(row), "margin": float(row["margin"])}
