"""Start training runs, watch them, adopt or requeue them after a restart, stop them.

A run is started by its launcher. Whether it finished is read from the files that it leaves:
`result.json` and `version.json`, or `error.txt`; a dead run that left neither goes back to the queue.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.launchers import Handle, Job, Launcher, make_launcher
from annotate.jobs.limits import passed_limit
from annotate.jobs.progress import Progress
from annotate.reports.run_files import LOG_FILE, PROGRESS_FILE, read_last_line, read_last_progress
from annotate.store import Run, Store, now
from annotate.store.runs import CANCELLED, FAILED, FINISHED, QUEUED, RUNNING

POLL_SECONDS = 0.5
GRACE_SECONDS = 30.0  # after SIGTERM a run saves a checkpoint; then its processes are killed
MAX_STARTS = 3  # in a row that bring no new checkpoint
ERROR_FILE = "error.txt"
RESULT_FILE = "result.json"
VERSION_FILE = "version.json"  # what the registry is told; written last
REQUEST_FILE = "request.json"


def start(store: Store, run_id: int, gpu_ids: tuple[int, ...] | None = None) -> None:
    """Start a queued run; one that runs already, or was cancelled meanwhile, is left as it is.

    The run is born inside the writing transaction: two supervisors cannot start it twice. Raises
    JobError where its launcher cannot start anything.
    """
    with store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        if run.state not in (QUEUED, RUNNING) or (run.state == RUNNING and alive(run)):
            return
        handle = launcher_of(run).submit(_job(run, gpu_ids))
        if handle is None:
            return
        run.pid, run.pid_started, run.host, run.job = handle.pid, handle.pid_started, handle.host, handle.job
        run.state, run.error, run.started_at, run.starts = RUNNING, "", now(), run.starts + 1
        run.resources = {**run.resources, "gpu_ids": list(gpu_ids or ())}


def watch(store: Store, run_id: int, progress: Progress) -> str:
    """Wait until a run ends and return its state; a dead one is started again from its checkpoint."""
    while True:
        run = _read(store, run_id)
        _show(Path(run.folder), progress)
        if run.state not in (RUNNING, QUEUED):
            return run.state
        if run.state == RUNNING and alive(run):
            keep_limits(store, run)
        elif run.state == QUEUED or settle(store, run_id) == QUEUED:
            try:
                start_or_give_up(store, run_id)
            except (JobError, OSError) as error:
                refuse(store, run_id, error)
        time.sleep(POLL_SECONDS)


def start_or_give_up(store: Store, run_id: int, gpu_ids: tuple[int, ...] | None = None) -> None:
    """Start a queued run, or close one that died too often in a row without getting further."""
    run = _read(store, run_id)
    if run.starts < MAX_STARTS:
        start(store, run_id, gpu_ids)
        return
    last = read_last_line(Path(run.folder) / LOG_FILE)
    said = f"its log ends: {last}" if last else "its log is empty"
    _close(store, run, FAILED, error=f"died {run.starts} times in a row without getting further; {said}")


def refuse(store: Store, run_id: int, error: Exception) -> None:
    """Fail a queued run that its launcher cannot start: its folder is gone, or no cluster answers."""
    _close(store, _read(store, run_id), FAILED, error=" ".join(str(error).split()))


def settle(store: Store, run_id: int) -> str:
    """Read what a dead run left: a result, an error, or nothing, which puts it back in the queue.

    Processes that its leader left behind are killed first.
    """
    run = _read(store, run_id)
    if run.state != RUNNING or alive(run):  # another supervisor was quicker
        return run.state
    launcher_of(run).cancel(handle_of(run), force=True)
    folder = Path(run.folder)
    error = folder / ERROR_FILE
    if (folder / RESULT_FILE).exists() and _is_whole(folder):
        try:
            result = json.loads((folder / RESULT_FILE).read_text("utf-8"))
        except (OSError, ValueError):
            told = f"{folder / RESULT_FILE}: damaged; remove it and resume the run"
            return _close(store, run, FAILED, error=told)
        return _close(store, run, FINISHED, result=result)
    if error.exists():
        reason = error.read_text("utf-8", "replace").strip()
        return _close(store, run, FAILED, error=reason or "failed without a reason; see its log")
    return _close(store, run, QUEUED)


def recover(store: Store) -> list[int]:
    """Settle the runs whose process died while nobody watched; return those that must start again."""
    with store.reading() as session:
        runs = list(session.scalars(select(Run).where(Run.state.in_((RUNNING, QUEUED))).order_by(Run.id)))
    dead = [run.id for run in runs if run.state == RUNNING and not alive(run)]
    states = {run_id: settle(store, run_id) for run_id in dead}
    return [run.id for run in runs if states.get(run.id, run.state) == QUEUED]


def keep_limits(store: Store, run: Run) -> None:
    """Fail a running run that passed its limit of time or disk; its checkpoint is kept."""
    if reason := passed_limit(run):
        _close(store, run, FAILED, error=reason)
        launcher_of(run).cancel(handle_of(run))


def cancel(store: Store, run_id: int, grace_seconds: float = GRACE_SECONDS) -> None:
    """Stop a run: ask it to save and end, then kill its processes. Raises JobError when it is not active."""
    end(ask_to_stop(store, run_id), grace_seconds)


def ask_to_stop(store: Store, run_id: int) -> Run:
    """Mark a run as cancelled and ask its process to save and end, without waiting for it.

    Raises JobError when it is not active.
    """
    run = _read(store, run_id)
    if run.state not in (RUNNING, QUEUED):
        raise JobError(f"run {run_id} is {run.state}; only a queued or running one can be cancelled")
    close(store, run_id, CANCELLED, error="cancelled")
    run = _read(store, run_id)  # it may have been started at this very moment
    launcher_of(run).cancel(handle_of(run))
    return run


def end(run: Run, grace_seconds: float = GRACE_SECONDS) -> None:
    """Wait until the process of a run ends; one that outlives its grace is killed with its group."""
    launcher, handle = launcher_of(run), handle_of(run)
    for seconds in (grace_seconds, grace_seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and launcher.status(handle) == "running":
            time.sleep(0.1)
        launcher.cancel(handle, force=True)


def resume(store: Store, run_id: int) -> None:
    """Put a cancelled or failed run back in the queue; it goes on from its last checkpoint.

    Raises JobError when it is in another state, or still saving its checkpoint.
    """
    run = _read(store, run_id)
    if run.state not in (CANCELLED, FAILED):
        raise JobError(f"run {run_id} is {run.state}; only a cancelled or failed one can be resumed")
    if alive(run):
        raise JobError(f"run {run_id} is still saving its checkpoint; try again in a few seconds")
    launcher_of(run).cancel(handle_of(run), force=True)  # whatever its leader left behind
    (Path(run.folder) / ERROR_FILE).unlink(missing_ok=True)
    with store.writing.begin() as session:
        run = session.get_one(Run, run_id)
        run.state, run.error, run.finished_at, run.starts = QUEUED, "", None, 0


def alive(run: Run) -> bool:
    """Tell whether a run lives; of one on another machine that is assumed."""
    if run.pid is None and not run.job:
        return False
    return launcher_of(run).status(handle_of(run)) != "over"


def launcher_of(run: Run) -> Launcher:
    """Return the launcher of a run."""
    return make_launcher(run.launcher, run.resources)


def handle_of(run: Run) -> Handle:
    """Return under which name the launcher of a run knows it."""
    return Handle(Path(run.folder), run.pid, run.pid_started, run.host, run.job)


def _job(run: Run, gpu_ids: tuple[int, ...] | None) -> Job:
    wanted = run.resources
    return Job(
        run.id,
        Path(run.folder),
        attempt=f"{run.started_at.timestamp():.3f}".replace(".", "-") if run.started_at else "first",
        cpus=int(wanted.get("cpus", 1)),
        gpus=int(wanted.get("gpus", 0)),
        gpu_ids=gpu_ids,
    )


def _is_whole(folder: Path) -> bool:
    """Tell whether a trained run also did what comes after: a run without a request has nothing to do."""
    return (folder / VERSION_FILE).exists() or not (folder / REQUEST_FILE).exists()


def _read(store: Store, run_id: int) -> Run:
    with store.reading() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise JobError(f"no run number {run_id}; see `pairloop runs`")
        return run


def close(store: Store, run_id: int, state: str, *, error: str = "") -> str:
    """Close an active run, whatever process it has now; return the state that it is in."""
    with store.writing.begin() as session:
        return _end_in(session.get_one(Run, run_id), state, error)


def _close(
    store: Store, seen: Run, state: str, *, result: dict[str, Any] | None = None, error: str = ""
) -> str:
    """Close a run, unless it was started anew since it was seen; return the state that it is in."""
    with store.writing.begin() as session:
        run = session.get_one(Run, seen.id)
        if (run.pid, run.pid_started, run.job) != (seen.pid, seen.pid_started, seen.job):
            return run.state
        if result is not None and run.state in (QUEUED, RUNNING):
            run.result = result
        return _end_in(run, state, error)


def _end_in(run: Run, state: str, error: str) -> str:
    if run.state not in (QUEUED, RUNNING):  # a person cancelled it, or it passed a limit
        return run.state
    if run.state == RUNNING and run.started_at is not None:
        ended = now() if state == CANCELLED else _last_sign(run)
        run.spent_seconds += max(0.0, (ended - run.started_at).total_seconds())
        if _has_checkpoint_since(Path(run.folder), run.started_at):
            run.starts = 0
    run.state, run.error = state, error
    if state != QUEUED:
        run.finished_at = now()
    return state


def _last_sign(run: Run) -> datetime:
    """Return when a run last wrote something: it may have died long before somebody looked."""
    folder = Path(run.folder)
    files = [file for name in (PROGRESS_FILE, LOG_FILE) if (file := folder / name).exists()]
    times = [datetime.fromtimestamp(file.stat().st_mtime, UTC) for file in files]
    return max(times, default=now())


def _has_checkpoint_since(folder: Path, moment: datetime) -> bool:
    saved = (folder / "checkpoints").glob("checkpoint-*")
    return any(_changed(checkpoint) > moment.timestamp() for checkpoint in saved)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # the run itself clears old ones away
        return 0.0


def _show(folder: Path, progress: Progress) -> None:
    line = read_last_progress(folder)
    if line.get("total"):
        progress(int(line["step"]), int(line["total"]))
