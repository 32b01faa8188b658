"""Every kind has a commented recipe to start from, and a module that trains it."""

from importlib.util import find_spec
from pathlib import Path

import pytest

import training
from training.recipe import load_recipe
from training.recipes import RECIPES

FOLDER = Path(training.__file__).parent / "recipes"


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_ready_recipe_loads(kind: str) -> None:
    recipe = load_recipe(FOLDER / f"{kind}.yaml")
    assert type(recipe) is RECIPES[kind]
    assert recipe.kind == kind
    assert recipe.train_rows.parent == FOLDER
    assert find_spec(f"training.kinds.{kind}") is not None


def test_no_recipe_file_is_left_without_a_kind() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} <= set(RECIPES)
