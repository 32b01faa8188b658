"""Do a longer piece of work for a screen in a process of its own, and tell what became of it.

There is one errand of each kind at a time. Its folder in the workspace holds what was asked
(`asked.json`), how far it is (`progress.json`) and what came of it (`result.json` or `error.txt`).
While it lives, its process holds the lock of the folder, which it inherits: there is no moment in
which a second one could start, and none that a dead one holds.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from annotate.errors import JobError, PairloopError
from annotate.jobs.context import Context
from annotate.jobs.progress import Progress
from rag.errors import RagError

EVERY_SECONDS = 0.5  # between two notes of the progress
LOOKS, LOOK_SECONDS = 5, 0.01
State = Literal["none", "running", "done", "failed"]


@dataclass(frozen=True)
class Errand:
    """Show an errand: what was asked by whom, how far it is (done of total, or unknown), what came of it."""

    state: State
    asked: dict[str, Any]
    by: str = ""
    at: datetime | None = None
    label: str = ""
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    error: str = ""


def start_errand(context: Context, kind: str, values: Mapping[str, Any], *, by: str) -> None:
    """Start a piece of work; raise JobError for an unknown kind, or while one of the kind is under way."""
    from annotate.jobs.errand_kinds import KINDS

    if kind not in KINDS:
        raise JobError(f"no errand called {kind}; known: {', '.join(KINDS)}")
    folder = _folder(context, kind)
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take_patiently(lock):
            raise JobError(f"{kind}: this is being done already; wait until it ends")
        for name in ("progress.json", "result.json", "error.txt"):
            (folder / name).unlink(missing_ok=True)
        told = {"values": dict(values), "by": by, "at": datetime.now(UTC).isoformat()}
        _write(folder / "asked.json", told)
        _spawn(context.workspace.folder, kind, folder, lock)
    finally:
        os.close(lock)


def read_errand(context: Context, kind: str) -> Errand:
    """Return how the last errand of a kind stands."""
    folder = _folder(context, kind)
    asked = _read(folder / "asked.json")
    if asked is None:
        return Errand("none", {})
    running = _is_locked(folder)  # before the result is looked for, which is written before the lock goes
    told = asked["values"], asked["by"], datetime.fromisoformat(asked["at"])
    progress = _read(folder / "progress.json") or {}
    if running:
        return Errand("running", *told, **progress)
    if (result := _read(folder / "result.json")) is not None:
        return Errand("done", *told, result=result)
    error = folder / "error.txt"
    reason = (
        error.read_text("utf-8").strip() if error.is_file() else f"it broke off; see {folder / 'log.txt'}"
    )
    return Errand("failed", *told, error=reason)


def write_result(context: Context, kind: str, result: Mapping[str, Any]) -> None:
    """Put another result in the place of the one an errand left."""
    _write(_folder(context, kind) / "result.json", result)


def run_errand(workspace: Path, kind: str) -> None:
    """Do what was asked, in the process that was started for it."""
    from annotate.jobs.errand_kinds import KINDS

    context = Context.open(workspace)
    folder = _folder(context, kind)
    asked = _read(folder / "asked.json") or {}
    work: Callable[..., dict[str, Any]] = KINDS[kind]
    try:
        result = work(context, _Notes(folder), **asked["values"])
    except (PairloopError, RagError) as error:
        (folder / "error.txt").write_text(str(error), "utf-8")
    except Exception as error:
        (folder / "error.txt").write_text(f"{type(error).__name__}: {error}"[:500], "utf-8")
        raise
    else:
        _write(folder / "result.json", result)


class _Notes:
    """Write the progress where the screens find it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "progress.json"

    @contextmanager
    def track(self, label: str) -> Iterator[Progress]:
        """Tell of a piece of work for as long as the context is open."""
        last = 0.0

        def note(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= EVERY_SECONDS:
                last = time.monotonic()
                _write(self._file, {"label": label, "done": done, "total": total})

        _write(self._file, {"label": label, "done": 0, "total": 0})
        yield note


def _folder(context: Context, kind: str) -> Path:
    return context.workspace.folder / "errands" / kind


def _spawn(workspace: Path, kind: str, folder: Path, lock: int) -> None:
    command = [sys.executable, "-m", "annotate.jobs.errands", str(workspace), kind]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=[lock]
        )
    threading.Thread(target=process.wait, daemon=True).start()  # else it would stay as a zombie


def _take(lock: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take_patiently(lock: int) -> bool:
    """Take the lock although somebody may be looking at it at this moment."""
    for _ in range(LOOKS):
        if _take(lock):
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _is_locked(folder: Path) -> bool:
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not _take(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _write(file: Path, content: Mapping[str, Any]) -> None:
    scratch = file.with_name(f"{file.name}.{os.getpid()}.new")
    scratch.write_text(json.dumps(content, ensure_ascii=False, default=float), "utf-8")
    scratch.replace(file)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found


if __name__ == "__main__":
    run_errand(Path(sys.argv[1]), sys.argv[2])
