"""Recipes: for each kind of run its keys (KIND.py) and a commented file to start from (KIND.yaml)."""

from training.recipes.base import BaseRecipe, Lora, TrainerRecipe
from training.recipes.dpo import DpoRecipe
from training.recipes.reward import RewardRecipe
from training.recipes.reward_head import RewardHeadRecipe

RECIPES: dict[str, type[BaseRecipe]] = {
    "reward_head": RewardHeadRecipe,
    "reward": RewardRecipe,
    "dpo": DpoRecipe,
}
"""The recipe of each kind; `training.kinds.KIND` trains it."""

__all__ = [
    "RECIPES",
    "BaseRecipe",
    "DpoRecipe",
    "Lora",
    "RewardHeadRecipe",
    "RewardRecipe",
    "TrainerRecipe",
]
