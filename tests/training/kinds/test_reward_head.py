"""The quick reward head learns what separates answers, survives the disk and knows its embedder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from training.errors import ModelError
from training.kinds.reward_head import load_reward_head
from training.recipe import parse_recipe
from training.rows import PreferenceRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def run(
    minilm_folder: Path,
    make_rows: Callable[..., list[PreferenceRow]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("head")
    write_rows(folder / "train.jsonl", make_rows(24))
    write_rows(folder / "test.jsonl", make_rows(12, first=24))
    recipe = parse_recipe(
        {
            "kind": "reward_head",
            "base": minilm_folder,
            "train_rows": folder / "train.jsonl",
            "test_rows": folder / "test.jsonl",
        }
    )
    train(recipe, folder / "run")
    return folder / "run"


def test_head_learns_and_reports_by_question(run: Path) -> None:
    from training.results import read_result

    result = read_result(run)
    assert result is not None
    assert result.metrics["test_accuracy"].value > 0.9
    assert result.metrics["cv_accuracy"].n == 24
    assert result.last_loss < result.first_loss == pytest.approx(np.log(2))


def test_loaded_head_scores_answers(run: Path) -> None:
    head = load_reward_head(run / "model")
    questions = ["What colour is house 90?"] * 2
    good, bad = head.score(questions, ["House 90 is red, as the passage says [1].", "I do not know."])
    assert good > bad
    assert head.score(questions[:1], ["I do not know."])[0] == pytest.approx(bad)


def test_prefixes_reach_the_embedder(run: Path) -> None:
    head = load_reward_head(run / "model")
    prefixed = type(head)(head.embedder, head.weights, "query: ", "passage: ")
    np.testing.assert_allclose(
        prefixed.features(["a"], ["b"]), head.features(["query: a"], ["passage: b"]), atol=1e-6
    )


def test_other_embedder_and_other_folders_are_refused(run: Path, tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not the embedder"):
        load_reward_head(run / "model", base=tiny_folder)
    with pytest.raises(ModelError, match="not a reward head"):
        load_reward_head(tmp_path)


@pytest.mark.slow
def test_same_rows_give_the_same_head(run: Path, tmp_path: Path) -> None:
    from training.results import read_result

    first = read_result(run)
    folder = run.parent
    recipe = parse_recipe(
        {
            "kind": "reward_head",
            "base": load_reward_head(run / "model").embedder[0].auto_model.name_or_path,
            "train_rows": folder / "train.jsonl",
        }
    )
    again = train(recipe, tmp_path / "again")
    assert first is not None
    assert again.fingerprint == first.fingerprint
    assert "test_accuracy" not in again.metrics


@pytest.mark.slow
def test_ensembles_and_length_control(
    run: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    base = load_reward_head(run / "model").embedder[0].auto_model.name_or_path
    files = {"train_rows": run.parent / "train.jsonl", "test_rows": run.parent / "test.jsonl"}
    rows = make_rows(12, first=24)
    questions = [row.question for row in rows]
    for control in ("residual", "offset"):  # in these rows length tells the sides apart: accuracy falls
        settings = {"heads": 4, "ensemble": "worst", "length_control": control}
        recipe = parse_recipe({"kind": "reward_head", "base": base, **files, **settings})
        result = train(recipe, tmp_path / control)
        head = load_reward_head(tmp_path / control / "model")
        assert head.weights.shape[0] == 4
        assert (head.scores.length_slope != 0) == (control == "residual")
        gap = head.score(questions, [row.chosen for row in rows]) - head.score(
            questions, [row.rejected for row in rows]
        )
        assert gap.mean() == pytest.approx(result.metrics["test_margin"].value)
        assert result.metrics["test_disagreement"].value > 0
        assert head.scores.temperature == result.metrics["test_temperature"].value
