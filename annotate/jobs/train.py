"""Train on what the workspace holds: freeze rows, write the recipe, run it, register what came out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.frozen_splits import freeze_split
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.jobs.registration import register_run
from annotate.jobs.reward_rows import rewarded_rows
from annotate.jobs.row_sources import TOO_FEW, frozen_rows
from annotate.jobs.run_options import RunOptions
from annotate.jobs.workspace_recipes import (
    TEST_ROWS,
    TRAIN_ROWS,
    check_recipe,
    policy_folder,
    recipe_class,
    whole_recipe,
)
from annotate.store import Pair, Preference, Run
from annotate.store.runs import FINISHED
from training import PreferenceRow, Split, snapshot_hash, split_by_question
from training.recipe import parse_recipe
from training.rows import DemonstrationRow, RelevanceRow, Row, read_rows_of

__all__ = [
    "RECIPE_FILE", "finish_run", "freeze_run", "policy_folder", "queue_run", "request_run", "split_rows",
    "train", "train_questions",
]  # fmt: skip
RECIPE_FILE = "recipe.yaml"
# What a run that makes rows leaves, by the kind of row.
MADE_ROWS = {DemonstrationRow: "model/demonstrations.jsonl", PreferenceRow: "model/preferences.jsonl"}
LEAST_QUESTIONS = 2  # one to train on, one to test


def train(
    context: Context,
    kind: str,
    changes: dict[str, Any] | None = None,
    reporter: Reporter | None = None,
    options: RunOptions | None = None,
) -> dict[str, Any]:
    """Queue a run of this kind on the present rows, run it to its end, and register its model.

    Raises JobError for an unknown kind, too few rows, or a run that failed.
    """
    reporter = reporter or Silent()
    run_id = queue_run(context, kind, changes, reporter, options)
    with reporter.track(f"training {kind}") as progress:
        return finish_run(context, run_id, progress)


def queue_run(
    context: Context,
    kind: str,
    changes: dict[str, Any] | None = None,
    reporter: Reporter | None = None,
    options: RunOptions | None = None,
) -> int:
    """Freeze the rows and the recipe into a run folder; return the run's number.

    A run of the same kind on the same rows and settings that is not over, or that finished, is
    taken up instead of a second one.
    """
    options = options or RunOptions()
    columns = options.columns(context)
    split = split_rows(context, kind, options)
    recipe = whole_recipe(context, kind, changes or {}, reporter or Silent())
    parse_recipe(recipe | {"train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}, source=kind)
    snapshot = snapshot_hash([*split.train, *split.test])
    with context.store.writing.begin() as session:
        for known in session.scalars(select(Run).where(Run.kind == kind, Run.snapshot == snapshot)):
            if known.recipe == recipe and known.state in ("queued", "running", FINISHED):
                return known.id
        run = _add_run(context, session, kind, recipe, snapshot, columns)
        _write(Path(run.folder), recipe, split, recipe_class(kind).row)
        _write_request(context, run, {}, options)
        return run.id


def request_run(
    context: Context, kind: str, changes: dict[str, Any], options: RunOptions | None = None
) -> int:
    """Put a run in the queue whose own process freezes the rows; return its number at once.

    `changes` are keys of the recipe. Raises JobError for an unknown kind, too few preferences or
    resources that are not there, training.RecipeError for values that no recipe of the kind takes.
    """
    options = options or RunOptions()
    columns = options.columns(context)
    check_recipe(context, kind, changes)
    wanted = recipe_class(kind).row
    judged = wanted in (PreferenceRow, DemonstrationRow) and options.rows_from is None
    if judged and _questions_with_winner(context) < LEAST_QUESTIONS:
        raise JobError(TOO_FEW[wanted])
    with context.store.writing.begin() as session:
        run = _add_run(context, session, kind, changes, "", columns)
        _write_request(context, run, changes, options)
        return run.id


def freeze_run(
    context: Context, run_id: int, changes: dict[str, Any], options: RunOptions | None = None
) -> None:
    """Freeze the rows and the recipe of a run that was requested; what is frozen stays as it is."""
    with context.store.reading() as session:
        run = session.get_one(Run, run_id)
    folder, kind = Path(run.folder), run.kind
    if (folder / RECIPE_FILE).exists():
        return
    split = split_rows(context, kind, options or RunOptions())
    recipe = whole_recipe(context, kind, changes, Silent())
    with context.store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        run.recipe, run.snapshot = recipe, snapshot_hash([*split.train, *split.test])
    _write(folder, recipe, split, recipe_class(kind).row)


def finish_run(context: Context, run_id: int, progress: Progress) -> dict[str, Any]:
    """Start a run if need be, wait for it and register its model; return its result."""
    with context.store.reading() as session:
        run = session.get_one(Run, run_id)
    if run.state != FINISHED:
        state = supervisor.watch(context.store, run_id, progress)
        with context.store.reading() as session:
            run = session.get_one(Run, run_id)
        if state != FINISHED:
            raise JobError(f"run {run_id} ({run.kind}) {state}: {run.error}")
    return run.result | {"run": run_id, "model_number": register_run(context, run)}


def train_questions(folder: Path) -> set[str]:
    """Return the keys of the questions that a run was trained on."""
    lines = (folder / TRAIN_ROWS).read_text("utf-8").splitlines()
    return {str(json.loads(line)["question_id"]) for line in lines}


def split_rows(context: Context, kind: str, options: RunOptions) -> Split[Any]:
    """Return the rows that a run of a kind would have: the workspace's, or those that another run made.

    Raises JobError for too few rows, training.RowsError for rows that leak from a frozen test.
    """
    wanted = recipe_class(kind).row
    freezing = options.freezing
    if options.by_rewards and (wanted is not RelevanceRow or options.rows_from is not None):
        raise JobError(f"{kind} takes no rows by rewards; a reranker does, from the pairs of the workspace")
    if options.rows_from is None:
        source = rewarded_rows if options.by_rewards else None
        return frozen_rows(context, wanted, freezing, options.first_test_day, source)
    return _made_rows(context, kind, wanted, options.rows_from)


def _made_rows(context: Context, kind: str, wanted: type[Row], rows_from: int) -> Split[Any]:
    """Return the rows that another run made; its test questions stay the test's."""
    with context.store.reading() as session:
        source = session.get(Run, rows_from)
    if source is None or source.state != FINISHED:
        raise JobError(f"run {rows_from} has not finished; rows can be taken from a finished run only")
    file = Path(source.folder) / MADE_ROWS.get(wanted, "none")
    if not file.exists():
        raise JobError(f"run {rows_from} ({source.kind}) made no rows for {kind}; name a run of rejection")
    rows = read_rows_of(wanted, file)
    held_out = Path(source.folder) / TEST_ROWS
    if not held_out.exists():
        return split_by_question(rows, context.settings.training.test_share)
    tested = {str(json.loads(line)["question_id"]) for line in held_out.read_text("utf-8").splitlines()}
    split = Split(
        train=[row for row in rows if row.question_id not in tested],
        test=[row for row in rows if row.question_id in tested],
    )
    return split if split.test else split_by_question(rows, context.settings.training.test_share)


def _questions_with_winner(context: Context) -> int:
    """Count questions whose preference names a winner; stops at two."""
    winner = Preference.verdict.not_in(("tie", "both_bad"))
    query = select(Pair.question_id).join(Preference, Preference.pair_id == Pair.id).where(winner)
    with context.store.reading() as session:
        return len(session.scalars(query.distinct().limit(2)).all())


def _add_run(
    context: Context,
    session: Session,
    kind: str,
    recipe: dict[str, Any],
    snapshot: str,
    columns: dict[str, Any],
) -> Run:
    """Add a queued run with a folder of its own."""
    run = Run(kind=kind, recipe=recipe, folder="", snapshot=snapshot, **columns)
    session.add(run)
    session.flush()
    folder = context.workspace.runs / f"{run.id:04d}-{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    run.folder = str(folder)
    return run


def _write_request(context: Context, run: Run, changes: dict[str, Any], options: RunOptions) -> None:
    request = {
        "workspace": str(context.workspace.folder),
        "run": run.id,
        "changes": changes,
        "options": asdict(options),
        "accelerate": run.resources.get("accelerate"),
    }
    (Path(run.folder) / supervisor.REQUEST_FILE).write_text(json.dumps(request), "utf-8")


def _write(folder: Path, recipe: dict[str, Any], split: Split[Any], row: type[Row]) -> None:
    """Freeze the rows, then write the recipe: a recipe that is there has its rows."""
    freeze_split(folder, split, row)
    whole = recipe | {"train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}
    draft = folder / f"{RECIPE_FILE}.tmp"
    draft.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    draft.replace(folder / RECIPE_FILE)
