"""Limits of time and disk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from annotate.jobs.limits import folder_size, passed_limit
from annotate.store import Run, now


def run(folder: Path, **columns: object) -> Run:
    shared = {"kind": "dpo", "recipe": {}, "folder": str(folder), "limits": {}, "spent_seconds": 0.0}
    return Run(**{**shared, **columns})


def test_time_counts_over_all_attempts(tmp_path: Path) -> None:
    began = now() - timedelta(seconds=50)
    assert not passed_limit(run(tmp_path, limits={"seconds": 60}, started_at=began))
    late = passed_limit(run(tmp_path, limits={"seconds": 60}, started_at=began, spent_seconds=20.0))
    assert late == "stopped at its time limit of 60 s; its checkpoint is kept: raise the limit and resume"


def test_disk_counts_every_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "weights").write_bytes(bytes(3 * 1024 * 1024))
    assert folder_size(tmp_path) == 3 * 1024 * 1024
    assert not passed_limit(run(tmp_path, limits={"megabytes": 3}, started_at=now()))
    assert "holds 3 MB" in passed_limit(run(tmp_path, limits={"megabytes": 2}, started_at=now()))
    assert not passed_limit(run(tmp_path, started_at=now()))
