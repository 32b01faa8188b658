"""Recipes: what is wrong is said on one line, what is right becomes a typed recipe."""

from pathlib import Path

import pytest
import yaml

import training
from training.errors import RecipeError
from training.recipe import load_recipe, parse_recipe
from training.recipes import DpoRecipe, RewardHeadRecipe, RewardRecipe

RECIPES = Path(training.__file__).parent / "recipes"
MINIMAL = {"kind": "dpo", "base": "base", "train_rows": "rows.jsonl"}


@pytest.mark.parametrize(
    ("name", "kind"), [("reward_head", RewardHeadRecipe), ("reward", RewardRecipe), ("dpo", DpoRecipe)]
)
def test_ready_recipes_load(name: str, kind: type) -> None:
    recipe = load_recipe(RECIPES / f"{name}.yaml")
    assert type(recipe) is kind
    assert recipe.train_rows == RECIPES / "train.jsonl"


def test_overrides_reach_nested_keys_and_keep_paths_as_given() -> None:
    recipe = load_recipe(
        RECIPES / "dpo.yaml",
        ["base=2024", "lora.r=16", "report_to=[tensorboard]", "epochs=null", "max_steps=7"],
    )
    assert isinstance(recipe, DpoRecipe)
    assert recipe.base == Path("2024")
    assert (recipe.lora.r, recipe.report_to, recipe.max_steps) == (16, ["tensorboard"], 7)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"lora": {"rank": 4}}, "lora.rank"),
        ({"kind": "magic"}, "magic"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"max_steps": 3, "epochs": 1}, "max_steps or epochs, not both"),
        ({"label_smoothing": 0.1}, "no effect with loss sigmoid"),
        ({"label_smoothing": 0.1, "loss": "ipo"}, "no effect with loss ipo"),
        ({"base": None}, "base"),
    ],
)
def test_problems_are_one_line_with_the_place(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({**MINIMAL, **change}), encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_smoothing_with_the_robust_loss_is_fine() -> None:
    recipe = parse_recipe({**MINIMAL, "loss": "robust", "label_smoothing": 0.1})
    assert isinstance(recipe, DpoRecipe)
    assert recipe.label_smoothing == 0.1


@pytest.mark.parametrize("text", ["a: [", "- 1", ""])
def test_files_that_are_no_mapping_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(tmp_path / "recipe.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("override", ["lora.r", "=3", "seed.deep=1", "lora.r=["])
def test_malformed_overrides_are_refused(override: str) -> None:
    with pytest.raises(RecipeError, match="override"):
        load_recipe(RECIPES / "dpo.yaml", [override])


def test_missing_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "none.yaml")
