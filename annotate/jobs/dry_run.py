"""Show what a training run would train on, and train nothing."""

from __future__ import annotations

from typing import Any

from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.row_sources import frozen_rows
from annotate.jobs.workspace_recipes import TEST_ROWS, TRAIN_ROWS, recipe_class, whole_recipe
from training.dry_run import dry_run_lines, look_over
from training.recipe import parse_recipe

__all__ = ["dry_run", "dry_run_lines"]


def dry_run(
    context: Context, kind: str, changes: dict[str, Any] | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Return balance, lengths and samples of the rows that a run of this kind would have now.

    `dry_run_lines` prints them. Raises JobError and training errors as the run would.
    """
    whole = whole_recipe(context, kind, changes or {}, reporter or Silent())
    recipe = parse_recipe(whole | {"train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}, source=kind)
    split = frozen_rows(context, recipe_class(kind).row)
    found = look_over(recipe, split.train, split.test)
    origin = getattr(split, "origin", None)
    return found | ({"left_out": dict(origin.left_out), "guarded": list(origin.guarded)} if origin else {})
