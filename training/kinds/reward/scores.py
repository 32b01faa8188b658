"""What turns the heads of a reward model into one score, kept beside its weights as reward.json."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.errors import ModelError
from training.evaluation.calibration import calibrate, win_chances
from training.kinds.reward.ensembles import combine
from training.kinds.reward.lengths import log_lengths
from training.metrics import Interval

Floats = NDArray[np.float64]
SCORES_FILE = "reward.json"


@dataclass(frozen=True)
class Scores:
    """Say how scores of heads (n, heads) become one score (n,), and what chance a gap of it means.

    `centres` (heads,) are the heads' means over the train answers: only differences of a head mean anything,
    so heads are compared around them. `length_slope` is taken off for each unit of log length around
    `length_centre`. `temperature`, `ece` and `brier` were measured on pairs that were not trained on; None
    where there were none.
    """

    ensemble: str = "mean"
    penalty: float = 1.0
    centres: tuple[float, ...] = (0.0,)
    length_slope: float = 0.0
    length_centre: float = 0.0
    temperature: float | None = None
    ece: float | None = None
    brier: float | None = None

    def join(self, heads: ArrayLike, answers: Sequence[str]) -> Floats:
        """Give one score (n,) for each answer from its heads' scores (n, heads)."""
        centred = np.asarray(heads, dtype=np.float64) - np.array(self.centres)
        scores = combine(centred, self.ensemble, self.penalty)
        if not self.length_slope:
            return scores
        return np.asarray(scores - self.length_slope * (log_lengths(answers) - self.length_centre))

    def chances(self, gaps: ArrayLike) -> Floats:
        """Give the calibrated chance that an answer beats another by their score gap, shape (n,)."""
        return win_chances(gaps, self.temperature or 1.0)

    def calibrated(self, gaps: ArrayLike, groups: Sequence[str]) -> tuple[Self, dict[str, Interval]]:
        """Measure held-out gaps chosen - rejected (n,); give these scores, calibrated, and the figures.

        The figures `ece_scaled` and `brier_scaled` use temperatures fitted on other questions.
        """
        found = calibrate(gaps, groups)
        figures = {
            name: Interval(float(getattr(found, name)), float("nan"), float("nan"), found.n)
            for name in ("temperature", "ece", "brier", "ece_scaled", "brier_scaled")
        }
        measured = replace(self, temperature=found.temperature, ece=found.ece, brier=found.brier)
        return measured, figures

    def save(self, folder: Path) -> None:
        """Write reward.json into a model folder."""
        text = json.dumps(asdict(self), indent=2)
        draft = folder / f"{SCORES_FILE}.tmp"
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(folder / SCORES_FILE)


def load_scores(folder: Path) -> Scores:
    """Read reward.json; a folder without one has one plain head. Raises ModelError where it is damaged."""
    path = folder / SCORES_FILE
    if not path.exists():
        return Scores()
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Scores(**{**record, "centres": tuple(map(float, record["centres"]))})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not the scores of a reward model; train it again") from error
