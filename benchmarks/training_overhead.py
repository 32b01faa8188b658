"""Measure what our trainer costs beside a plain TRL script: steps a second, first step, memory.

    python -m benchmarks.training_overhead [--quick]

Both train a reward model with the same adapters on the same rows, with the same checkpoints, each in
a process of its own, by turns; the ratio is the median over the rounds. On SmolLM2-135M, and on a model
so small that whatever the trainer adds to a step would show. Takes about five minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.results import WORK, Row, publish
from benchmarks.tiny_training import COLOURS, make_model
from training.rows import PreferenceRow, write_rows

TARGET = 0.95


@dataclass(frozen=True)
class Measured:
    """Hold one process: steps a second after the first, seconds until the first was done, peak memory."""

    steps_a_second: float
    first_step_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Case:
    """Hold a model and how long it is trained."""

    name: str
    base: Path
    steps: int
    batch_size: int
    rounds: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="the small model only, once; writes no results")
    options = parser.parse_args()
    work = WORK / "training-overhead"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    rows_file = work / "rows.jsonl"
    write_rows(rows_file, _rows(64))
    small = make_model(work / "small", width=128, layers=4)
    cases = [Case("a model of 1M weights", small, 40, 4, 1 if options.quick else 3)]
    if not options.quick:
        cases.append(Case("SmolLM2-135M", _smollm2(), 8, 1, 2))
    publish(
        "training_overhead",
        [row for case in cases for row in _compare(case, rows_file, work)],
        write=not options.quick,
    )


def _compare(case: Case, rows_file: Path, work: Path) -> list[Row]:
    ours, theirs = [], []
    for number in range(case.rounds):
        folder = work / f"{case.base.name}-{number}"
        folder.mkdir(exist_ok=True)
        ours.append(_ours(case, rows_file, folder))
        theirs.append(_theirs(case, rows_file, folder))
        print(f"{case.name}, round {number + 1}: ours {ours[-1]}, plain {theirs[-1]}", flush=True)
    ratios = [a.steps_a_second / b.steps_a_second for a, b in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)

    def middle(found: list[Measured], name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in found))

    speed, first, peak = ((middle(ours, name), middle(theirs, name)) for name in Measured.__annotations__)
    of = f"{case.name}, beside a plain TRL script"
    return [
        Row(f"steps/s, {of}", *speed, ratio, f">= {TARGET:g} x", holds=ratio >= TARGET),
        Row(f"start to first step, s, {of}", *first, first[0] / first[1]),
        Row(f"peak memory, MB, {of}", *peak, peak[0] / peak[1]),
    ]


def _ours(case: Case, rows_file: Path, folder: Path) -> Measured:
    recipe = {
        "kind": "reward",
        "base": str(case.base),
        "train_rows": str(rows_file),
        "max_steps": case.steps,
        "batch_size": case.batch_size,
        "gradient_accumulation": 1,
        "learning_rate": 1e-3,
        "max_length": 512,
        "save_steps": case.steps,
        "lora": {"r": 8, "alpha": 16},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
    run = folder / "run"
    began = time.time()
    _call(["-m", "training", str(folder / "recipe.yaml"), "--run-dir", str(run)])
    lines = [json.loads(line) for line in (run / "progress.jsonl").read_text("utf-8").splitlines()]
    peak = json.loads((run / "result.json").read_text("utf-8"))["peak_memory_mb"]
    return _measured(began, [line["time"] for line in lines if "step" in line], float(peak))


def _theirs(case: Case, rows_file: Path, folder: Path) -> Measured:
    settings = {
        "base": str(case.base),
        "rows": str(rows_file),
        "output": str(folder / "plain"),
        "steps": case.steps,
        "batch_size": case.batch_size,
        "accumulation": 1,
        "max_length": 512,
        "save_steps": case.steps,
    }
    (folder / "plain.json").write_text(json.dumps(settings), "utf-8")
    began = time.time()
    said = _call(["-m", "benchmarks.training_overhead_peer", str(folder / "plain.json")])
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return _measured(began, found["times"], float(found["peak_mb"]))


def _call(arguments: list[str]) -> str:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed with status {done.returncode}")
    return done.stdout


def _measured(began: float, times: list[float], peak: float) -> Measured:
    """Leave the first step out: it warms up what comes after it; the last one writes a checkpoint."""
    return Measured((len(times) - 2) / (times[-2] - times[0]), times[0] - began, peak)


def _rows(count: int) -> list[PreferenceRow]:
    return [
        PreferenceRow(
            id=f"row-{number}",
            question_id=f"question-{number}",
            prompt=[{"role": "user", "content": f"What colour has house {number}? It stands by the river."}],
            chosen=f"House {number} is {COLOURS[number % len(COLOURS)]}, as the first passage says [1].",
            rejected="I do not know much about this house, nor about any other one.",
        )
        for number in range(count)
    ]


def _smollm2() -> Path:
    from annotate.settings import Settings, Workspace
    from rag.models.defaults import fetch_smollm2
    from training.gguf_import import import_gguf

    models = Workspace(Path(), Settings()).models
    return import_gguf(fetch_smollm2(models), models / "smollm2-135m-instruct-hf")


if __name__ == "__main__":
    main()
