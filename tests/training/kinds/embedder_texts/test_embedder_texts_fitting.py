"""Pre-training on plain texts lowers the loss on texts of the domain, and the embedder itself changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from training.kinds.embedder_texts.damage import leave_out_words, split_sentences
from training.recipe import parse_recipe
from training.results import Result
from training.rows import RelevanceRow, TextRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
Rows = Callable[..., list[RelevanceRow]]


def texts(rows: list[RelevanceRow]) -> list[TextRow]:
    return [
        TextRow(id=row.id, question_id=row.question_id, text=f"{row.positive} It is the house of number 1 .")
        for row in rows
    ]


def fit(base: Path, folder: Path, relevance: Rows, **changes: Any) -> Result:
    write_rows(folder / "train.jsonl", texts(relevance(24)))
    write_rows(folder / "test.jsonl", texts(relevance(6, first=40)))
    settings = {
        "kind": "embedder_texts",
        "base": base,
        "train_rows": folder / "train.jsonl",
        "test_rows": folder / "test.jsonl",
        "batch_size": 8,
        "learning_rate": 5e-3,
        "max_length": 32,
        "max_steps": 15,
    }
    return train(parse_recipe({**settings, **changes}), folder / "run")


@pytest.mark.parametrize("objective", ["tsdae", pytest.param("mlm", marks=pytest.mark.slow)])
def test_loss_on_other_texts_falls(
    tiny_embedder: Path, tmp_path: Path, relevance: Rows, objective: str
) -> None:
    from sentence_transformers import SentenceTransformer

    result = fit(tiny_embedder, tmp_path, relevance, objective=objective)
    assert result.metrics["test_change"].high < 0
    tuned, base = (load_file(f / "model.safetensors") for f in (tmp_path / "run" / "model", tiny_embedder))
    assert any(not np.array_equal(base[name], tuned[name]) for name in base)
    model = SentenceTransformer(str(tmp_path / "run" / "model"), local_files_only=True, device="cpu")
    assert model.encode(["the house"], show_progress_bar=False).shape == (1, 32)


def test_damage_leaves_out_words_and_never_all() -> None:
    rng = np.random.default_rng(0)
    text = " ".join(map(str, range(1000)))
    kept = leave_out_words(text, 0.4, rng).split()
    assert len(kept) == pytest.approx(600, abs=60)
    assert kept == sorted(kept, key=int)
    assert all(leave_out_words("a b", 0.99, rng) in ("a", "b") for _ in range(50))
    assert leave_out_words("alone", 0.9, rng) == "alone"


def test_sentences_are_cut_and_scraps_left_out() -> None:
    found = split_sentences(["The gate is open. Yes! Он закрыт до утра.\nAnother short line"])
    assert found == ["The gate is open.", "Он закрыт до утра.", "Another short line"]
