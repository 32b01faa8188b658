"""Kill training runs, their supervisor, or both, at random moments, and see what becomes of the runs.

    python -m benchmarks.recovery [--kills 20] [--quick]

Every run must end finished with the weights of a run that nobody disturbed, and no process may be
left. `--quick` kills twice and writes no results. Takes about six minutes for twenty kills.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.train import queue_run
from annotate.reports import RunReport, report_run
from annotate.store import Run
from annotate.store.runs import QUEUED, RUNNING
from benchmarks.results import WORK, Row, publish
from benchmarks.tiny_training import make_model, make_workspace

TWENTY = 20  # what counts as measured
TARGETS = ("run", "supervisor", "both")
KILLS_A_RUN = 4
SPREAD = 0.8  # of an undisturbed run's time, after which it is killed at the latest
STEPS, SAVE_STEPS = 60, 4
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 900.0


class Supervisor:
    """Keep `pairloop worker` going on a workspace, and kill it when asked to."""

    def __init__(self, context: Context) -> None:
        self._workspace = context.workspace.folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, as an operator or systemd would after a crash."""
        command = [sys.executable, "-m", "annotate.cli", "worker", "-w", str(self._workspace)]
        with (self._workspace / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill it as the kernel does when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=TWENTY)
    parser.add_argument("--quick", action="store_true", help="two kills; writes no results")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    kills = 2 if options.quick else options.kills
    rows = measure(WORK / "recovery", kills, np.random.default_rng(options.seed))
    publish("recovery", rows, write=not options.quick and kills >= TWENTY)
    if not all(row.holds is not False for row in rows):
        raise SystemExit(1)


def measure(folder: Path, kills: int, rng: np.random.Generator) -> list[Row]:
    """Kill so many times, by turns the run, the supervisor and both; return what came of it."""
    shutil.rmtree(folder, ignore_errors=True)
    base = make_model(folder / "tiny")
    context = make_workspace(folder / "workspace")
    supervisor = Supervisor(context)
    supervisor.start()
    began = time.monotonic()
    try:
        undisturbed = _finish(context, _queue(context, base, 0))
        seconds = time.monotonic() - began
        runs: list[RunReport] = []
        done = 0
        while done < kills:
            run_id = _queue(context, base, len(runs) + 1)
            for _ in range(min(KILLS_A_RUN, kills - done)):
                if not _is_hit(context, run_id, rng.uniform(0.0, SPREAD * seconds)):
                    break
                _kill(context, supervisor, run_id, TARGETS[done % len(TARGETS)])
                done += 1
            runs.append(_finish(context, run_id))
    finally:
        supervisor.kill()
    orphans = _processes(context)
    finished = sum(run.state == "finished" for run in runs)
    equal = sum(run.result.get("fingerprint") == undisturbed.result["fingerprint"] for run in runs)
    print(f"{kills} kills in {time.monotonic() - began:.0f} s; an undisturbed run takes {seconds:.0f} s")
    of = len(runs)
    alike = "disturbed runs with the weights of an undisturbed one, share"
    return [
        Row("kill -9 at random moments", kills),
        Row("disturbed runs that finished, share", finished / of, target="1", holds=finished == of),
        Row(alike, equal / of, target="1", holds=equal == of),
        Row("processes left", len(orphans), target="0", holds=not orphans),
    ]


def _queue(context: Context, base: Path, number: int) -> int:
    """Queue a run like all others: the changed key changes no weight, but makes it a run of its own."""
    changes = {
        "base": str(base),
        "max_steps": STEPS,
        "save_steps": SAVE_STEPS,
        "depth": None,
        "max_dropped_share": 0.2 + number / 1000,
        "lora": {"r": 4, "target_modules": ["q_proj", "v_proj"]},
    }
    return queue_run(context, "reward", changes)


def _is_hit(context: Context, run_id: int, seconds: float) -> bool:
    """Wait until a run's process is that old; False where the run is over before."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (state := report_run(context.store, run_id).state) == QUEUED and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    if state == RUNNING:
        time.sleep(seconds)
    return report_run(context.store, run_id).state in (QUEUED, RUNNING)


def _kill(context: Context, supervisor: Supervisor, run_id: int, target: str) -> None:
    with context.store.reading() as session:
        pid = session.get_one(Run, run_id).pid
    print(f"run {run_id}: kill -9 of {target} at {_at(context, run_id)}", flush=True)
    if target != "run":
        supervisor.kill()
    if target != "supervisor" and pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if target != "run":
        supervisor.start()


def _at(context: Context, run_id: int) -> str:
    run = report_run(context.store, run_id)
    line = run.progress
    return f"{run.state}, {line.get('stage') or line.get('step', 'nothing yet')}"


def _finish(context: Context, run_id: int) -> RunReport:
    """Wait until a run is over."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (run := report_run(context.store, run_id)).state in (QUEUED, RUNNING):
        if time.monotonic() > until:
            raise SystemExit(f"run {run_id} is {run.state} after {PATIENCE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    print(f"run {run_id}: {run.state} {run.error} {run.result.get('fingerprint', '')[:12]}", flush=True)
    return run


def _processes(context: Context) -> list[int]:
    """Return the processes of the workspace's runs that still live: by session, and by command line."""
    with context.store.reading() as session:
        leaders = set(session.scalars(select(Run.pid).where(Run.pid.is_not(None))))
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            of_run = os.getsid(process.info["pid"]) in leaders
            named = str(context.workspace.runs) in " ".join(process.info["cmdline"] or ())
            if (of_run or named) and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(int(process.info["pid"]))
    return found


if __name__ == "__main__":
    main()
