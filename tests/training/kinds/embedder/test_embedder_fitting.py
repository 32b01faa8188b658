"""The embedder learns which text serves which query, by any of its losses, and refuses what cannot teach."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.errors import ModelError, RowsError
from training.recipe import parse_recipe
from training.results import Result
from training.rows import RelevanceRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
Rows = Callable[..., list[RelevanceRow]]
Fit = Callable[..., Result]


@pytest.fixture
def fit(tiny_embedder: Path, tmp_path: Path, relevance: Rows) -> Fit:
    """Tune a small embedder in a fresh run folder."""

    def run(rows: list[RelevanceRow] | None = None, name: str = "run", **changes: Any) -> Result:
        write_rows(tmp_path / f"{name}.jsonl", relevance(24) if rows is None else rows)
        write_rows(tmp_path / f"{name}-test.jsonl", relevance(10, first=40))
        settings = {
            "kind": "embedder",
            "base": tiny_embedder,
            "train_rows": tmp_path / f"{name}.jsonl",
            "test_rows": tmp_path / f"{name}-test.jsonl",
            "batch_size": 8,
            "learning_rate": 5e-3,
            "max_steps": 12,
        }
        return train(parse_recipe({**settings, **changes}), tmp_path / name)

    return run


@pytest.mark.parametrize(
    "settings",
    [
        {},
        pytest.param({"at_once": 3}, marks=pytest.mark.slow),
        pytest.param({"loss": "triplet"}, marks=pytest.mark.slow),
        pytest.param({"loss": "contrastive"}, marks=pytest.mark.slow),
        pytest.param({"loss": "graded"}, marks=pytest.mark.slow),
    ],
)
def test_every_loss_falls_and_the_folder_loads(fit: Fit, tmp_path: Path, settings: dict[str, Any]) -> None:
    from sentence_transformers import SentenceTransformer

    result = fit(**settings)
    assert result.last_loss < result.first_loss
    assert {"before_mrr", "test_mrr", "test_gain"} <= result.metrics.keys()
    model = SentenceTransformer(str(tmp_path / "run" / "model"), local_files_only=True, device="cpu")
    assert np.linalg.norm(model.encode("The house of number 3", show_progress_bar=False)) == pytest.approx(1)


def test_pieces_of_a_batch_learn_what_the_batch_learns(fit: Fit) -> None:
    whole, pieces = fit(name="whole", max_steps=1), fit(name="pieces", max_steps=1, at_once=3)
    assert pieces.first_loss == pytest.approx(whole.first_loss, abs=0.3)  # dropout differs


def test_no_text_is_its_own_negative(fit: Fit, relevance: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    true, batches = MultipleNegativesRankingLoss.forward, []

    def watching(self: Any, features: Any, labels: Any) -> Any:
        features = list(features)
        batches.append([tuple(ids) for ids in features[1]["input_ids"].tolist()])
        return true(self, features, labels)

    monkeypatch.setattr(MultipleNegativesRankingLoss, "forward", watching)
    rows = relevance(12)
    same = [replace(row, positive=rows[0].positive, negatives=[]) for row in rows[:6]]
    fit(same + rows[6:], negatives=0, batch_size=6, max_steps=4)
    assert len(batches) == 4
    assert all(len(set(batch)) == len(batch) for batch in batches)


def test_only_the_top_layers_learn(fit: Fit, tiny_embedder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    fit(last_layers=1, max_steps=3)
    tuned, base = (load_file(f / "model.safetensors") for f in (tmp_path / "run" / "model", tiny_embedder))
    changed = {name for name in base if not np.array_equal(base[name], tuned[name])}
    assert changed
    assert all("layer.1." in name for name in changed)
    with pytest.raises(ModelError, match="2 layers"):
        fit(name="deep", last_layers=3)


def test_rows_that_cannot_teach_are_refused(fit: Fit, relevance: Rows) -> None:
    plain = relevance(8, negatives=0)
    for loss, problem in (("triplet", "negatives"), ("contrastive", "negatives"), ("graded", "scores")):
        with pytest.raises(RowsError, match=problem):
            fit(plain, name=loss, loss=loss)
    with pytest.raises(RowsError, match="two or more"):
        fit([replace(row, positive="the house") for row in plain], name="one")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"gradient_accumulation": 4}, "adds no negatives"),
        ({"batch_size": 1}, "2 or more"),
        ({"loss": "triplet", "at_once": 2}, "at_once has no effect"),
    ],
)
def test_batches_without_negatives_are_refused(fit: Fit, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(Exception, match=problem):
        fit(**settings)


@pytest.mark.slow
def test_broken_off_run_ends_where_a_whole_one_does(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    settings = {"max_steps": 6, "save_steps": 3}
    whole = fit(name="whole", **settings)
    true, calls = MultipleNegativesRankingLoss.forward, 0

    def failing(self: Any, features: Any, labels: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise KeyboardInterrupt
        return true(self, features, labels)

    monkeypatch.setattr(MultipleNegativesRankingLoss, "forward", failing)
    with pytest.raises(KeyboardInterrupt):
        fit(name="broken", **settings)
    monkeypatch.setattr(MultipleNegativesRankingLoss, "forward", true)
    assert fit(name="broken", **settings).fingerprint == whole.fingerprint
