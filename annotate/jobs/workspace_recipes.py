"""The recipe of each kind as a run of this workspace has it: its seed, lengths, models and rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

import training
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion, model_folder, newest
from annotate.jobs.progress import Reporter
from annotate.jobs.roles import POLICY, REWARD_ROLES
from training import BaseRecipe
from training.recipe import parse_recipe, path_keys
from training.recipes import RECIPES

SHIPPED = Path(training.__file__).parent / "recipes"
HF_FOLDER = "smollm2-135m-instruct-hf"
TRAIN_ROWS, TEST_ROWS = "train.jsonl", "test.jsonl"
# Rows that are frozen for the run, and servers that figures and keys are sent to: for who has the
# command line of this machine, not for a form.
PLATFORM_KEYS = {
    "kind", "base", "train_rows", "test_rows", "baseline", "report_to", "endpoint", "endpoint_model",
    "api_key_variable",
}  # fmt: skip
ON_SENTENCES = {"reward_head", "embedder", "reranker"}  # begin with the embedder
_REWARD_KEYS = {"reward_model", "reward", "reward_head", "scorer"}
_STEPS = {"reward": "reward_steps", "dpo": "policy_steps", "kto": "policy_steps", "orpo": "policy_steps"}
_NEEDED = {"distil": {"teacher"}}  # that the recipe itself may leave out, since a server can stand in
_VERSION = re.compile(r"model:(\d+)")


def known_kinds() -> dict[str, type[BaseRecipe]]:
    """Return the recipe of each kind that comes with a file to start from."""
    return {kind: recipe for kind, recipe in RECIPES.items() if (SHIPPED / f"{kind}.yaml").is_file()}


def recipe_class(kind: str) -> type[BaseRecipe]:
    """Return the recipe of a kind; raise JobError for an unknown one."""
    kinds = known_kinds()
    if kind not in kinds:
        raise JobError(f"unknown kind {kind}; known: {', '.join(kinds)}")
    return kinds[kind]


def file_keys(kind: str) -> set[str]:
    """Return the keys that name models or rows: the platform fills them, or a version of the registry."""
    return set(path_keys(recipe_class(kind)))


def workspace_recipe(context: Context, kind: str) -> dict[str, Any]:
    """Return the shipped recipe of a kind with this workspace's seed and lengths, without models and rows."""
    shipped: dict[str, Any] = yaml.safe_load((SHIPPED / f"{kind}.yaml").read_text("utf-8"))
    left_out = PLATFORM_KEYS | file_keys(kind)
    recipe = {key: value for key, value in shipped.items() if key not in left_out} | {"kind": kind}
    settings = context.settings.training
    recipe["seed"] = context.settings.seed
    if kind not in _STEPS:
        return recipe
    recipe.pop("epochs", None)
    return recipe | {"max_steps": getattr(settings, _STEPS[kind]), "max_length": settings.max_length}


def changed_recipe(recipe: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with changed keys; epochs take the place of a number of steps."""
    if changes.get("epochs") is not None and "max_steps" not in changes:
        recipe = {key: value for key, value in recipe.items() if key != "max_steps"}
    return recipe | changes


def check_recipe(context: Context, kind: str, changes: dict[str, Any]) -> None:
    """Raise training.RecipeError for values that no recipe of the kind takes, JobError for foreign keys.

    A key that names a model takes a version of the registry, such as `model:3`, and nothing else.
    """
    files = file_keys(kind)
    named = {key for key in files - PLATFORM_KEYS if _VERSION.fullmatch(str(changes.get(key, "")))}
    if ours := sorted((PLATFORM_KEYS | files) & changes.keys() - named):
        raise JobError(f"{', '.join(ours)}: set by the platform, not by a recipe")
    filled = dict.fromkeys(_needed(kind), "folder")
    parse_recipe(filled | changed_recipe(workspace_recipe(context, kind), changes), source=kind)


def whole_recipe(context: Context, kind: str, changes: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Return the recipe of a run with its models; rows are added where it is frozen.

    Raises JobError where the kind needs a model that this workspace does not have.
    """
    recipe = workspace_recipe(context, kind)
    fields = recipe_class(kind).model_fields
    chosen = {key: _chosen(context, key, value, kind) for key, value in changes.items()}
    if "base" not in chosen:
        recipe["base"] = str(_base(context, kind, reporter))
    if kind in ON_SENTENCES:
        recipe |= {key: value for key, value in context.local_embedder.prefixes.items() if key in fields}
    for key in file_keys(kind) - PLATFORM_KEYS - chosen.keys():
        if (found := _found(context, key)) is not None:
            recipe[key] = str(found)
        elif key in _needed(kind) and "endpoint" not in chosen:
            raise JobError(f"{kind} needs {key}: name a version, such as --set {key}=model:3, or a folder")
    return changed_recipe(recipe, chosen)


def policy_folder(context: Context, reporter: Reporter) -> Path:
    """Return the policy to start from as a Hugging Face folder: the champion, else the default."""
    found = champion(context.store, POLICY)
    if found:
        return found[1] / "model"
    from training.gguf_import import import_gguf

    with reporter.track("preparing the policy's weights"):
        return import_gguf(context.default_gguf, context.workspace.models / HF_FOLDER)


def _base(context: Context, kind: str, reporter: Reporter) -> Path:
    return context.local_embedder.folder if kind in ON_SENTENCES else policy_folder(context, reporter)


def _needed(kind: str) -> set[str]:
    fields = recipe_class(kind).model_fields
    return {key for key in file_keys(kind) if fields[key].is_required()} | _NEEDED.get(kind, set())


def _chosen(context: Context, key: str, value: Any, kind: str) -> Any:
    """Return a changed value; a version of the registry becomes the folder of its model."""
    if key not in file_keys(kind) or not (version := _VERSION.fullmatch(str(value))):
        return value
    _, folder = model_folder(context.store, int(version.group(1)))
    return str(folder / "model")


def _found(context: Context, key: str) -> Path | None:
    """Return the model for a key from the registry: reward models only, the champion before the newest."""
    if key not in _REWARD_KEYS:
        return None
    roles = ("reward_head",) if key == "reward_head" else REWARD_ROLES[::-1]
    for find in (champion, newest):
        for role in roles:
            if (version := find(context.store, role)) is not None:
                return version[1] / "model"
    return None
