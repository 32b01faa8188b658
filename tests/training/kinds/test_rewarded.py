"""GRPO, RLOO and PPO: rewards reach the policy, runs that break off go on, prompts are guarded."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.errors import LengthError, RowsError
from training.recipe import parse_recipe
from training.results import Result
from training.rewards import RewardSum
from training.rows import PromptRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
KINDS = ("grpo", "rloo", "ppo")
Fit = Callable[..., Result]


def prompts(count: int, first: int = 0) -> list[PromptRow]:
    return [
        PromptRow(
            id=f"prompt-{number}",
            question_id=f"question-{number}",
            prompt=[{"role": "user", "content": f"What colour is house {number}?"}],
            passages=2,
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def fit(tiny_folder: Path, tmp_path: Path) -> Fit:
    """Tune a small policy by the length of its answers in a fresh run folder."""

    def run(kind: str, rows: list[PromptRow] | int = 4, name: str = "run", **changes: Any) -> Result:
        train_file, test_file = tmp_path / f"{name}.jsonl", tmp_path / f"{name}-test.jsonl"
        write_rows(train_file, prompts(rows) if isinstance(rows, int) else rows)
        write_rows(test_file, prompts(3, first=50))
        settings = {
            "kind": kind,
            "base": tiny_folder,
            "train_rows": train_file,
            "test_rows": test_file,
            "length": 1.0,
            "fewest_words": 4,
            "generations": 2,
            "batch_size": 2,
            "gradient_accumulation": 2,
            "max_new_tokens": 6,
            "max_length": 60,
            "max_steps": 2,
            "learning_rate": 1e-3,
            "lora": {"last_layers": 2},
        }
        return train(parse_recipe({**settings, **changes}), tmp_path / name)

    return run


@pytest.mark.parametrize("kind", ["grpo", pytest.param("rloo", marks=pytest.mark.slow), "ppo"])
def test_rewards_are_measured_and_a_whole_model_is_saved(fit: Fit, tmp_path: Path, kind: str) -> None:
    result = fit(kind)
    assert result.steps == 2
    assert {"before_reward", "test_reward", "test_gain", "test_length"} <= result.metrics.keys()
    assert 0 <= result.metrics["test_reward"].value <= 1
    assert result.fingerprint != result.base_fingerprint
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()
    lines = [json.loads(line) for line in (tmp_path / "run" / "progress.jsonl").read_text().splitlines()]
    steps = [line for line in lines if line["event"] == "step"]
    assert [step["step"] for step in steps] == [1, 2]
    assert all("reward" in step for step in steps)
    shown = json.loads((tmp_path / "run" / "samples.json").read_text())
    assert shown[0]["prompt"].endswith("<|im_start|>assistant\n")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_broken_off_run_ends_where_a_whole_one_does(
    fit: Fit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    settings = {"max_steps": 4, "save_steps": 2}
    whole = fit(kind, name="whole", **settings)
    scored = 0
    true = RewardSum.parts

    def failing(self: RewardSum, rows: Any, answers: Any) -> Any:
        nonlocal scored
        scored += 1
        if scored == 5:  # the base's answers, three steps, and now the fourth
            raise KeyboardInterrupt
        return true(self, rows, answers)

    monkeypatch.setattr(RewardSum, "parts", failing)
    with pytest.raises(KeyboardInterrupt):
        fit(kind, name="broken", **settings)
    monkeypatch.setattr(RewardSum, "parts", true)
    assert (tmp_path / "broken" / "checkpoints" / "checkpoint-2").is_dir()
    assert fit(kind, name="broken", **settings).fingerprint == whole.fingerprint


def test_prompts_without_room_are_dropped_by_name_or_refused(fit: Fit) -> None:
    rows = prompts(6)
    long = [{"role": "user", "content": "word " * 200}]
    rows[2] = replace(rows[2], prompt=long)
    assert fit("ppo", rows, max_steps=1).dropped_ids == ["prompt-2"]
    with pytest.raises(LengthError, match="prompt-2"):
        fit("ppo", rows, name="strict", max_steps=1, max_dropped_share=0.1)
    with pytest.raises(RowsError, match="weight 0"):
        fit("ppo", [replace(row, weight=0.0) for row in rows], name="none", max_steps=1)
