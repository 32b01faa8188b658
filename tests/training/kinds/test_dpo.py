"""DPO: it starts at ln 2, moves the held-out margin, saves a whole model, and remembers exactly."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from training.encoding import encode_pairs
from training.errors import DivergedError, RowsError
from training.kinds import dpo
from training.loading import load_policy, load_tokenizer
from training.log_probs import pair_log_probs
from training.recipes import DpoRecipe
from training.results import Result
from training.rows import PreferenceRow, read_rows

pytestmark = pytest.mark.models
Fit = Callable[..., Result]


@pytest.fixture
def fit(fit_on: Fit) -> Fit:
    """Tune a small policy on given rows in a fresh run folder."""

    def run(rows: list[PreferenceRow] | int = 8, **changes: Any) -> Result:
        return fit_on(DpoRecipe, rows, 4, **{"kind": "dpo", "max_steps": 4, **changes})

    return run


def test_smollm2_starts_at_ln_2_and_learns(
    fit: Fit, smollm2_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    result = fit(make_rows(4), base=smollm2_folder, max_steps=3, learning_rate=1e-3, lora={"last_layers": 3})
    assert result.first_loss == pytest.approx(math.log(2), abs=1e-4)
    assert result.last_loss < result.first_loss
    margin = result.metrics["test_margin"]
    assert margin.value > 0
    assert margin.n == 4

    # The saved model is whole: log-probabilities taken from the folders alone give the reported margin.
    tokenizer = load_tokenizer(tmp_path / "run" / "model")
    pairs = encode_pairs(tokenizer, read_rows(tmp_path / "run-test.jsonl"))
    tuned, base = (
        pair_log_probs(load_policy(folder), pairs, tokenizer.pad_token_id)
        for folder in (tmp_path / "run" / "model", smollm2_folder)
    )
    rewards = 0.1 * (tuned - base)
    assert np.mean(rewards[:, 0] - rewards[:, 1]) == pytest.approx(margin.value, abs=2e-3)


@pytest.mark.parametrize(
    ("loss", "start"), [("hinge", 1.0), ("ipo", 25.0), ("sigmoid_norm", math.log(2)), ("robust", math.log(2))]
)
def test_other_losses_start_where_theory_says(fit: Fit, loss: str, start: float) -> None:
    smoothing = {"label_smoothing": 0.1} if loss == "robust" else {}
    assert fit(loss=loss, max_steps=2, **smoothing).first_loss == pytest.approx(start, rel=1e-3)


@pytest.mark.slow
def test_measured_noise_is_the_robust_loss_with_that_smoothing(
    fit: Fit, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    posterior = {"first": 0.6, "second": 0.2, "tie": 0.2}
    doubted = [replace(row, weight=0.6, lineage={"posterior": posterior}) for row in make_rows(6)]
    measured = fit(doubted, name="measured", loss="robust", measured_noise=True)
    given = fit(make_rows(6), name="given", loss="robust", label_smoothing=0.25)
    assert measured.fingerprint == given.fingerprint
    with pytest.raises(RowsError, match="posterior"):
        fit(6, name="unknown", loss="robust", measured_noise=True)


@pytest.mark.slow
def test_every_weight_trains_against_the_same_reference(fit: Fit, tiny_folder: Path, tmp_path: Path) -> None:
    result = fit(full=True, learning_rate=1e-3)
    assert result.first_loss == pytest.approx(math.log(2), abs=1e-4)
    assert result.metrics["test_margin"].value > 0
    tuned, base = (load_file(f / "model.safetensors") for f in (tmp_path / "run" / "model", tiny_folder))
    assert not torch.equal(
        tuned["model.layers.0.mlp.up_proj.weight"], base["model.layers.0.mlp.up_proj.weight"]
    )


@pytest.mark.slow
def test_remembered_layers_and_batches_change_nothing(fit: Fit) -> None:
    lora = {"last_layers": 2}
    results = [
        fit(name="remembered", lora=lora),
        fit(name="batched", lora=lora, batch_size=2, gradient_accumulation=1),
        fit(name="recomputed", lora=lora, gradient_checkpointing=True),
    ]
    for result in results[1:]:
        assert result.last_loss == pytest.approx(results[0].last_loss, rel=1e-4)
        assert result.metrics["test_margin"].value == pytest.approx(
            results[0].metrics["test_margin"].value, rel=1e-2
        )


def test_wrong_reference_is_refused(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    true = dpo.pair_log_probs
    monkeypatch.setattr(dpo, "pair_log_probs", lambda *given: true(*given) + np.array([0.0, 3.0]))
    with pytest.raises(DivergedError, match="reference"):
        fit()


def test_adapter_dropout_is_not_switched_off(fit: Fit) -> None:
    dropped, plain = fit(name="dropped", lora={"last_layers": 2, "dropout": 0.5}), fit(name="plain")
    assert dropped.first_loss == pytest.approx(math.log(2), abs=1e-4)
    assert dropped.last_loss != plain.last_loss


def test_all_weights_zero_are_refused(fit: Fit, make_rows: Callable[..., list[PreferenceRow]]) -> None:
    with pytest.raises(RowsError, match="weight 0"):
        fit([replace(row, weight=0.0) for row in make_rows(4)])


@pytest.mark.slow
def test_tuned_policy_still_stops(fit: Fit, smollm2_folder: Path, tmp_path: Path) -> None:
    fit(base=smollm2_folder, max_steps=6, learning_rate=1e-3, lora={"last_layers": 6})
    model, tokenizer = load_policy(tmp_path / "run" / "model"), load_tokenizer(tmp_path / "run" / "model")
    chat = [{"role": "user", "content": "What colour is house 30?"}]
    ids = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    answer = model.generate(**ids, max_new_tokens=120, do_sample=False)
    assert answer[0, -1] == tokenizer.eos_token_id
