"""Show what a training run would train on, and train nothing."""

from __future__ import annotations

from typing import Any

from annotate.jobs.context import Context
from annotate.jobs.frozen_splits import FrozenSplit
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import split_rows
from annotate.jobs.workspace_recipes import TEST_ROWS, TRAIN_ROWS, whole_recipe
from training.dry_run import look_over
from training.recipe import parse_recipe


def dry_run(
    context: Context,
    kind: str,
    changes: dict[str, Any] | None = None,
    reporter: Reporter | None = None,
    options: RunOptions | None = None,
) -> dict[str, Any]:
    """Return balance, lengths and samples of the rows that a run of this kind would have now.

    `left_out` maps each reason to the rows that are left out for it. Raises JobError and training errors as
    the run would.
    """
    split = split_rows(context, kind, options or RunOptions())
    whole = whole_recipe(context, kind, changes or {}, reporter or Silent())
    recipe = parse_recipe(whole | {"train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}, source=kind)
    left_out = dict(split.origin.left_out) if isinstance(split, FrozenSplit) else {}
    return look_over(recipe, split.train, split.test) | {"left_out": left_out}
