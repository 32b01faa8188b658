"""REINFORCE with a leave-one-out baseline by rewards of the policy's own answers, by TRL's RLOOTrainer.

The advantage of an answer is its reward, less the price of leaving the start, less the mean of the other
answers to the same prompt. Source: Ahmadian et al. (2024), arXiv 2402.14740.
"""

from typing import Any

from trl import RLOOConfig, RLOOTrainer

from training.kinds.grpo import WeightedAnswers, online_arguments, tune
from training.recipes import RlooRecipe
from training.results import Outcome
from training.rows import PromptRow
from training.runs import Run


class WeightedRLOOTrainer(WeightedAnswers, RLOOTrainer):  # type: ignore[misc]
    """TRL's RLOO trainer with row weights."""


def train(recipe: RlooRecipe, run: Run[PromptRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure rewards on held-out prompts."""

    def build(**parts: Any) -> RLOOTrainer:
        return WeightedRLOOTrainer(args=RLOOConfig(**online_arguments(recipe, run)), **parts)

    return tune(recipe, run, build)
