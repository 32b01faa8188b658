"""The command: exit statuses, and runs that survive being killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from training.__main__ import FAILED, STOPPED, WRONG_CALL, main
from training.checkpoints import last_complete_checkpoint
from training.recipes import DpoRecipe
from training.results import Result, read_result
from training.rows import PreferenceRow, PromptRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
PATIENCE_SECONDS = 240


@pytest.fixture
def recipe_file(tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]) -> Path:
    write_rows(tmp_path / "train.jsonl", make_rows(12))
    settings = {
        "kind": "dpo",
        "base": str(tiny_folder),
        "train_rows": "train.jsonl",
        "max_steps": 12,
        "gradient_accumulation": 12,
        "save_steps": 3,
        "lora": {"last_layers": 2},
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(json.dumps(settings))  # JSON is YAML
    return path


def start(recipe_file: Path, run_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training", str(recipe_file), "--run-dir", str(run_dir)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_step(process: subprocess.Popen[str], run_dir: Path, step: int) -> None:
    progress, deadline = run_dir / "progress.jsonl", time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if progress.exists() and f'"step": {step},' in progress.read_text():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.kill()
    raise AssertionError(f"the run did not come to step {step}: {process.communicate()}")


def whole_run(recipe_file: Path, tmp_path: Path) -> Result:
    return train(
        DpoRecipe(**{**json.loads(recipe_file.read_text()), "train_rows": tmp_path / "train.jsonl"}),
        tmp_path / "whole",
    )


@pytest.mark.slow
def test_killed_run_goes_on_to_the_very_same_weights(recipe_file: Path, tmp_path: Path) -> None:
    process = start(recipe_file, tmp_path / "run")
    wait_for_step(process, tmp_path / "run", 5)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert read_result(tmp_path / "run") is None
    assert main([str(recipe_file), "--run-dir", str(tmp_path / "run")]) == 0
    progress = [json.loads(line) for line in (tmp_path / "run" / "progress.jsonl").read_text().splitlines()]
    assert any(str(line.get("resumed_from", "")).startswith("checkpoint-") for line in progress)
    resumed, whole = read_result(tmp_path / "run"), whole_run(recipe_file, tmp_path)
    assert resumed is not None
    assert resumed.fingerprint == whole.fingerprint
    assert (resumed.first_loss, resumed.last_loss) == (whole.first_loss, whole.last_loss)


def assert_stops_with_a_checkpoint(recipe_file: Path, run_dir: Path, steps: int) -> None:
    process = start(recipe_file, run_dir)
    wait_for_step(process, run_dir, 2)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == STOPPED, errors
    assert "run the same command again" in errors
    assert read_result(run_dir) is None
    assert not (run_dir / "error.txt").exists()
    checkpoint = last_complete_checkpoint(run_dir / "checkpoints")
    assert checkpoint is not None
    stopped = json.loads((run_dir / "progress.jsonl").read_text().splitlines()[-1])
    assert (stopped["stage"], stopped["checkpoint"]) == ("stopped", checkpoint.name)
    assert int(checkpoint.name.removeprefix("checkpoint-")) < steps


@pytest.mark.slow
def test_sigterm_leaves_a_checkpoint_to_go_on_from(recipe_file: Path, tmp_path: Path) -> None:
    recipe_file.write_text(json.dumps({**json.loads(recipe_file.read_text()), "max_steps": 90}))
    assert_stops_with_a_checkpoint(recipe_file, tmp_path / "run", 90)


@pytest.mark.slow
def test_sigterm_stops_our_own_loop_of_steps_too(tiny_folder: Path, tmp_path: Path) -> None:
    question = [{"role": "user", "content": "What colour is the house?"}]
    asked = [PromptRow(id=str(n), question_id=str(n), prompt=question, passages=2) for n in range(4)]
    write_rows(tmp_path / "prompts.jsonl", asked)
    settings = {
        "kind": "ppo",
        "base": str(tiny_folder),
        "train_rows": "prompts.jsonl",
        "length": 1.0,
        "generations": 2,
        "max_new_tokens": 6,
        "max_length": 60,
        "max_steps": 40,
        "lora": {"last_layers": 2},
    }
    recipe = tmp_path / "ppo.yaml"
    recipe.write_text(json.dumps(settings))
    assert_stops_with_a_checkpoint(recipe, tmp_path / "run", 40)
    assert main([str(recipe), "--run-dir", str(tmp_path / "run")]) == 0


def test_errors_are_one_line_with_a_status(
    recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = [str(recipe_file), "--run-dir", str(tmp_path / "run"), "--set"]
    assert main([*call, "surprise=1"]) == WRONG_CALL
    assert main([*call, f"train_rows={tmp_path / 'none.jsonl'}"]) == FAILED
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "surprise" in lines[0]
    assert "none.jsonl" in lines[1]
