"""The progress file can be tailed: whole lines, appended, valid JSON."""

import json
import math
from pathlib import Path

from training.progress import ProgressLog


def test_lines_are_appended_as_json(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    ProgressLog(path).stage("reference", rows=3)
    ProgressLog(path).step(1, 10, 0.69, 1.25, margin=0.1, grad_norm=math.nan)
    stage, step = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (stage["event"], stage["stage"], stage["rows"]) == ("stage", "reference", 3)
    assert (step["step"], step["total"], step["loss"], step["seconds"], step["margin"]) == (
        1,
        10,
        0.69,
        1.25,
        0.1,
    )
    assert "grad_norm" not in step  # JSON has no NaN
    assert step["time"] >= stage["time"]
