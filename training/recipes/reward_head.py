"""The recipe of `training.kinds.reward_head`."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from training.recipes.reward_scores import RewardScores


class RewardHeadRecipe(RewardScores):
    """Train a Bradley-Terry head on frozen sentence embeddings; `base` is a sentence-transformers folder."""

    kind: Literal["reward_head"]
    question_prefix: str = ""
    answer_prefix: str = ""
    strengths: list[PositiveFloat] = Field(default=[0.001, 0.01, 0.1, 1.0, 10.0], min_length=1)
    folds: Annotated[int, Field(ge=2)] = 5
    batch_size: PositiveInt = 32
