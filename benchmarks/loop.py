"""Measure the whole loop: seconds a stage, cold and warm, tokens a second, peak memory.

    python -m benchmarks.loop [--quick]

The peer is transformers' `generate` in float32 on the same weights and prompts, in the same
process, once as it is usually called (one prompt at a time) and once in padded batches of 16.
Interrupt it and start it again: finished parts are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from benchmarks.results import WORK, Row, kept, publish
from benchmarks.tokens import checkpoints, token_rows, tokens_a_second

QUICK_SETTINGS = """\
[demo]
questions = 16
topics = 20
cold_start = 8
uncertain = 4
held_out = 6
[training]
reward_steps = 3
policy_steps = 3
"""


def main() -> None:
    """Measure what is not measured yet, and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--quick", action="store_true", help="a small demo and few prompts; writes no results"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    options = parser.parse_args()
    work = WORK / ("loop-quick" if options.quick else "loop")
    if options.fresh:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    workspace = work / "workspace"
    workspace.mkdir(exist_ok=True)
    if options.quick:
        (workspace / "pairloop.toml").write_text(QUICK_SETTINGS, "utf-8")
    cold = kept(work / "cold.json", lambda: _demo(workspace))
    warm = _demo(workspace)
    rows = _stage_rows(cold, warm)
    prompts = 8 if options.quick else 32
    for name, folder, gguf in checkpoints(workspace):
        rate = kept(work / f"rates-{name}.json", partial(tokens_a_second, folder, gguf, prompts))
        rows += token_rows(name, rate)
    publish("loop", rows, write=not options.quick)


def _demo(workspace: Path) -> dict[str, Any]:
    """Run the demo as a command; return its report, its wall time and the peak memory of its processes."""
    report = workspace.parent / "report.json"
    command = [
        sys.executable,
        "-m",
        "annotate.cli",
        "demo",
        "-w",
        str(workspace),
        "--no-ui",
        "--json",
        str(report),
    ]
    started, peak = time.perf_counter(), 0
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    )
    while child.poll() is None:
        peak = max(peak, _memory(child.pid))
        time.sleep(0.25)
    if child.returncode:
        raise SystemExit(f"the demo failed with status {child.returncode}")
    return {
        "seconds": time.perf_counter() - started,
        "peak_mb": peak / 2**20,
        "report": json.loads(report.read_text("utf-8")),
    }


def _memory(pid: int) -> int:
    total = 0
    try:
        for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            total += int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        pass
    return total


def _stage_rows(cold: dict[str, Any], warm: dict[str, Any]) -> list[Row]:
    stages = cold["report"]["seconds"]
    rows = [Row(f"stage {name}, seconds", seconds) for name, seconds in stages.items()]
    total = sum(stages.values())
    return [
        *rows,
        Row("all stages cold, seconds", total, target="≤ 600", holds=total <= 600),
        Row("demo cold, seconds of wall time", cold["seconds"]),
        Row(
            "demo warm, seconds of wall time", warm["seconds"], target="seconds", holds=warm["seconds"] <= 30
        ),
        Row("peak memory of all processes, MB", cold["peak_mb"]),
    ]


if __name__ == "__main__":
    main()
