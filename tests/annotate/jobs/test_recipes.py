"""Recipes as forms."""

from __future__ import annotations

import pytest

from annotate.jobs.context import Context
from annotate.jobs.recipes import RecipeError, RecipeForm, changed_values, expected_recipe, list_recipes
from annotate.jobs.workspace_recipes import PLATFORM_KEYS, known_kinds


def form(context: Context, kind: str) -> RecipeForm:
    return next(found for found in list_recipes(context) if found.kind == kind)


def test_every_kind_has_a_form_with_the_values_of_this_workspace(context: Context) -> None:
    roles = {found.kind: found.role for found in list_recipes(context)}
    assert roles.keys() == known_kinds().keys()
    assert roles.items() >= {"reward_head": "reward_head", "reward": "reward", "dpo": "policy"}.items()
    fields = {field.name: field for field in form(context, "dpo").fields}
    assert fields["max_steps"].value == context.settings.training.policy_steps
    assert (fields["beta"].type, fields["beta"].above) == ("number", 0)
    assert fields["loss"].choices[0] == "sigmoid"
    assert (fields["lora.r"].type, fields["lora.last_layers"].optional) == ("integer", True)
    assert not fields.keys() & PLATFORM_KEYS


def test_an_untouched_form_changes_nothing_and_a_changed_group_is_whole(context: Context) -> None:
    dpo = form(context, "dpo")
    untouched = {field.name: field.value for field in dpo.fields}
    assert changed_values(dpo, untouched) == {}
    changes = changed_values(dpo, untouched | {"beta": 0.2, "lora.r": 16})
    assert changes["beta"] == 0.2
    assert changes["lora"]["r"] == 16
    assert changes["lora"].keys() >= {"alpha", "dropout", "target_modules", "last_layers"}
    assert expected_recipe(context, "dpo", changes)["lora"]["r"] == 16


def test_every_form_as_it_stands_is_a_recipe(context: Context) -> None:
    for found in list_recipes(context):
        assert expected_recipe(context, found.kind, {})["kind"] == found.kind


def test_what_no_recipe_takes_is_refused_in_its_own_words(context: Context) -> None:
    with pytest.raises(RecipeError, match="label_smoothing has no effect"):
        expected_recipe(context, "dpo", {"label_smoothing": 0.1})
    with pytest.raises(RecipeError, match="strengths"):
        expected_recipe(context, "reward_head", {"strengths": ["much"]})
    assert "max_steps" not in expected_recipe(context, "dpo", {"epochs": 2.0})
