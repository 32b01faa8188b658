"""Describe the recipes as forms: every key with its type, bounds and the value it has here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from annotate.jobs.context import Context
from annotate.jobs.roles import role_of
from annotate.jobs.workspace_recipes import (
    ON_SENTENCES,
    PLATFORM_KEYS,
    changed_recipe,
    check_recipe,
    file_keys,
    known_kinds,
    workspace_recipe,
)
from annotate.reports import report_models
from training import RecipeError

FieldType = Literal["integer", "number", "switch", "choice", "numbers", "texts", "text"]
_FIRST = ("max_steps", "epochs", "learning_rate", "beta", "loss", "strengths", "folds", "samples", "method")
_TYPES: dict[str, FieldType] = {
    "integer": "integer",
    "number": "number",
    "boolean": "switch",
    "string": "text",
}

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
        RecipeForm(kind, role_of(kind), " ".join((recipe.__doc__ or "").split()), _fields(context, kind))
        for kind, recipe in known_kinds().items()
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
    recipe, values = known_kinds()[kind], workspace_recipe(context, kind)
    prefixes = set(context.local_embedder.prefixes) if kind in ON_SENTENCES else set()
    hidden = PLATFORM_KEYS | file_keys(kind) | prefixes
    found = []
    for name, field in recipe.model_fields.items():
        if name in hidden:
            continue
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):  # laid out key by key
            inner = values.get(name) or {}
            found += _of_model(group, inner, f"{name}.", set())
    found = _of_model(recipe, values, "", hidden) + found
    models = tuple(f"model:{version.id}" for version in report_models(context.store))
    for name in sorted(file_keys(kind) - PLATFORM_KEYS):  # another model, by its version
        found.append(RecipeField(name, "choice", None, optional=True, choices=models))
    order = {name: place for place, name in enumerate(_FIRST)}
    return tuple(sorted(found, key=lambda field: order.get(field.name, len(order))))


def _of_model(
    model: type[BaseModel], values: dict[str, Any], group: str, hidden: set[str]
) -> list[RecipeField]:
    schema = model.model_json_schema()["properties"]
    made = [
        _field(group + name, schema[name], values.get(name, schema[name].get("default")))
        for name in model.model_fields
        if name not in hidden
    ]
    return [field for field in made if field is not None]


def _field(name: str, schema: dict[str, Any], value: Any) -> RecipeField | None:
    """Describe a key, or return None for one that no widget can show: a group, or a list of groups."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    spec = options[0]
    kind = _type(spec)
    if kind is None:
        return None
    return RecipeField(
        name,
        kind,
        value,
        optional=len(options) < len(schema.get("anyOf", [schema])),
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
        above=spec.get("exclusiveMinimum"),
        below=spec.get("exclusiveMaximum"),
        choices=_choices(spec),
        main=name in _FIRST,
    )


def _choices(spec: dict[str, Any]) -> tuple[str, ...]:
    return tuple(spec.get("enum", (spec["const"],) if "const" in spec else ()))


def _type(spec: dict[str, Any]) -> FieldType | None:
    if _choices(spec):
        return "choice"
    if spec.get("type") == "array":
        inner = spec.get("items", {}).get("type")
        return {"number": "numbers", "integer": "numbers", "string": "texts"}.get(inner)  # type: ignore[return-value]
    return _TYPES.get(spec.get("type", ""))
