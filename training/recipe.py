"""Recipes: what to train, on what and how, as a checked YAML file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from training.errors import RecipeError

PATH_KEYS = ("base", "train_rows", "test_rows", "baseline")
"""Keys that name files; relative to the recipe's own folder."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lora(_Strict):
    """Describe the low-rank adapters (Hu et al. 2021, arXiv 2106.09685).

    `last_layers` puts adapters on the top layers only: the backward pass stops there and the layers below are
    computed once a row, which is what makes training on a CPU bearable. None adapts every layer.
    """

    r: PositiveInt = 8
    alpha: PositiveFloat = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    target_modules: list[str] = Field(default=["q_proj", "v_proj"], min_length=1)
    last_layers: PositiveInt | None = None


class BaseRecipe(_Strict):
    """Hold what every kind needs: a base model folder, rows and a seed."""

    base: Path
    train_rows: Path
    test_rows: Path | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class TrainerRecipe(BaseRecipe):
    """Hold what every kind driven by a TRL trainer needs; `max_steps` or `epochs` sets the run's length."""

    max_steps: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    learning_rate: PositiveFloat = 1e-4
    batch_size: PositiveInt = 1
    gradient_accumulation: PositiveInt = 4
    max_length: PositiveInt = 1024
    max_dropped_share: Annotated[float, Field(ge=0, lt=1)] = 0.2
    lora: Lora = Lora()
    save_steps: PositiveInt = 5
    report_to: list[str] = []
    gradient_checkpointing: bool = False
    baseline: Path | None = None

    @model_validator(mode="after")
    def _one_length(self) -> "TrainerRecipe":
        if self.max_steps is not None and self.epochs is not None:
            raise ValueError("give max_steps or epochs, not both")
        return self


class RewardHeadRecipe(BaseRecipe):
    """Train a Bradley-Terry head on frozen sentence embeddings; `base` is a sentence-transformers folder."""

    kind: Literal["reward_head"]
    question_prefix: str = ""
    answer_prefix: str = ""
    strengths: list[PositiveFloat] = Field(default=[0.001, 0.01, 0.1, 1.0, 10.0], min_length=1)
    folds: Annotated[int, Field(ge=2)] = 5
    batch_size: PositiveInt = 32


class RewardRecipe(TrainerRecipe):
    """Train a reward model: a causal base with a score head, pairwise loss.

    `depth` keeps only that many of the base's lower layers and scores from there; time falls in proportion.
    """

    kind: Literal["reward"]
    depth: PositiveInt | None = None
    center_rewards_coefficient: NonNegativeFloat = 0.01


class DpoRecipe(TrainerRecipe):
    """Tune a policy on preferences against its own frozen start (Rafailov et al. 2023, arXiv 2305.18290)."""

    kind: Literal["dpo"]
    beta: PositiveFloat = 0.1
    loss: Literal["sigmoid", "robust", "hinge", "ipo", "sigmoid_norm"] = "sigmoid"
    label_smoothing: Annotated[float, Field(ge=0, lt=0.5)] = 0.0

    @model_validator(mode="after")
    def _smoothing_is_used(self) -> "DpoRecipe":
        # TRL ignores label_smoothing without a word for every other loss offered here.
        if self.label_smoothing and self.loss != "robust":
            raise ValueError(f"label_smoothing has no effect with loss {self.loss}; use loss robust")
        return self


Recipe = Annotated[RewardHeadRecipe | RewardRecipe | DpoRecipe, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[RewardHeadRecipe | RewardRecipe | DpoRecipe] = TypeAdapter(Recipe)


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> RewardHeadRecipe | RewardRecipe | DpoRecipe:
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
    for key in PATH_KEYS:
        if isinstance(content.get(key), str):
            content[key] = path.parent / content[key]
    for override in overrides:
        _apply(content, override)
    return parse_recipe(content, source=str(path))


def parse_recipe(
    content: Mapping[str, Any], source: str = "recipe"
) -> RewardHeadRecipe | RewardRecipe | DpoRecipe:
    """Check a mapping and give the recipe of its `kind`. Raises RecipeError with all problems on one line."""
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        raise RecipeError(f"{source}: {'; '.join(map(_describe, error.errors()))}") from error


def _apply(content: dict[str, Any], override: str) -> None:
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
        target[key] = text if name in PATH_KEYS else yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"override {override!r}: not YAML: {_one_line(error)}") from error


def _describe(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
