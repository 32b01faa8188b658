"""Judge by a trained reward model: the probability of a win is the logistic of the rewards' difference.

Source: Bradley & Terry, Biometrika 39, 1952, as reward models are trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.labelers.base import MachineJudgement, Outcome, Progress
from annotate.labelling.verdicts import swap_verdict
from annotate.labelling.views import PairView

MUCH_BETTER, BETTER = 0.8, 0.53  # probability that the winner is the better answer
BATCH = 8

Score = Callable[[Sequence[PairView]], NDArray[np.float64]]  # pairs -> rewards (n, 2) of A and B


class RewardLabeler:
    """Compare answers by the rewards of a model that is handed in as a function."""

    def __init__(self, score: Score, model_fingerprint: str, name: str = "reward-model") -> None:
        self.name, self._score, self._model = name, score, model_fingerprint

    @property
    def fingerprint(self) -> str:
        """Name the method's version and the weights."""
        return f"reward-1|{self._model}"

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[Outcome]:
        """Return one judgement for each pair, in order."""
        judged: list[Outcome] = []
        for at in range(0, len(pairs), BATCH):
            rewards = self._score(pairs[at : at + BATCH])
            judged += [_judgement(float(a), float(b)) for a, b in rewards]
            if progress:
                progress(len(judged), len(pairs))
        return judged


def _judgement(a: float, b: float) -> MachineJudgement:
    probability = float(1 / (1 + np.exp(-np.clip(a - b, -50, 50))))
    details = {"A": a, "B": b, "probability": probability}
    sure = max(probability, 1 - probability)
    if sure < BETTER:
        return MachineJudgement("tie", 1 - sure, details=details)
    verdict = "A_much_better" if sure >= MUCH_BETTER else "A_better"
    return MachineJudgement(verdict if probability > 0.5 else swap_verdict(verdict), sure, details=details)
