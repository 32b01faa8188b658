"""Read a recipe: what to train, on what and how, as a checked YAML file."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from training.errors import RecipeError
from training.recipes import RECIPES, BaseRecipe


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> BaseRecipe:
    """Read a recipe, then apply `overrides` such as `base=folder` or `lora.r=16` (values are YAML).

    Paths in the file are relative to the file, paths in overrides to the working folder. Raises RecipeError.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: not YAML: {_one_line(error)}") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values")
    paths = path_keys(_class_of(content, str(path)))
    for key in paths:
        if isinstance(content.get(key), str):
            content[key] = path.parent / content[key]
    for override in overrides:
        _apply(content, override, paths)
    return parse_recipe(content, source=str(path))


def parse_recipe(content: Mapping[str, Any], source: str = "recipe") -> BaseRecipe:
    """Check a mapping and give the recipe of its `kind`. Raises RecipeError with all problems on one line."""
    recipe = _class_of(content, source)
    try:
        return recipe.model_validate(content)
    except ValidationError as error:
        raise RecipeError(f"{source}: {'; '.join(map(_describe, error.errors()))}") from error


def path_keys(recipe: type[BaseRecipe]) -> frozenset[str]:
    """Return the keys of a recipe that name files or folders."""
    fields = recipe.model_fields.items()
    return frozenset(
        name for name, field in fields if Path in (field.annotation, *get_args(field.annotation))
    )


def _class_of(content: Mapping[str, Any], source: str) -> type[BaseRecipe]:
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in RECIPES:
        raise RecipeError(f"{source}: kind: must be one of {', '.join(RECIPES)}, not {kind!r}")
    return RECIPES[kind]


def _apply(content: dict[str, Any], override: str, paths: Collection[str]) -> None:
    name, equals, text = override.partition("=")
    if not equals or not name:
        raise RecipeError(f"override {override!r}: write KEY=VALUE")
    *parents, key = name.split(".")
    target = content
    for parent in parents:
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise RecipeError(f"override {override!r}: {parent} is not a group of keys")
    try:
        # A path stays the text it is: YAML would turn `2024` or `on` into something else.
        target[key] = text if name in paths else yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"override {override!r}: not YAML: {_one_line(error)}") from error


def _describe(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
