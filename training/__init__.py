"""Preference rows in, models out: reward models and tuned policies from one recipe file.

    from training import load_recipe, train
    result = train(load_recipe(Path("recipe.yaml")), run_dir=Path("run"))

Importing this package loads no torch; a kind's own libraries come with its first run.
"""

from training.errors import (
    DivergedError,
    InterruptedRun,
    LengthError,
    ModelError,
    RecipeError,
    RowsError,
    TrainingError,
)
from training.gate import Decision, decide
from training.metrics import Interval, bootstrap_by_question, mean_margin, pair_accuracy, win_rate
from training.recipe import load_recipe, parse_recipe
from training.recipes import BaseRecipe, DpoRecipe, RewardHeadRecipe, RewardRecipe
from training.results import Result, read_result
from training.rows import PreferenceRow, Split, read_rows, snapshot_hash, split_by_question, write_rows
from training.runs import train

__all__ = [
    "BaseRecipe",
    "Decision",
    "DivergedError",
    "DpoRecipe",
    "InterruptedRun",
    "Interval",
    "LengthError",
    "ModelError",
    "PreferenceRow",
    "RecipeError",
    "Result",
    "RewardHeadRecipe",
    "RewardRecipe",
    "RowsError",
    "Split",
    "TrainingError",
    "bootstrap_by_question",
    "decide",
    "load_recipe",
    "mean_margin",
    "pair_accuracy",
    "parse_recipe",
    "read_result",
    "read_rows",
    "snapshot_hash",
    "split_by_question",
    "train",
    "win_rate",
    "write_rows",
]
