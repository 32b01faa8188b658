"""Runs: finished ones return, failed ones say one line, foreign folders and leaks are refused."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.errors import DivergedError, ModelError, RecipeError, RowsError
from training.recipes import DpoRecipe, RewardHeadRecipe, RewardRecipe
from training.rows import PreferenceRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models


@pytest.fixture
def recipe(
    tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> Callable[..., DpoRecipe]:
    write_rows(tmp_path / "train.jsonl", make_rows(6))

    def make(**changes: Any) -> DpoRecipe:
        settings = {
            "kind": "dpo",
            "base": tiny_folder,
            "train_rows": tmp_path / "train.jsonl",
            "max_steps": 2,
            "gradient_accumulation": 1,
        }
        return DpoRecipe(**{**settings, **changes})

    return make


def test_finished_run_is_returned_without_training(recipe: Callable[..., DpoRecipe], tmp_path: Path) -> None:
    first = train(recipe(), tmp_path / "run")
    lines = (tmp_path / "run" / "progress.jsonl").read_text().splitlines()
    assert train(recipe(), tmp_path / "run") == first
    assert (tmp_path / "run" / "progress.jsonl").read_text().splitlines() == lines
    steps = [json.loads(line) for line in lines if '"step"' in line]
    assert [(step["step"], step["total"]) for step in steps] == [(1, 2), (2, 2)]
    assert math.isfinite(first.peak_memory_mb)
    assert first.fingerprint != first.base_fingerprint
    assert json.loads((tmp_path / "run" / "samples.json").read_text())[0]["chosen"].endswith("<|im_end|>\n")


def test_a_flipped_bit_sends_a_run_back_to_the_checkpoint_before(
    recipe: Callable[..., DpoRecipe], tmp_path: Path
) -> None:
    changes = {"max_steps": 3, "save_steps": 1}
    whole, run_dir = train(recipe(**changes), tmp_path / "run"), tmp_path / "run"
    (run_dir / "result.json").unlink()  # as if it had been killed before it could measure
    weights = run_dir / "checkpoints" / "checkpoint-3" / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(bytes(content))
    assert train(recipe(**changes), run_dir).fingerprint == whole.fingerprint
    lines = [json.loads(line) for line in (run_dir / "progress.jsonl").read_text().splitlines()]
    damaged = next(line for line in lines if line.get("stage") == "damaged checkpoint")
    assert (damaged["checkpoint"], damaged["file"]) == ("checkpoint-3", "adapter_model.safetensors")
    assert [line["resumed_from"] for line in lines if line.get("stage") == "training"] == ["", "checkpoint-2"]


def test_folder_of_another_recipe_is_refused(recipe: Callable[..., DpoRecipe], tmp_path: Path) -> None:
    train(recipe(), tmp_path / "run")
    with pytest.raises(RecipeError, match="another recipe"):
        train(recipe(seed=1), tmp_path / "run")


def test_questions_on_both_sides_are_refused(recipe: Callable[..., DpoRecipe], tmp_path: Path) -> None:
    with pytest.raises(RowsError, match="also in the train rows"):
        train(recipe(test_rows=tmp_path / "train.jsonl"), tmp_path / "run")


def test_failure_leaves_one_line_and_no_result(recipe: Callable[..., DpoRecipe], tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        train(recipe(base=tmp_path / "nowhere"), tmp_path / "run")
    text = (tmp_path / "run" / "error.txt").read_text()
    assert text.startswith("ModelError: ")
    assert text.count("\n") == 1
    assert not (tmp_path / "run" / "result.json").exists()


def test_divergence_stops_the_run(
    tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    beyond_float32 = [replace(row, margin=1e39) for row in make_rows(4)]
    write_rows(tmp_path / "train.jsonl", beyond_float32)
    recipe = RewardRecipe(kind="reward", base=tiny_folder, train_rows=tmp_path / "train.jsonl", max_steps=5)
    with pytest.raises(DivergedError, match="step 1: loss inf"):
        train(recipe, tmp_path / "run")
    assert (tmp_path / "run" / "error.txt").exists()


@pytest.mark.slow
def test_baseline_that_prefers_the_other_side_stops_the_run(
    recipe: Callable[..., DpoRecipe],
    minilm_folder: Path,
    tmp_path: Path,
    make_rows: Callable[..., list[PreferenceRow]],
) -> None:
    head = RewardHeadRecipe(kind="reward_head", base=minilm_folder, train_rows=tmp_path / "train.jsonl")
    train(head, tmp_path / "head")
    good = train(recipe(baseline=tmp_path / "head" / "model", max_steps=1), tmp_path / "good")
    assert good.metrics["baseline_win_rate"].value > 0.8
    swapped = [replace(row, chosen=row.rejected, rejected=row.chosen) for row in make_rows(12)]
    write_rows(tmp_path / "swapped.jsonl", swapped)
    with pytest.raises(RowsError, match="swapped"):
        train(
            recipe(baseline=tmp_path / "head" / "model", train_rows=tmp_path / "swapped.jsonl"),
            tmp_path / "swapped",
        )
