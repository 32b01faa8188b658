"""A reward model as a reward: the quick head or the fine-tuned scorer, told apart by their folders."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import ModelError
from training.rows import PromptRow

Floats = NDArray[np.float64]


class HeadReward:
    """Give the score of a quick reward head, which reads the bare question and the answer."""

    def __init__(self, folder: Path) -> None:
        from training.kinds.reward_head import load_reward_head

        self._head = load_reward_head(folder)

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> Floats:
        """Give one reward an answer, shape (n,)."""
        return self._head.score([row.subject for row in rows], answers)


class ScorerReward:
    """Give the score of a fine-tuned reward model, which reads the whole prompt and the answer."""

    def __init__(self, folder: Path, batch_size: int) -> None:
        from training.kinds.reward.scoring import load_reward_model

        self._model, self._batch_size = load_reward_model(folder), batch_size

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> Floats:
        """Give one reward an answer, shape (n,)."""
        return self._model.score([row.prompt for row in rows], answers, self._batch_size)


def load_model_reward(folder: Path, batch_size: int = 1) -> HeadReward | ScorerReward:
    """Load a reward model's folder (RUN/model of a `reward` or `reward_head` run). Raises ModelError."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no reward model here; name the model folder of a run") from error
    if config.get("kind") == "reward_head":
        return HeadReward(folder)
    architectures = config.get("architectures") or [""]
    if not str(architectures[0]).endswith("ForSequenceClassification"):
        raise ModelError(f"{folder}: {architectures[0]} gives no score; name the model of a reward run")
    return ScorerReward(folder, batch_size)
