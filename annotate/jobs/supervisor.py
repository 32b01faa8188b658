"""Start training runs as processes of their own, watch them, adopt or requeue them after a restart.

A run's process leads its own group, so it outlives the platform and can be stopped as a
whole. It is known by its number and its start time, since numbers are used again. Whether it
finished is read from the files it leaves: `result.json` or `error.txt`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.progress import Progress
from annotate.reports import read_progress
from annotate.store import Run, Store, now
from annotate.store.runs import CANCELLED, FAILED, FINISHED, QUEUED, RUNNING

POLL_SECONDS = 0.5
GRACE_SECONDS = 30.0  # after SIGTERM a run saves a checkpoint; then its group is killed
START_TOLERANCE_SECONDS = 1.0
MAX_STARTS = 3
LOG_FILE = "run.log"
ERROR_FILE = "error.txt"
REQUEST_FILE = "request.json"  # of a run whose rows are frozen by its own process


def start(store: Store, run_id: int) -> None:
    """Start a queued run; one that runs already, or was cancelled meanwhile, is left as it is."""
    with store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        if run.state not in (QUEUED, RUNNING) or alive(run):
            return
        folder = Path(run.folder)
        pid = _spawn(folder)
        run.state, run.pid, run.pid_started = RUNNING, pid, _started(pid)


def _spawn(folder: Path) -> int:
    """Start the training process as the leader of a session of its own; return its number."""
    log = str(folder / LOG_FILE)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", *_module(folder)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _module(folder: Path) -> list[str]:
    """Return what the process runs: a run that was only asked for freezes its rows first."""
    if (folder / REQUEST_FILE).exists():
        return ["annotate.jobs.run_process", str(folder)]
    return ["training", str(folder / "recipe.yaml"), "--run-dir", str(folder)]


def watch(store: Store, run_id: int, progress: Progress) -> str:
    """Wait until a run ends and return its state; a dead one is started again from its checkpoint."""
    starts = 1
    while True:
        run = _read(store, run_id)
        folder = Path(run.folder)
        _show(folder, progress)
        if run.state not in (RUNNING, QUEUED):
            return run.state
        if run.state == QUEUED or not alive(run):
            state = settle(store, run_id)
            if state != QUEUED:
                return state
            if starts > MAX_STARTS:
                give_up(store, run_id)
                return FAILED
            start(store, run_id)
            starts += 1
        time.sleep(POLL_SECONDS)


def settle(store: Store, run_id: int) -> str:
    """Read what a dead run left: a result, an error, or nothing, which puts it back in the queue."""
    folder = Path(_read(store, run_id).folder)
    result, error = folder / "result.json", folder / ERROR_FILE
    if result.exists():
        return _close(store, run_id, FINISHED, result=json.loads(result.read_text("utf-8")))
    if error.exists():
        return _close(store, run_id, FAILED, error=error.read_text("utf-8").strip())
    return _close(store, run_id, QUEUED)


def give_up(store: Store, run_id: int) -> None:
    """Close a run that died too often without leaving a result or an error."""
    log = Path(_read(store, run_id).folder) / LOG_FILE
    _close(store, run_id, FAILED, error=f"died {MAX_STARTS} times without a word; see {log}")


def recover(store: Store) -> list[int]:
    """Settle the runs whose process died while nobody watched; return those that must start again."""
    with store.reading() as session:
        runs = list(session.scalars(select(Run).where(Run.state.in_((RUNNING, QUEUED))).order_by(Run.id)))
    dead = [run.id for run in runs if run.state == RUNNING and not alive(run)]
    states = {run_id: settle(store, run_id) for run_id in dead}
    return [run.id for run in runs if states.get(run.id, run.state) == QUEUED]


def cancel(store: Store, run_id: int, grace_seconds: float = GRACE_SECONDS) -> None:
    """Stop a run: ask it to save and end, then kill its group. Raises JobError when it is not active."""
    end(ask_to_stop(store, run_id), grace_seconds)


def ask_to_stop(store: Store, run_id: int) -> Run:
    """Mark a run as cancelled and ask its process to save and end, without waiting for it.

    Raises JobError when it is not active.
    """
    run = _read(store, run_id)
    if run.state not in (RUNNING, QUEUED):
        raise JobError(f"run {run_id} is {run.state}; only a queued or running one can be cancelled")
    _close(store, run_id, CANCELLED, error="cancelled")
    _signal(run, signal.SIGTERM)
    return run


def end(run: Run, grace_seconds: float = GRACE_SECONDS) -> None:
    """Wait until the process of a run ends; one that outlives its grace is killed with its group."""
    for seconds in (grace_seconds, grace_seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and alive(run):
            time.sleep(0.1)
        _signal(run, signal.SIGKILL)


def resume(store: Store, run_id: int) -> None:
    """Put a cancelled or failed run back in the queue; it goes on from its last checkpoint.

    Raises JobError when it is in another state, or still saving its checkpoint.
    """
    run = _read(store, run_id)
    if run.state not in (CANCELLED, FAILED):
        raise JobError(f"run {run_id} is {run.state}; only a cancelled or failed one can be resumed")
    if alive(run):
        raise JobError(f"run {run_id} is still saving its checkpoint; try again in a few seconds")
    (Path(run.folder) / ERROR_FILE).unlink(missing_ok=True)
    with store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        run.state, run.error, run.finished_at = QUEUED, "", None


def alive(run: Run) -> bool:
    """Tell whether the process of a run lives."""
    return _alive(run.pid, run.pid_started)


def _signal(run: Run, stop: signal.Signals) -> None:
    if run.pid is not None and alive(run):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, stop)


def _read(store: Store, run_id: int) -> Run:
    with store.reading() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise JobError(f"no run number {run_id}; see `pairloop runs`")
        return run


def _close(
    store: Store, run_id: int, state: str, *, result: dict[str, Any] | None = None, error: str = ""
) -> str:
    with store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        if run.state == CANCELLED:
            return CANCELLED
        run.state, run.error = state, error
        if result is not None:
            run.result = result
        if state != QUEUED:
            run.finished_at = now()
        return state


def _started(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def _alive(pid: int | None, pid_started: float | None) -> bool:
    if pid is None or pid_started is None:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that ended stays listed until it is waited for
    try:
        process = psutil.Process(pid)
        same = abs(float(process.create_time()) - pid_started) < START_TOLERANCE_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _show(folder: Path, progress: Progress) -> None:
    steps = [line for line in read_progress(folder) if line.get("total")]
    if steps:
        progress(int(steps[-1]["step"]), int(steps[-1]["total"]))
