"""Run on this machine, as a process that leads its own group and outlives the platform.

A process is known by its number and its start time, since numbers are used again. It is born with
the lock of its folder: there is no moment in which a second one could start, and none in which a
dead one holds it. Where the platform dies between the birth and its note in the database, the next
one finds the lock held and the number in `process.json`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
from pathlib import Path

import psutil

from annotate.jobs.launchers.base import Handle, Job, Status
from annotate.reports.run_files import LOG_FILE, LogPart, read_log

START_TOLERANCE_SECONDS = 1.0
LOCK_FILE = "run.lock"
PROCESS_FILE = "process.json"
_LOCK_IN_CHILD = 3


class LocalLauncher:
    """Start runs as processes of this machine."""

    def submit(self, job: Job) -> Handle | None:
        """Start the process of a run, or find the one that holds its folder already."""
        lock = os.open(job.folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _take(lock):
                return _holder(job.folder)
            (job.folder / PROCESS_FILE).unlink(missing_ok=True)
            pid = self._spawn(job, lock)
        finally:
            os.close(lock)
        return Handle(job.folder, pid, process_started(pid), socket.gethostname())

    def status(self, handle: Handle) -> Status:
        """Tell whether the leader of a run's processes lives."""
        if handle.host and handle.host != socket.gethostname():
            return "elsewhere"
        return "running" if process_lives(handle.pid, handle.pid_started) else "over"

    def logs(self, handle: Handle, offset: int = 0) -> LogPart:
        """Return the whole lines of the log since an offset in bytes."""
        return read_log(handle.folder, offset)

    def cancel(self, handle: Handle, *, force: bool = False) -> None:
        """Send the leader and its group SIGTERM; with force, kill whatever is left of the group."""
        if self.status(handle) == "elsewhere" or handle.pid is None:
            return
        if not force:
            if self.status(handle) == "running":
                _signal_group(handle.pid, signal.SIGTERM)
        elif self.status(handle) == "running" or group_members(handle):
            _signal_group(handle.pid, signal.SIGKILL)

    def _spawn(self, job: Job, lock: int) -> int:
        """Start the leader of a session of its own, which holds the lock; return its number."""
        log = str(job.folder / LOG_FILE)
        command = job.command()
        return os.posix_spawn(
            command[0],
            command,
            {**os.environ, **job.environment()},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, lock, _LOCK_IN_CHILD),
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )


def hold_folder(folder: Path) -> bool:
    """Hold the lock of a run's folder for as long as this process lives, unless it was born with it.

    Returns False where another process holds it.
    """
    lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(_LOCK_IN_CHILD), os.fstat(lock)) and lock != _LOCK_IN_CHILD:
            os.close(lock)
            return True
    return _take(lock)


def note_process(folder: Path) -> None:
    """Write which process this is, for a platform that died before it could."""
    note = {"pid": os.getpid(), "started": process_started(os.getpid()), "host": socket.gethostname()}
    draft = folder / f"{PROCESS_FILE}.tmp"
    draft.write_text(json.dumps(note), "utf-8")
    draft.replace(folder / PROCESS_FILE)


def process_started(pid: int) -> float | None:
    """Return when a process started, in Unix seconds, or None where there is none."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def process_lives(pid: int | None, started: float | None) -> bool:
    """Tell whether the process of this number still is the one that started then."""
    if pid is None or started is None:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that ended stays listed until it is waited for
    try:
        process = psutil.Process(pid)
        same = abs(float(process.create_time()) - started) < START_TOLERANCE_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def group_members(handle: Handle) -> list[int]:
    """Return the processes that a run left behind: of its session, and not older than its leader."""
    found = []
    for process in psutil.process_iter(["pid", "create_time", "status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            of_session = os.getsid(process.info["pid"]) == handle.pid
            young = process.info["create_time"] >= (handle.pid_started or 0.0) - START_TOLERANCE_SECONDS
            if of_session and young and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(int(process.info["pid"]))
    return found


def _holder(folder: Path) -> Handle | None:
    """Return the process that holds a folder, or None until it has said its number."""
    try:
        note = json.loads((folder / PROCESS_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not process_lives(note["pid"], note["started"]):
        return None
    return Handle(folder, int(note["pid"]), float(note["started"]), str(note["host"]))


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal_group(pid: int, stop: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, stop)
