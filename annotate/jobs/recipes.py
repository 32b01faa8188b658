"""Describe the recipes as forms: every key with its type, bounds and the value it has here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from annotate.jobs.context import Context
from annotate.jobs.train import PLATFORM_KEYS, ROLES, changed_recipe, check_recipe, workspace_recipe
from training import RecipeError
from training.recipes import RECIPES, Lora

FieldType = Literal["integer", "number", "switch", "choice", "numbers", "texts", "text"]
# Prefixes are the embedder's own; the group `lora` is laid out key by key.
_NOT_SHOWN = {*PLATFORM_KEYS, "question_prefix", "answer_prefix", "lora"}
_FIRST = ("max_steps", "epochs", "learning_rate", "beta", "loss", "strengths", "folds")
_TYPES: dict[str, FieldType] = {"integer": "integer", "number": "number", "boolean": "switch"}

__all__ = ["RecipeError", "RecipeField", "RecipeForm", "changed_values", "expected_recipe", "list_recipes"]


@dataclass(frozen=True)
class RecipeField:
    """Describe one key; `name` has a dot inside a group, such as `lora.r`.

    A bound that is excluded has `above` or `below` set in its place; `optional` allows None.
    """

    name: str
    type: FieldType
    value: Any
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    main: bool = False


@dataclass(frozen=True)
class RecipeForm:
    """Describe a kind of run, with the role that its model plays and the keys that can be set."""

    kind: str
    role: str
    help: str
    fields: tuple[RecipeField, ...]


def list_recipes(context: Context) -> list[RecipeForm]:
    """Return a form for each kind of run, filled with the values that a run here would have."""
    return [
        RecipeForm(kind, ROLES[kind], " ".join((recipe.__doc__ or "").split()), _fields(context, kind))
        for kind, recipe in RECIPES.items()
    ]


def changed_values(form: RecipeForm, values: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe's changed keys from the values of a form; groups whose keys changed are whole."""
    known = {field.name: field for field in form.fields}
    changed = {name: value for name, value in values.items() if value != known[name].value}
    groups = {name.partition(".")[0] for name in changed if "." in name}
    result = {name: value for name, value in changed.items() if "." not in name}
    for group in groups:
        result[group] = {
            field.name.partition(".")[2]: values.get(field.name, field.value)
            for field in form.fields
            if field.name.startswith(f"{group}.")
        }
    return result


def expected_recipe(context: Context, kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe that a run with these changes would have, but for its files.

    Raises RecipeError where no recipe of the kind takes them.
    """
    check_recipe(context, kind, changes)
    return changed_recipe(workspace_recipe(context, kind), changes)


def _fields(context: Context, kind: str) -> tuple[RecipeField, ...]:
    values = workspace_recipe(context, kind)
    found = _of_model(RECIPES[kind], values)
    if "lora" in RECIPES[kind].model_fields:
        found += _of_model(Lora, values.get("lora", {}), "lora.")
    order = {name: place for place, name in enumerate(_FIRST)}
    return tuple(sorted(found, key=lambda field: order.get(field.name, len(order))))


def _of_model(model: type[Any], values: dict[str, Any], group: str = "") -> list[RecipeField]:
    schema = model.model_json_schema()
    return [
        _field(
            group + name,
            schema["properties"][name],
            values.get(name, schema["properties"][name].get("default")),
        )
        for name in model.model_fields
        if name not in _NOT_SHOWN
    ]


def _field(name: str, schema: dict[str, Any], value: Any) -> RecipeField:
    options = schema.get("anyOf", [schema])
    spec = next(option for option in options if option.get("type") != "null")
    return RecipeField(
        name,
        _type(spec),
        value,
        optional=any(option.get("type") == "null" for option in options),
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
        above=spec.get("exclusiveMinimum"),
        below=spec.get("exclusiveMaximum"),
        choices=tuple(spec.get("enum", ())),
        main=name in _FIRST,
    )


def _type(spec: dict[str, Any]) -> FieldType:
    if "enum" in spec:
        return "choice"
    if spec["type"] == "array":
        return "numbers" if spec["items"]["type"] == "number" else "texts"
    return _TYPES.get(spec["type"], "text")
