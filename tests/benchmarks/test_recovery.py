"""Two kills of the twenty: the benchmark itself fails where a run does not recover."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.models, pytest.mark.slow]


def test_disturbed_runs_end_with_the_weights_of_an_undisturbed_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery", "--quick"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("kill -9 of") == 2
