"""Train on the preferences: freeze rows, write the recipe, run it, register what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

import training
from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.models import POLICY_FILE, champion, register_model
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.jobs.snapshots import frozen_split, preference_rows
from annotate.store import Pair, Preference, Run
from annotate.store.runs import FINISHED
from training import PreferenceRow, Split, snapshot_hash, write_rows
from training.recipe import parse_recipe

ROLES = {"reward_head": "reward_head", "reward": "reward", "dpo": "policy"}
RECIPES = Path(training.__file__).parent / "recipes"
HF_FOLDER = "smollm2-135m-instruct-hf"
RECIPE_FILE, TRAIN_ROWS, TEST_ROWS = "recipe.yaml", "train.jsonl", "test.jsonl"
# Weights and rows that lie on this machine, and where figures are sent to: nothing for a form.
PLATFORM_KEYS = {"kind", "base", "train_rows", "test_rows", "baseline", "report_to"}
TOO_FEW = (
    "too few preferences with a winner: training needs two questions or more; "
    "label more with `pairloop label` or `pairloop ui`"
)


def train(
    context: Context, kind: str, changes: dict[str, Any] | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Queue a run of this kind on the present preferences, run it to its end, and register its model.

    Raises JobError for an unknown kind, too few preferences, or a run that failed.
    """
    reporter = reporter or Silent()
    run_id = queue_run(context, kind, changes, reporter)
    with reporter.track(f"training {kind}") as progress:
        return finish_run(context, run_id, progress)


def queue_run(
    context: Context, kind: str, changes: dict[str, Any] | None = None, reporter: Reporter | None = None
) -> int:
    """Freeze the rows and the recipe into a run folder; return the run's number.

    A run of the same kind on the same rows and settings that is not over, or that finished, is
    taken up instead of a second one.
    """
    _check_kind(kind)
    split = _split(context)
    recipe = changed_recipe(_recipe(context, kind, reporter or Silent()), changes or {})
    snapshot = snapshot_hash([*split.train, *split.test])
    with context.store.writing.begin() as session:
        for known in session.scalars(select(Run).where(Run.kind == kind, Run.snapshot == snapshot)):
            if known.recipe == recipe and known.state in ("queued", "running", FINISHED):
                return known.id
        run = _add_run(context, session, kind, recipe, snapshot)
        _write(Path(run.folder), recipe, split)
        return run.id


def request_run(context: Context, kind: str, changes: dict[str, Any]) -> int:
    """Put a run in the queue whose own process freezes the rows; return its number at once.

    `changes` are keys of the recipe. Raises JobError for an unknown kind or too few preferences,
    training.RecipeError for values that no recipe of the kind takes.
    """
    _check_kind(kind)
    check_recipe(context, kind, changes)
    if _questions_with_winner(context) < 2:
        raise JobError(TOO_FEW)
    with context.store.writing.begin() as session:
        run = _add_run(context, session, kind, changes, "")
        request = {"workspace": str(context.workspace.folder), "run": run.id, "changes": changes}
        (Path(run.folder) / supervisor.REQUEST_FILE).write_text(json.dumps(request), "utf-8")
        return run.id


def check_recipe(context: Context, kind: str, changes: dict[str, Any]) -> None:
    """Raise training.RecipeError for values that no recipe of the kind takes, JobError for foreign keys."""
    if ours := sorted(PLATFORM_KEYS & changes.keys()):
        raise JobError(f"{', '.join(ours)}: set by the platform, not by a recipe")
    files = {"base": "base", "train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}
    parse_recipe(changed_recipe(workspace_recipe(context, kind), changes) | files, source=kind)


def freeze_run(context: Context, run_id: int, changes: dict[str, Any]) -> None:
    """Freeze the rows and the recipe of a run that was requested; what is frozen stays as it is."""
    with context.store.reading() as session:
        run = session.get_one(Run, run_id)
    folder = Path(run.folder)
    if (folder / RECIPE_FILE).exists():
        return
    split = _split(context)
    recipe = changed_recipe(_recipe(context, run.kind, Silent()), changes)
    with context.store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        run.recipe, run.snapshot = recipe, snapshot_hash([*split.train, *split.test])
    _write(folder, recipe, split)


def finish_run(context: Context, run_id: int, progress: Progress) -> dict[str, Any]:
    """Start a run if need be, wait for it, export and register its model; return its result."""
    with context.store.reading() as session:
        run = session.get_one(Run, run_id)
    if run.state != FINISHED:
        supervisor.start(context.store, run_id)
        state = supervisor.watch(context.store, run_id, progress)
        with context.store.reading() as session:
            run = session.get_one(Run, run_id)
        if state != FINISHED:
            raise JobError(f"run {run_id} ({run.kind}) {state}: {run.error}")
    return run.result | {"run": run_id, "model_number": register_run(context, run)}


def register_run(context: Context, run: Run) -> int:
    """Export the model of a finished run and register it; return the version's number."""
    folder = Path(run.folder)
    export_policy(context, run.kind, folder)
    fingerprint, metrics = str(run.result["fingerprint"]), run.result["metrics"]
    return register_model(context.store, ROLES[run.kind], folder, fingerprint, run_id=run.id, metrics=metrics)


def train_questions(folder: Path) -> set[str]:
    """Return the keys of the questions that a run was trained on."""
    lines = (folder / TRAIN_ROWS).read_text("utf-8").splitlines()
    return {str(json.loads(line)["question_id"]) for line in lines}


def policy_folder(context: Context, reporter: Reporter) -> Path:
    """Return the policy to start from as a Hugging Face folder: the champion, else the default."""
    found = champion(context.store, "policy")
    if found:
        return found[1] / "model"
    from training.gguf_import import import_gguf

    with reporter.track("preparing the policy's weights"):
        return import_gguf(context.default_gguf, context.workspace.models / HF_FOLDER)


def workspace_recipe(context: Context, kind: str) -> dict[str, Any]:
    """Return the shipped recipe of a kind with this workspace's seed and lengths, without base and rows."""
    shipped: dict[str, Any] = yaml.safe_load((RECIPES / f"{kind}.yaml").read_text("utf-8"))
    recipe = {key: value for key, value in shipped.items() if key not in PLATFORM_KEYS} | {"kind": kind}
    settings = context.settings.training
    recipe["seed"] = context.settings.seed
    if kind == "reward_head":
        return recipe
    recipe.pop("epochs", None)
    steps = settings.reward_steps if kind == "reward" else settings.policy_steps
    return recipe | {"max_steps": steps, "max_length": settings.max_length}


def changed_recipe(recipe: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with changed keys; epochs take the place of a number of steps."""
    if changes.get("epochs") is not None and "max_steps" not in changes:
        recipe = {key: value for key, value in recipe.items() if key != "max_steps"}
    return recipe | changes


def _recipe(context: Context, kind: str, reporter: Reporter) -> dict[str, Any]:
    """Return the recipe of a kind with its base; rows are added later."""
    recipe = workspace_recipe(context, kind)
    if kind == "reward_head":
        return recipe | {"base": str(context.local_embedder.folder), **context.local_embedder.prefixes}
    return recipe | {"base": str(policy_folder(context, reporter))}


def export_policy(context: Context, kind: str, folder: Path) -> None:
    """Bring a tuned policy to the fast engine's form, once; other kinds need nothing."""
    if kind == "dpo" and not (folder / POLICY_FILE).exists():
        from training.gguf_export import export_gguf

        export_gguf(folder / "model", context.default_gguf, folder / POLICY_FILE)


def _check_kind(kind: str) -> None:
    if kind not in ROLES:
        raise JobError(f"unknown kind {kind}; known: {', '.join(ROLES)}")


def _split(context: Context) -> Split[PreferenceRow]:
    split = frozen_split(context, preference_rows(context))
    if not split.train or not split.test:
        raise JobError(TOO_FEW)
    return split


def _questions_with_winner(context: Context) -> int:
    """Count questions whose preference names a winner; stops at two."""
    winner = Preference.verdict.not_in(("tie", "both_bad"))
    query = select(Pair.question_id).join(Preference, Preference.pair_id == Pair.id).where(winner)
    with context.store.reading() as session:
        return len(session.scalars(query.distinct().limit(2)).all())


def _add_run(context: Context, session: Session, kind: str, recipe: dict[str, Any], snapshot: str) -> Run:
    """Add a queued run with a folder of its own."""
    run = Run(kind=kind, recipe=recipe, folder="", snapshot=snapshot)
    session.add(run)
    session.flush()
    folder = context.workspace.runs / f"{run.id:04d}-{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    run.folder = str(folder)
    return run


def _write(folder: Path, recipe: dict[str, Any], split: Split[PreferenceRow]) -> None:
    """Write the rows, then the recipe: a recipe that is there has its rows."""
    write_rows(folder / TRAIN_ROWS, split.train)
    write_rows(folder / TEST_ROWS, split.test)
    whole = recipe | {"train_rows": TRAIN_ROWS, "test_rows": TEST_ROWS}
    draft = folder / f"{RECIPE_FILE}.tmp"
    draft.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    draft.replace(folder / RECIPE_FILE)
