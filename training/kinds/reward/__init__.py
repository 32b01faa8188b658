"""The reward model: a causal base with a score head, trained on pairs by TRL's RewardTrainer.

`fitting` trains, `ensembles` gives it several heads, `lengths` measures and removes the length bias,
`scores` keeps what turns heads into one calibrated score, `scoring` loads the model and scores answers. The
quick head (`training.kinds.reward_head`) shares `ensembles`, `lengths` and `scores`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch and trl take seconds, and the quick head needs neither
    import numpy as np
    from numpy.typing import NDArray

    from training.recipes import RewardRecipe
    from training.results import Outcome
    from training.rows import Message, PreferenceRow
    from training.runs import Run


def train(recipe: RewardRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Train the reward model, save it whole (adapters merged) and score the held-out pairs one by one."""
    from training.kinds.reward.fitting import fit

    return fit(recipe, run)


def score_answers(
    folder: Path, prompts: Sequence[list[Message]], answers: Sequence[str], batch_size: int = 1
) -> NDArray[np.float64]:
    """Load a trained reward model and score each answer to its prompt, shape (n,). Raises ModelError."""
    from training.kinds.reward.scoring import load_reward_model

    return load_reward_model(folder).score(prompts, answers, batch_size)
