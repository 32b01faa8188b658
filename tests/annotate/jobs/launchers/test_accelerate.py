"""Runs under `accelerate launch`: the same weights as without, and a clean stop."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import finish_run, queue_run
from annotate.reports import read_log, read_steps, report_run
from benchmarks.tiny_training import make_model, make_workspace

pytestmark = [pytest.mark.models, pytest.mark.slow]


def silent(_done: int, _total: int) -> None: ...


@pytest.fixture
def workspace(tmp_path: Path) -> Context:
    context = make_workspace(tmp_path / "workspace", 12)
    file = context.workspace.folder / "pairloop.toml"
    file.write_text('[training]\nmax_length = 512\naccelerate = ["--num_processes", "1", "--cpu"]\n')
    return Context.open(context.workspace.folder)


def test_accelerate_changes_no_weight_and_lets_a_run_save_when_it_is_stopped(
    workspace: Context, tmp_path: Path
) -> None:
    changes = {
        "base": str(make_model(tmp_path / "tiny")),
        "max_steps": 4,
        "depth": None,
        "lora": {"r": 4},
    }
    plain = finish_run(workspace, queue_run(workspace, "reward", changes), silent)
    under = RunOptions(launcher="accelerate")
    run_id = queue_run(workspace, "reward", {**changes, "max_dropped_share": 0.3}, options=under)
    assert finish_run(workspace, run_id, silent)["fingerprint"] == plain["fingerprint"]

    long = {**changes, "max_steps": 10_000, "save_steps": 5000}
    stopped = queue_run(workspace, "reward", long, options=under)
    supervisor.start(workspace.store, stopped)
    folder = Path(report_run(workspace.store, stopped).folder)
    deadline = time.monotonic() + 600
    while not read_steps(folder):
        assert time.monotonic() < deadline, read_log(folder).text
        time.sleep(0.2)
    supervisor.cancel(workspace.store, stopped, grace_seconds=60)
    assert report_run(workspace.store, stopped).state == "cancelled"
    assert list((folder / "checkpoints").glob("checkpoint-*")), read_log(folder).text
