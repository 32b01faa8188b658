"""Best of n and rejection sampling keep what the reward model likes, and tell the distance rightly."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.errors import ModelError, RecipeError, RowsError
from training.kinds.rejection import accepted, best_of_n_kl, tilted_kl
from training.loading import load_policy, load_scorer, load_tokenizer, save_model
from training.recipe import parse_recipe
from training.results import Result
from training.rewards.models import load_model_reward
from training.rows import DemonstrationRow, PreferenceRow, PromptRow, read_rows_of, write_rows
from training.runs import train

Draw = Callable[..., Result]
PROMPTS = [
    PromptRow(id=f"p{n}", question_id=f"q{n}", prompt=[{"role": "user", "content": f"Question {n}?"}])
    for n in range(3)
]


@pytest.fixture(scope="module")
def talker(pocket_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small policy, made to end its answers at one token in ten."""
    folder = tmp_path_factory.mktemp("talker") / "policy"
    model, tokenizer = load_policy(pocket_folder), load_tokenizer(pocket_folder)
    model.generation_config.eos_token_id = list(range(0, 250, 10))
    save_model(model, tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def judge(pocket_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model with a random score head."""
    folder = tmp_path_factory.mktemp("judge") / "reward"
    torch.manual_seed(1)
    tokenizer = load_tokenizer(pocket_folder)
    save_model(load_scorer(pocket_folder, tokenizer.pad_token_id), tokenizer, folder)
    return folder


@pytest.fixture
def draw(talker: Path, judge: Path, tmp_path: Path) -> Draw:
    """Run the kind in a folder."""

    def run(name: str = "run", **settings: Any) -> Result:
        write_rows(tmp_path / "prompts.jsonl", PROMPTS)
        small = {"kind": "rejection", "base": talker, "reward": judge, "samples": 4, "max_new_tokens": 25}
        files = {"train_rows": tmp_path / "prompts.jsonl"}
        return train(parse_recipe({**small, **files, **settings}), tmp_path / name)

    return run


@pytest.mark.models
def test_best_of_n_keeps_the_best(draw: Draw, judge: Path, tmp_path: Path) -> None:
    result = draw()
    model = tmp_path / "run" / "model"
    kept = read_rows_of(DemonstrationRow, model / "demonstrations.jsonl")
    pairs = read_rows_of(PreferenceRow, model / "preferences.jsonl")
    drawn = [json.loads(line) for line in (tmp_path / "run" / "drawn.jsonl").read_text().splitlines()]
    for row, answers in zip(PROMPTS, drawn, strict=True):
        rewards = load_model_reward(judge)([row] * len(answers), answers)
        [best] = [found for found in kept if found.question_id == row.question_id]
        [pair] = [found for found in pairs if found.question_id == row.question_id]
        assert best.completion == pair.chosen == answers[int(rewards.argmax())]
        assert pair.rejected == answers[int(rewards.argmin())]
        assert best.lineage["reward"] == pytest.approx(rewards.max(), abs=1e-5)
    assert result.metrics["kl_bound"].value == pytest.approx(math.log(4) - 3 / 4)
    assert result.metrics["kept_reward"].value > result.metrics["drawn_reward"].value
    assert "kl_bound 0.636" in str(result)


@pytest.mark.models
def test_stopped_run_draws_what_it_would_have_drawn(draw: Draw, tmp_path: Path) -> None:
    whole = draw(method="rejection", beta=0.5)
    assert 0 <= whole.metrics["kl_estimate"].value <= math.log(4)
    (tmp_path / "run" / "result.json").unlink()
    drawn = tmp_path / "run" / "drawn.jsonl"
    first, second, _third = drawn.read_text().splitlines(keepends=True)
    drawn.write_text(first + second[:-5])  # killed while it wrote
    assert draw(method="rejection", beta=0.5).fingerprint == whole.fingerprint


@pytest.mark.models
def test_what_cannot_be_judged_is_refused(
    draw: Draw, talker: Path, pocket_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="gives no score"):
        draw("other", reward=talker)
    with pytest.raises(ModelError, match="no reward model here"):
        draw("none", reward=tmp_path)
    with pytest.raises(RowsError, match="raise max_new_tokens"):
        draw("endless", base=pocket_folder, max_new_tokens=2)


def test_beta_and_keep_belong_to_rejection() -> None:
    files = {"kind": "rejection", "base": "b", "reward": "r", "train_rows": "t"}
    for wrong in ({"beta": 1.0}, {"keep": 2}, {"method": "rejection"}):
        with pytest.raises(RecipeError):
            parse_recipe({**files, **wrong})


@given(st.integers(2, 12), st.integers(2, 40))
def test_best_of_n_is_within_its_bound(n: int, outcomes: int) -> None:
    # Of equally likely outcomes with different rewards, the best of n is known exactly.
    edges = np.arange(outcomes + 1) / outcomes
    best = np.diff(edges**n)
    distance = float(np.sum(best * np.log(np.maximum(best, 1e-300) * outcomes)))
    assert distance <= best_of_n_kl(n) + 1e-9


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20), st.floats(0.05, 5))
def test_tilted_distance_is_between_nothing_and_log_n(rewards: list[float], beta: float) -> None:
    assert -1e-9 <= tilted_kl(rewards, beta) <= math.log(len(rewards)) + 1e-9
    assert tilted_kl([1.0] * len(rewards), beta) == pytest.approx(0, abs=1e-9)


def test_rejection_accepts_with_the_chances_it_promises() -> None:
    rng, rewards = np.random.default_rng(0), [2.0, 1.0, 0.0]
    counts = np.zeros(3)
    for _ in range(4000):
        places = accepted(rewards, 1.0, rng)
        counts[places] += 1
        assert 0 in places
    np.testing.assert_allclose(counts / 4000, np.exp([0.0, -1.0, -2.0]), atol=0.03)
