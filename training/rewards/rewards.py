"""Several rewards as one: a weighted sum that remembers its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.errors import ModelError
from training.recipes.rewarded import RewardedRecipe
from training.rewards.citations import CitationReward
from training.rewards.format import FormatReward
from training.rewards.languages import LanguageReward
from training.rewards.lengths import LengthReward
from training.rows import PromptRow

Floats = NDArray[np.float64]


class Reward(Protocol):
    """Say how good answers to prompts are."""

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> Floats:
        """Give one reward an answer, shape (n,)."""
        ...


@dataclass(frozen=True)
class RewardSum:
    """Hold named rewards with their weights."""

    rewards: dict[str, Reward]
    weights: dict[str, float]

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> Floats:
        """Give the weighted sum, shape (n,)."""
        return self.total(self.parts(rows, answers))

    def parts(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> dict[str, Floats]:
        """Give each reward without its weight, shape (n,) each. Raises ModelError where one is not finite."""
        found = {name: reward(rows, answers) for name, reward in self.rewards.items()}
        for name, values in found.items():
            if not np.isfinite(values).all():
                raise ModelError(f"the reward {name} is not a number for some answers; train it again")
        return found

    def total(self, parts: dict[str, Floats]) -> Floats:
        """Give the weighted sum of parts already computed, shape (n,)."""
        return np.asarray(sum(self.weights[name] * values for name, values in parts.items()))


def build_rewards(recipe: RewardedRecipe) -> RewardSum:
    """Make the rewards a recipe gives a weight to. Raises ModelError where a model cannot be loaded."""
    weights = {name: weight for name, weight in recipe.reward_weights.items() if weight}
    made: dict[str, Reward] = {
        "citations": CitationReward(),
        "format": FormatReward(),
        "length": LengthReward(recipe.fewest_words, recipe.most_words),
        "language": LanguageReward(),
    }
    if "model" in weights and recipe.reward_model is not None:
        from training.rewards.models import load_model_reward

        made["model"] = load_model_reward(recipe.reward_model, recipe.batch_size)
    return RewardSum({name: made[name] for name in weights}, weights)
