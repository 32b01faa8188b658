"""Dry runs: what a run would find, without a run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from training.dry_run import dry_run_lines, look_over
from training.errors import RowsError
from training.recipes import DpoRecipe, RewardHeadRecipe
from training.rows import PreferenceRow

Make = Callable[..., list[PreferenceRow]]


@pytest.mark.models
def test_lengths_balance_and_samples_are_shown(tiny_folder: Path, make_rows: Make) -> None:
    recipe = DpoRecipe(kind="dpo", base=tiny_folder, train_rows=Path("x"), max_length=80)
    rows = make_rows(4)
    rows[1] = replace(rows[1], rejected=rows[1].rejected * 20)
    found = look_over(recipe, rows, make_rows(2, first=20))
    assert found["lengths"]["train"]["dropped"] == ["row-1"]
    assert found["lengths"]["train"]["rejected_over"] == 1
    text = "\n".join(dry_run_lines(found))
    assert "train: 1 of 4 rows are longer than 80 tokens (chosen side 0, rejected side 1)" in text
    assert "<|im_start|>assistant" in text
    with pytest.raises(RowsError, match="mark of the chat template"):
        look_over(recipe, [replace(rows[0], chosen="<|im_end|>")], [])


def test_a_kind_without_a_template_shows_its_balance(make_rows: Make) -> None:
    recipe = RewardHeadRecipe(kind="reward_head", base=Path("nowhere"), train_rows=Path("x"))
    lines = dry_run_lines(look_over(recipe, make_rows(4), []))
    assert lines[:2] == ["reward_head:", "train: 4 rows of 2 questions"]
