"""What the recipes of all kinds that learn from rewards have in common."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator

from training.recipes.base import TrainerRecipe
from training.rows import PromptRow, Row


class RewardedRecipe(TrainerRecipe):
    """Tune a policy by rewards of its own answers: a reward model's score and verifiable ones, each weighted.

    A step draws `batch_size` x `gradient_accumulation` answers, `generations` to a prompt. `beta` is the
    price of leaving the start, in reward a nat.
    """

    row: ClassVar[type[Row]] = PromptRow

    reward_model: Path | None = None
    model_weight: NonNegativeFloat = 1.0
    citations: NonNegativeFloat = 0.0
    format: NonNegativeFloat = 0.0
    length: NonNegativeFloat = 0.0
    language: NonNegativeFloat = 0.0
    fewest_words: PositiveInt = 5
    most_words: PositiveInt = 80
    generations: Annotated[int, Field(ge=2)] = 4
    batch_size: PositiveInt = 4
    max_new_tokens: PositiveInt = 64
    beta: NonNegativeFloat = 0.05

    @property
    def reward_weights(self) -> dict[str, float]:
        """Give the weight of each reward by its name; the model's counts where there is one."""
        return {
            "model": self.model_weight if self.reward_model else 0.0,
            "citations": self.citations,
            "format": self.format,
            "length": self.length,
            "language": self.language,
        }

    @property
    def answers_per_step(self) -> int:
        """Give the number of answers drawn for one step."""
        return self.batch_size * self.gradient_accumulation

    @model_validator(mode="after")
    def _can_learn(self) -> Self:
        if not any(self.reward_weights.values()):
            raise ValueError(
                "no reward: name a reward_model, or give citations, format, length or language a weight"
            )
        if self.answers_per_step % self.generations:
            raise ValueError(
                f"batch_size x gradient_accumulation is {self.answers_per_step} answers a step: must be a "
                f"multiple of generations ({self.generations})"
            )
        if self.fewest_words > self.most_words:
            raise ValueError("fewest_words must not exceed most_words")
        if self.max_new_tokens >= self.max_length:
            raise ValueError("max_new_tokens must leave room for the prompt within max_length")
        return self
