"""Train on the preferences: freeze rows, write the recipe, run it, register what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

import training
from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.models import POLICY_FILE, champion, register_model
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.jobs.snapshots import frozen_split, preference_rows
from annotate.store import Run
from annotate.store.runs import FINISHED
from training import snapshot_hash, write_rows

ROLES = {"reward_head": "reward_head", "reward": "reward", "dpo": "policy"}
RECIPES = Path(training.__file__).parent / "recipes"
HF_FOLDER = "smollm2-135m-instruct-hf"


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
    if kind not in ROLES:
        raise JobError(f"unknown kind {kind}; known: {', '.join(ROLES)}")
    split = frozen_split(context, preference_rows(context))
    if not split.train or not split.test:
        raise JobError(
            "too few preferences with a winner: training needs two questions or more; "
            "label more with `pairloop label` or `pairloop ui`"
        )
    recipe = _recipe(context, kind, reporter or Silent()) | (changes or {})
    snapshot = snapshot_hash([*split.train, *split.test])
    with context.store.writing.begin() as session:
        for known in session.scalars(select(Run).where(Run.kind == kind, Run.snapshot == snapshot)):
            if known.recipe == recipe and known.state in ("queued", "running", FINISHED):
                return known.id
        run = Run(kind=kind, recipe=recipe, folder="", snapshot=snapshot)
        session.add(run)
        session.flush()
        folder = context.workspace.runs / f"{run.id:04d}-{kind}"
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder / "train.jsonl", split.train)
        write_rows(folder / "test.jsonl", split.test)
        rows = {"train_rows": "train.jsonl", "test_rows": "test.jsonl"}
        (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe | rows, allow_unicode=True), "utf-8")
        run.folder = str(folder)
        return run.id


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
    folder = Path(run.folder)
    if run.kind == "dpo":
        _export(context, folder)
    model_id = register_model(
        context.store,
        ROLES[run.kind],
        folder,
        str(run.result["fingerprint"]),
        run_id=run_id,
        metrics=run.result["metrics"],
    )
    return run.result | {"run": run_id, "model_number": model_id}


def train_questions(folder: Path) -> set[str]:
    """Return the keys of the questions that a run was trained on."""
    lines = (folder / "train.jsonl").read_text("utf-8").splitlines()
    return {str(json.loads(line)["question_id"]) for line in lines}


def policy_folder(context: Context, reporter: Reporter) -> Path:
    """Return the policy to start from as a Hugging Face folder: the champion, else the default."""
    found = champion(context.store, "policy")
    if found:
        return found[1] / "model"
    from training.gguf_import import import_gguf

    with reporter.track("preparing the policy's weights"):
        return import_gguf(context.default_gguf, context.workspace.models / HF_FOLDER)


def _recipe(context: Context, kind: str, reporter: Reporter) -> dict[str, Any]:
    """Return the recipe of a kind with this workspace's base and lengths; rows are added later."""
    recipe: dict[str, Any] = yaml.safe_load((RECIPES / f"{kind}.yaml").read_text("utf-8"))
    for key in ("train_rows", "test_rows"):
        recipe.pop(key, None)
    settings = context.settings.training
    recipe["seed"] = context.settings.seed
    if kind == "reward_head":
        recipe |= {"base": str(context.local_embedder.folder), **context.local_embedder.prefixes}
        return recipe
    recipe.pop("epochs", None)
    steps = settings.reward_steps if kind == "reward" else settings.policy_steps
    return recipe | {
        "base": str(policy_folder(context, reporter)),
        "max_steps": steps,
        "max_length": settings.max_length,
    }


def _export(context: Context, folder: Path) -> None:
    """Bring a tuned policy to the fast engine's form, once."""
    if not (folder / POLICY_FILE).exists():
        from training.gguf_export import export_gguf

        export_gguf(folder / "model", context.default_gguf, folder / POLICY_FILE)
