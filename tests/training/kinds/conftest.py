"""A run of any kind on a small model and few rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.recipes import TrainerRecipe
from training.results import Result
from training.rows import PreferenceRow, write_rows
from training.runs import train


@pytest.fixture
def fit_on(
    tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> Callable[..., Result]:
    """Train by a recipe class on `train` rows and `test` held-out ones in a fresh run folder."""

    def run(
        recipe: type[TrainerRecipe],
        rows: list[PreferenceRow] | int,
        test_rows: int,
        name: str = "run",
        **settings: Any,
    ) -> Result:
        train_file, test_file = tmp_path / f"{name}.jsonl", tmp_path / f"{name}-test.jsonl"
        write_rows(train_file, make_rows(rows) if isinstance(rows, int) else rows)
        write_rows(test_file, make_rows(test_rows, first=20))
        small = {
            "base": tiny_folder,
            "learning_rate": 5e-3,
            "gradient_accumulation": 2,
            "lora": {"last_layers": 2},
        }
        files = {"train_rows": train_file, "test_rows": test_file}
        return train(recipe(**{**files, **small, **settings}), tmp_path / name)

    return run
