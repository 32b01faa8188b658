"""Several processes of one run: the same files and losses as one process, one stop, one reason."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from benchmarks.tiny_training import make_model
from training.__main__ import STOPPED, main
from training.errors import RecipeError
from training.loading import load_policy
from training.processes import KINDS_OF_ONE_PROCESS, any_of_all, as_main, mean_of_all, own_folder
from training.recipes import RECIPES, DistilRecipe
from training.results import read_result
from training.rows import PreferenceRow, write_rows
from training.runs import train


@pytest.fixture
def second_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")


def test_one_process_asks_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RANK", "1")  # a leftover: without a count it says nothing
    assert (as_main(3), mean_of_all(0.5), any_of_all(False), any_of_all(True)) == (3, 0.5, False, True)
    assert own_folder(tmp_path) == tmp_path


def test_another_process_writes_beside_the_run_and_saves_into_its_checkpoints(
    second_of_two: None, tmp_path: Path
) -> None:
    own = own_folder(tmp_path)
    assert own == own_folder(tmp_path)
    (own / "progress.jsonl").write_text("")
    (own / "checkpoints" / "share").write_text("")
    assert sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    ) == [
        "checkpoints/share",
        "process-1/progress.jsonl",
    ]


def test_kinds_without_a_trainer_are_named() -> None:
    """Whoever writes a kind with a loop of its own must say so, else every process would go through it."""
    kinds = Path(__file__).parents[2] / "training" / "kinds"
    for kind in RECIPES:
        files = [kinds / f"{kind}.py", *(kinds / kind).glob("*.py")]
        sources = "".join(file.read_text() for file in files if file.exists())
        driven = any(word in sources for word in ("run_trainer", "kinds.sft.fitting", "kinds.grpo"))
        assert (kind in KINDS_OF_ONE_PROCESS) != driven, kind


def test_an_endpoint_is_asked_by_one_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    recipe = DistilRecipe(
        kind="distil",
        base=tmp_path,
        train_rows=tmp_path / "rows",
        endpoint="http://localhost/v1",
        max_steps=1,
    )
    with pytest.raises(RecipeError, match="2 processes would each ask it"):
        train(recipe, tmp_path / "run")
    assert (tmp_path / "run" / "error.txt").read_text().startswith("RecipeError: endpoint http")


Recipe = Callable[..., Path]


@pytest.fixture
def recipe(tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]) -> Recipe:
    write_rows(tmp_path / "train.jsonl", make_rows(16))
    write_rows(tmp_path / "test.jsonl", make_rows(8, first=16))
    base = make_model(tmp_path / "tiny")

    def write(name: str, **changes: object) -> Path:
        settings = {
            "kind": "dpo", "base": str(base), "train_rows": "train.jsonl", "test_rows": "test.jsonl",
            "learning_rate": 0.01, "max_steps": 4, "save_steps": 2, **changes,
        }  # fmt: skip
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(settings))  # JSON is YAML
        return path

    return write


def start_two(recipe: Path, run_dir: Path) -> subprocess.Popen[str]:
    """Start two processes; without a GPU `--multi_gpu` means two of any kind, and `--cpu` only one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2",
        "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no",
        "--main_process_port", str(port), "-m", "training", str(recipe), "--run-dir", str(run_dir),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def progress_of(run_dir: Path) -> list[dict[str, object]]:
    file = run_dir / "progress.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def wait_for_step(process: subprocess.Popen[str], run_dir: Path) -> None:
    deadline = time.monotonic() + 1200
    while not any(line["event"] == "step" for line in progress_of(run_dir)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no step was done"
        time.sleep(0.2)


def files_of(run_dir: Path) -> set[str]:
    """Return the files of a run; the state of the random numbers has one for each process."""
    files = {path.relative_to(run_dir).as_posix() for path in run_dir.rglob("*") if path.is_file()}
    return {file for file in files if "rng_state" not in file}


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.timeout(1800)
def test_two_processes_leave_what_one_leaves(recipe: Recipe, tmp_path: Path) -> None:
    two = start_two(recipe("two", gradient_accumulation=2), tmp_path / "two")
    said, _ = two.communicate(timeout=1800)
    assert two.returncode == 0, said
    assert main([str(recipe("one", gradient_accumulation=4)), "--run-dir", str(tmp_path / "one")]) == 0
    assert files_of(tmp_path / "two") == files_of(tmp_path / "one")
    assert not list((tmp_path / "two").glob("process-*"))
    states = sorted(
        path.name for path in (tmp_path / "two" / "checkpoints" / "checkpoint-4").glob("rng_state*")
    )
    assert states == ["rng_state_0.pth", "rng_state_1.pth"]
    steps = [
        [line["loss"] for line in progress_of(tmp_path / name) if line["event"] == "step"]
        for name in ("one", "two")
    ]
    assert steps[1] == pytest.approx(steps[0], abs=1e-5)
    one, shared = read_result(tmp_path / "one"), read_result(tmp_path / "two")
    assert one is not None
    assert shared is not None
    assert shared.steps == one.steps
    assert shared.metrics["test_margin"].value == pytest.approx(one.metrics["test_margin"].value, abs=1e-4)
    weights = [dict(load_policy(tmp_path / name / "model").named_parameters()) for name in ("one", "two")]
    for name, tensor in weights[0].items():
        assert tensor.detach().numpy() == pytest.approx(weights[1][name].detach().numpy(), abs=1e-4), name


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.timeout(1800)
def test_a_signal_to_one_stops_both_and_a_lost_one_is_no_failure(recipe: Recipe, tmp_path: Path) -> None:
    path, run_dir = recipe("long", gradient_accumulation=1, max_steps=60), tmp_path / "run"
    two = start_two(path, run_dir)
    wait_for_step(two, run_dir)
    trainers = psutil.Process(two.pid).children()
    assert len(trainers) == 2
    trainers[1].send_signal(signal.SIGTERM)
    said, _ = two.communicate(timeout=600)
    stopped = progress_of(run_dir)[-1]
    assert stopped["stage"] == "stopped", said
    assert (run_dir / "checkpoints" / str(stopped["checkpoint"])).is_dir()
    assert f"exitcode: {STOPPED}" in said

    again = start_two(path, run_dir)
    lines = len(progress_of(run_dir))
    deadline = time.monotonic() + 1200
    while not any(line["event"] == "step" for line in progress_of(run_dir)[lines:]):
        assert time.monotonic() < deadline
        assert again.poll() is None, again.communicate()
        time.sleep(0.05)
    resumed = next(line for line in progress_of(run_dir)[lines:] if line.get("stage") == "training")
    assert resumed["resumed_from"] == stopped["checkpoint"]
    psutil.Process(again.pid).children()[1].kill()
    said, _ = again.communicate(timeout=600)
    assert not (run_dir / "error.txt").exists(), said  # so that it is queued again
    assert read_result(run_dir) is None
