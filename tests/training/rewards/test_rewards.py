"""Rewards add up by their weights, and one that is no number is refused by name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from training.errors import ModelError
from training.recipes import GrpoRecipe
from training.rewards import RewardSum, build_rewards
from training.rewards.models import load_model_reward
from training.rows import PromptRow


def recipe(**settings: Any) -> GrpoRecipe:
    files = {"kind": "grpo", "base": Path("b"), "train_rows": Path("r")}
    return GrpoRecipe(**{**files, "citations": 1.0, **settings})


def test_sum_is_weighted_and_keeps_its_parts(ask: Callable[..., PromptRow]) -> None:
    rewards = build_rewards(recipe(citations=2.0, language=0.5))
    answers = ["It is red [1].", "It is red."]
    parts = rewards.parts([ask()] * 2, answers)
    assert parts.keys() == {"citations", "language"}
    np.testing.assert_allclose(rewards([ask()] * 2, answers), [2.5, 0.5])


def test_rewards_that_are_no_numbers_are_named(ask: Callable[..., PromptRow]) -> None:
    def broken(rows: Sequence[PromptRow], answers: Sequence[str]) -> NDArray[np.float64]:
        return np.array([np.nan for _ in zip(rows, answers, strict=True)])

    with pytest.raises(ModelError, match="broken"):
        RewardSum({"broken": broken}, {"broken": 1.0})([ask()], ["a"])


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"citations": 0}, "no reward"),
        ({"generations": 3}, "multiple of generations"),
        ({"fewest_words": 90}, "fewest_words"),
        ({"max_new_tokens": 2000}, "room for the prompt"),
    ],
)
def test_recipes_that_cannot_learn_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        recipe(**settings)


def test_folders_that_are_no_reward_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no reward model here"):
        load_model_reward(tmp_path)
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    with pytest.raises(ModelError, match="gives no score"):
        load_model_reward(tmp_path)
