"""What goes wrong in a run: one clear reason, the run failed, the champion untouched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion, promote_version, register_model
from annotate.jobs.train import finish_run, queue_run
from annotate.reports import report_run, report_runs
from benchmarks.tiny_training import judge_pairs, make_model

pytestmark = [pytest.mark.models, pytest.mark.slow]

QUICK = {"max_steps": 2, "depth": None, "max_length": 512, "lora": {"r": 4}}


def silent(_done: int, _total: int) -> None: ...


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def serving(context: Context, tmp_path: Path) -> Context:
    """A workspace whose reward model has a champion, which nothing below may touch."""
    judge_pairs(context.store, 12)
    (tmp_path / "champion" / "model").mkdir(parents=True)
    register_model(context.store, "reward", tmp_path / "champion", "champion", run_id=None, metrics={})
    promote_version(context.store, "champion", by="Vera")
    return context


def fails(context: Context, changes: dict[str, object], prepare: Callable[[Path], None] | None = None) -> str:
    """Run to the end of a run that must fail; return its reason."""
    before = champion(context.store, "reward")
    run_id = queue_run(context, "reward", changes)
    if prepare is not None:
        prepare(Path(report_run(context.store, run_id).folder))
    with pytest.raises(JobError):
        finish_run(context, run_id, silent)
    run = report_run(context.store, run_id)
    assert run.state == "failed"
    assert "\n" not in run.error
    assert champion(context.store, "reward") == before
    return run.error


def test_a_loss_that_is_no_number(serving: Context, tiny: Path) -> None:
    reason = fails(serving, {**QUICK, "base": str(tiny), "learning_rate": 1e30, "max_steps": 6})
    assert "DivergedError" in reason
    assert "lower the learning rate" in reason


def test_a_wrong_base_model(serving: Context, tmp_path: Path) -> None:
    assert "ModelError" in fails(serving, {**QUICK, "base": str(tmp_path / "nothing")})
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "config.json").write_text('{"model_type": "martian"}')
    assert "ModelError" in fails(serving, {**QUICK, "base": str(tmp_path / "odd")})


def test_an_empty_split_and_rows_that_were_changed(serving: Context, tiny: Path) -> None:
    def empty(folder: Path) -> None:
        for file in folder.rglob("train.jsonl"):
            file.chmod(0o644)
            file.write_text("")

    assert "train.jsonl" in fails(serving, {**QUICK, "base": str(tiny)}, empty)


def test_a_checkpoint_that_is_damaged_gives_way_and_the_weights_are_the_same(
    serving: Context, tiny: Path
) -> None:
    changes = {**QUICK, "base": str(tiny), "max_steps": 4, "save_steps": 2}
    known = finish_run(serving, queue_run(serving, "reward", changes), silent)
    again = queue_run(serving, "reward", {**changes, "max_dropped_share": 0.3})
    folder = Path(report_run(serving.store, again).folder)
    torn = folder / "checkpoints" / "checkpoint-2"
    torn.mkdir(parents=True)
    (torn / "trainer_state.json").write_text(json.dumps({"global_step": 2}))
    (torn / "adapter_model.safetensors").write_bytes(b"\x00" * 100)
    assert finish_run(serving, again, silent)["fingerprint"] == known["fingerprint"]


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting a small disk needs root")
def test_a_full_disk(serving: Context, tiny: Path) -> None:
    mounted: list[Path] = []

    def fill(folder: Path) -> None:
        disk = folder / "checkpoints"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("a small disk cannot be mounted here")
        mounted.append(disk)

    try:
        reason = fails(serving, {**QUICK, "base": str(tiny), "max_steps": 6, "save_steps": 2}, fill)
        assert reason.startswith("DiskFull")
    finally:
        for disk in mounted:
            subprocess.run(["umount", str(disk)], check=True)


def test_preferences_that_name_no_winner_train_nothing(context: Context) -> None:
    from sqlalchemy import select

    from annotate.store import Preference

    judge_pairs(context.store, 6)
    with context.store.writing.begin() as session:
        for preference in session.scalars(select(Preference)):
            preference.verdict = "tie"
    with pytest.raises(JobError, match="too few preferences with a winner"):
        queue_run(context, "reward", QUICK)
    assert report_runs(context.store) == []
