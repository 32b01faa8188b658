"""ORPO and SimPO: the losses are the papers', and held-out answers move apart without a reference."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from training.kinds.orpo import orpo_loss, simpo_loss
from training.recipes import OrpoRecipe
from training.results import Result
from training.rows import PreferenceRow

pytestmark = pytest.mark.models
Fit = Callable[..., Result]


@pytest.fixture
def fit(fit_on: Fit) -> Fit:
    """Tune a small policy on given rows in a fresh run folder."""

    def run(rows: list[PreferenceRow] | int = 8, **changes: Any) -> Result:
        return fit_on(OrpoRecipe, rows, 4, **{"kind": "orpo", "max_steps": 4, **changes})

    return run


def test_orpo_is_likelihood_and_odds_ratio() -> None:
    chosen, rejected = math.log(0.5), math.log(0.2)
    ratio = (0.5 / 0.5) / (0.2 / 0.8)
    wanted = -chosen + 0.3 * math.log(1 + 1 / ratio)
    loss = orpo_loss(torch.tensor([chosen]), torch.tensor([rejected]), beta=0.3)
    assert loss.item() == pytest.approx(wanted, rel=1e-5)


def test_orpo_is_finite_where_an_answer_is_certain() -> None:
    loss = orpo_loss(torch.zeros(1), torch.tensor([-1e-9]), beta=0.1)
    assert torch.isfinite(loss).all()


def test_simpo_asks_for_a_gap() -> None:
    loss = simpo_loss(torch.tensor([-1.0]), torch.tensor([-1.5]), beta=2.0, target_gap=1.0)
    assert loss.item() == pytest.approx(math.log(2))


def test_losses_have_the_gradients_of_their_formulas() -> None:
    means = [torch.tensor([-0.4, -2.0], dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda a, b: orpo_loss(a, b * 1.3, 0.2), means)
    assert torch.autograd.gradcheck(lambda a, b: simpo_loss(a, b * 1.3, 2.0, 0.5), means)


SIMPO = {"loss": "simpo", "beta": 2.0, "target_gap": 1.0}


@pytest.mark.parametrize("settings", [{}, pytest.param(SIMPO, marks=pytest.mark.slow)])
def test_answers_move_apart(fit: Fit, tmp_path: Path, settings: dict[str, Any]) -> None:
    result = fit(max_steps=8, **settings)
    assert result.last_loss < result.first_loss
    assert result.metrics["test_margin"].value > result.metrics["before_margin"].value
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


def test_a_gap_without_simpo_is_refused() -> None:
    with pytest.raises(ValueError, match="no effect with loss orpo"):
        OrpoRecipe(kind="orpo", base=Path("b"), train_rows=Path("r"), target_gap=0.5)
