"""Results: written whole, read back equal, damage reported."""

import json
import math
from pathlib import Path

import pytest

from training.errors import ModelError
from training.metrics import Interval
from training.results import RESULT_FILE, Result, read_result, write_result


def result(**metrics: Interval) -> Result:
    return Result(
        kind="dpo",
        rows={"train": 3, "test": 1, "dropped": 1},
        dropped_ids=["r9"],
        steps=2,
        first_loss=0.6931,
        last_loss=0.6,
        metrics=metrics,
        model="model",
        fingerprint="f",
        base_fingerprint="b",
        snapshot="s",
        seconds=1.5,
        peak_memory_mb=100.0,
    )


def test_result_survives_the_file(tmp_path: Path) -> None:
    assert read_result(tmp_path) is None
    written = result(test_accuracy=Interval(0.5, 0.25, 0.75, 8))
    write_result(tmp_path, written)
    assert read_result(tmp_path) == written
    assert "test_accuracy 0.500 [0.250, 0.750], n = 8" in str(written)


def test_unknown_bounds_are_null_in_the_file(tmp_path: Path) -> None:
    write_result(tmp_path, result(test_margin=Interval(0.5, math.nan, math.nan, 2)))
    assert json.loads((tmp_path / RESULT_FILE).read_text())["metrics"]["test_margin"]["low"] is None
    read = read_result(tmp_path)
    assert read is not None
    assert math.isnan(read.metrics["test_margin"].low)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"metrics": {}}'])
def test_damaged_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / RESULT_FILE).write_text(text)
    with pytest.raises(ModelError, match="not a result file"):
        read_result(tmp_path)
