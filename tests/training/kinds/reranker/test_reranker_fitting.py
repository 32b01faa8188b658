"""The cross-encoder learns which text serves which query, and its folder ranks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from training.errors import RowsError
from training.recipe import parse_recipe
from training.results import Result
from training.rows import RelevanceRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
Rows = Callable[..., list[RelevanceRow]]
Fit = Callable[..., Result]


@pytest.fixture
def fit(tiny_embedder: Path, tmp_path: Path, relevance: Rows) -> Fit:
    """Train a small cross-encoder in a fresh run folder."""

    def run(rows: list[RelevanceRow] | None = None, name: str = "run", **changes: Any) -> Result:
        write_rows(tmp_path / f"{name}.jsonl", relevance(24) if rows is None else rows)
        write_rows(tmp_path / f"{name}-test.jsonl", relevance(5, first=40))
        settings = {
            "kind": "reranker",
            "base": tiny_embedder,
            "train_rows": tmp_path / f"{name}.jsonl",
            "test_rows": tmp_path / f"{name}-test.jsonl",
            "batch_size": 8,
            "learning_rate": 3e-3,
            "max_length": 32,
            "max_steps": 10,
        }
        return train(parse_recipe({**settings, **changes}), tmp_path / name)

    return run


@pytest.mark.parametrize("loss", ["pointwise", pytest.param("listwise", marks=pytest.mark.slow)])
def test_losses_fall_and_the_folder_loads(fit: Fit, tmp_path: Path, loss: str) -> None:
    from sentence_transformers import CrossEncoder

    result = fit(loss=loss, negatives=2)
    assert result.last_loss < result.first_loss
    assert {"before_mrr", "test_mrr", "test_gain"} <= result.metrics.keys()
    folder = str(tmp_path / "run" / "model")
    model = CrossEncoder(folder, local_files_only=True, device="cpu")
    assert model.predict([("house 3", "red")], show_progress_bar=False).shape == (1,)


def test_grades_and_only_the_top_layers(
    fit: Fit, relevance: Rows, tmp_path: Path, tiny_embedder: Path
) -> None:
    graded = [
        RelevanceRow(
            id=row.id,
            question_id=row.question_id,
            query=row.query,
            positive=row.positive,
            score=0.2 + 0.6 * (number % 2),
        )
        for number, row in enumerate(relevance(8))
    ]
    fit(graded, last_layers=1, max_steps=2)
    tuned = load_file(tmp_path / "run" / "model" / "model.safetensors")
    base = load_file(tiny_embedder / "model.safetensors")
    for name, value in base.items():
        moved = not np.array_equal(value, tuned[f"bert.{name}"])
        assert moved == ("layer.1." in name)


def test_rows_that_cannot_teach_are_refused(fit: Fit, relevance: Rows) -> None:
    with pytest.raises(RowsError, match="different scores"):
        fit(relevance(4, negatives=0))
    with pytest.raises(RowsError, match="negatives"):
        fit(relevance(4, negatives=0), name="list", loss="listwise")
