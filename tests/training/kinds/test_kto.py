"""KTO: pairs are taken apart and shuffled, the loss starts at 1/2, and answers move apart."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.encoding import EncodedPair
from training.kinds.kto import mismatched, take_apart
from training.recipes import KtoRecipe
from training.results import Result
from training.rows import PreferenceRow

pytestmark = pytest.mark.models
Fit = Callable[..., Result]


@pytest.fixture
def fit(fit_on: Fit) -> Fit:
    """Tune a small policy on given rows in a fresh run folder."""

    def run(rows: list[PreferenceRow] | int = 8, **changes: Any) -> Result:
        settings = {"kind": "kto", "max_steps": 4, "gradient_accumulation": 1, "batch_size": 4}
        return fit_on(KtoRecipe, rows, 4, **{**settings, **changes})

    return run


def pairs(count: int) -> list[EncodedPair]:
    row = PreferenceRow(
        id="r", question_id="q", prompt=[{"role": "user", "content": "?"}], chosen="a", rejected="b"
    )
    return [EncodedPair(replace(row, id=str(n)), [1000 + n], [2000 + n], [3000 + n]) for n in range(count)]


@given(count=st.integers(2, 30), seed=st.integers(0, 99))
def test_every_answer_is_kept_once_in_turn_and_beside_another_prompt(count: int, seed: int) -> None:
    answers = take_apart(pairs(count), [1.0] * count, np.random.default_rng(seed))
    assert sorted(answer.answer_ids[0] for answer in answers) == sorted(
        side + number for number in range(count) for side in (2000, 3000)
    )
    assert [answer.is_good for answer in answers] == [True, False] * count
    for good, bad in zip(answers[::2], answers[1::2], strict=True):
        assert good.prompt_ids != bad.prompt_ids


def test_rows_are_shuffled_by_the_seed() -> None:
    orders = {
        tuple(
            answer.prompt_ids[0] for answer in take_apart(pairs(12), [1.0] * 12, np.random.default_rng(seed))
        )
        for seed in range(5)
    }
    assert len(orders) == 5


@given(count=st.integers(2, 20), batch=st.integers(2, 7))
def test_no_answer_is_compared_with_itself(count: int, batch: int) -> None:
    answers = take_apart(pairs(count), [1.0] * count, np.random.default_rng(0))
    others = mismatched(answers, batch)
    assert len(others) == len(answers)
    assert all(answer.answer_ids != other for answer, other in zip(answers, others, strict=True))


def test_policy_learns_from_the_start_at_one_half(fit: Fit, tmp_path: Path) -> None:
    result = fit(max_steps=12)
    assert result.first_loss == pytest.approx(0.5, abs=1e-3)
    assert result.last_loss < 0.49
    assert result.metrics["test_margin"].value > 0
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


@pytest.mark.slow
def test_rows_of_weight_zero_teach_nothing(fit: Fit, make_rows: Callable[..., list[PreferenceRow]]) -> None:
    rows = make_rows(8)
    swapped = [replace(row, chosen=row.rejected, rejected=row.chosen) for row in rows[4:]]
    ignored = [replace(row, weight=0.0) for row in swapped]
    mixed = fit(rows[:4] + swapped, name="mixed", max_steps=8)
    weighted = fit(rows[:4] + ignored, name="weighted", max_steps=8)
    assert weighted.metrics["test_margin"].value > mixed.metrics["test_margin"].value


def test_a_batch_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size"):
        KtoRecipe(kind="kto", base=Path("b"), train_rows=Path("r"), batch_size=1)
