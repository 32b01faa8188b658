"""The reward model: the score head trains and is saved, weights and margins matter."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from training.errors import LengthError, ModelError
from training.kinds.reward import score_answers
from training.kinds.reward.scoring import load_reward_model
from training.recipes import RewardRecipe
from training.results import Result
from training.rows import PreferenceRow

pytestmark = pytest.mark.models
Fit = Callable[..., Result]
SIDES = ("chosen", "rejected")
LOWEST = "model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def fit(fit_on: Fit) -> Fit:
    """Train a small reward model on given rows in a fresh run folder."""

    def run(rows: list[PreferenceRow] | int = 12, **changes: Any) -> Result:
        return fit_on(RewardRecipe, rows, 6, **{"kind": "reward", "max_steps": 6, **changes})

    return run


def test_smollm2_learns_and_scores(
    fit: Fit, smollm2_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    result = fit(base=smollm2_folder, max_steps=3, learning_rate=2e-3, lora={"last_layers": 3})
    assert result.last_loss < result.first_loss
    rows = make_rows(6, first=20)
    scores = [
        score_answers(
            tmp_path / "run" / "model", [row.prompt for row in rows], [getattr(row, side) for row in rows]
        )
        for side in SIDES
    ]
    assert np.mean(scores[0] - scores[1]) == pytest.approx(result.metrics["test_margin"].value, abs=1e-4)
    assert result.metrics["test_margin"].value > 0


@pytest.mark.slow
def test_score_head_trains_and_is_saved(fit: Fit, tmp_path: Path) -> None:
    fit()
    moved = load_file(tmp_path / "run" / "model" / "model.safetensors")["score.weight"]
    fit(name="still", learning_rate=1e-12, max_steps=1)
    still = load_file(tmp_path / "still" / "model" / "model.safetensors")["score.weight"]
    assert not torch.allclose(moved, still, atol=1e-3)


def test_shallow_model_keeps_the_lower_layers(
    fit: Fit, tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    result = fit(depth=2, lora={"last_layers": 1})
    weights, base = (
        load_file(folder / "model.safetensors") for folder in (tmp_path / "run" / "model", tiny_folder)
    )
    layers = {name.split(".")[2] for name in weights if name.startswith("model.layers.")}
    assert layers == {"0", "1"}
    assert torch.equal(weights[LOWEST], base[LOWEST])
    rows = make_rows(6, first=20)
    scores = [
        score_answers(
            tmp_path / "run" / "model", [row.prompt for row in rows], [getattr(row, side) for row in rows]
        )
        for side in SIDES
    ]
    assert np.mean(scores[0] - scores[1]) == pytest.approx(result.metrics["test_margin"].value, abs=1e-5)


def test_more_depth_than_there_is_is_refused(fit: Fit) -> None:
    with pytest.raises(ModelError, match="4 layers"):
        fit(depth=5)


def test_scores_do_not_depend_on_the_batch(
    fit: Fit, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    fit()
    rows = make_rows(7)
    prompts, answers = [row.prompt for row in rows], [row.chosen * (1 + k % 3) for k, row in enumerate(rows)]
    alone, together = (score_answers(tmp_path / "run" / "model", prompts, answers, size) for size in (1, 7))
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_rows_of_weight_zero_teach_nothing(fit: Fit, make_rows: Callable[..., list[PreferenceRow]]) -> None:
    rows = make_rows(8)
    swapped = [replace(row, chosen=row.rejected, rejected=row.chosen) for row in rows[4:]]
    ignored = [replace(row, weight=0.0) for row in swapped]
    mixed = fit(rows[:4] + swapped, name="mixed", max_steps=12)
    weighted = fit(rows[:4] + ignored, name="weighted", max_steps=12)
    assert weighted.metrics["test_margin"].value > mixed.metrics["test_margin"].value + 0.1


def test_asked_margin_is_part_of_the_loss(fit: Fit, make_rows: Callable[..., list[PreferenceRow]]) -> None:
    plain = fit(name="plain", max_steps=1)
    wide = fit([replace(row, margin=3.0) for row in make_rows(12)], name="wide", max_steps=1)
    assert wide.first_loss > plain.first_loss + 2


def test_long_rows_are_dropped_by_name_or_refused(
    fit: Fit, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    rows = make_rows(12)
    rows[3] = replace(rows[3], rejected="word " * 200)
    result = fit(rows, max_length=100, max_steps=1)
    assert result.dropped_ids == ["row-3"]
    assert result.rows == {"train": 12, "test": 6, "dropped": 1}
    with pytest.raises(LengthError):
        fit(rows, name="strict", max_length=100, max_dropped_share=0.05)


@pytest.mark.parametrize("ensemble", ["worst", pytest.param("penalised", marks=pytest.mark.slow)])
def test_heads_are_trained_apart_saved_and_joined(
    fit: Fit, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]], ensemble: str
) -> None:
    result = fit(heads=3, ensemble=ensemble, max_steps=12)
    assert result.metrics["test_margin"].value > 0
    assert result.metrics["test_disagreement"].value > 0
    rows = make_rows(6, first=20)
    model = load_reward_model(tmp_path / "run" / "model")
    prompts = [row.prompt for row in rows]
    heads = model.score_heads(prompts, [row.chosen for row in rows])
    assert heads.shape == (6, 3)
    assert np.ptp(heads - np.array(model.scores.centres), axis=1).min() > 1e-4
    chosen, rejected = (model.score(prompts, [getattr(row, side) for row in rows]) for side in SIDES)
    assert np.mean(chosen - rejected) == pytest.approx(result.metrics["test_margin"].value, abs=1e-4)


@pytest.mark.slow
def test_every_weight_trains(fit: Fit, tiny_folder: Path, tmp_path: Path) -> None:
    result = fit(full=True, learning_rate=1e-3)
    assert result.last_loss < result.first_loss
    tuned, base = (load_file(f / "model.safetensors") for f in (tmp_path / "run" / "model", tiny_folder))
    assert not torch.equal(tuned[LOWEST], base[LOWEST])


def test_length_that_explains_the_labels_is_left_out(
    fit: Fit, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    rows = [replace(row, chosen=row.chosen + " It is so." * 4) for row in make_rows(12)]
    offset = fit(rows, name="offset", length_control="offset", max_steps=1)
    plain = fit(rows, name="plain", max_steps=1)
    assert offset.first_loss < plain.first_loss - 0.1  # length alone explains much of it
    assert {"test_length_correlation", "test_ece", "test_brier", "test_temperature"} <= plain.metrics.keys()
