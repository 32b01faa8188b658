"""What every launcher does: submit a run, tell whether it lives, show its log, stop it."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from annotate.reports.run_files import LogPart

Status = Literal["running", "over", "elsewhere"]
"""`elsewhere`: the run belongs to another machine, of which nothing can be told here."""


@dataclass(frozen=True)
class Job:
    """Hold what a launcher starts: the folder of a run and the resources that it was given."""

    run_id: int
    folder: Path
    attempt: str = "1"
    cpus: int = 1
    gpus: int = 0
    gpu_ids: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        """Give one attempt at a run one name, by which a cluster starts it once."""
        place = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        return f"pairloop-{place}-{self.run_id}-{self.attempt}"

    def environment(self) -> dict[str, str]:
        """Return what the process needs beside the present environment: the GPUs it may see."""
        if self.gpu_ids is None:
            return {}
        return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, self.gpu_ids))}

    def command(self) -> list[str]:
        """Return the command of the run's process."""
        return [sys.executable, "-m", "annotate.jobs.run_process", str(self.folder)]


@dataclass(frozen=True)
class Handle:
    """Name a submitted run: a process of a host by number and start time, or a job of a cluster."""

    folder: Path
    pid: int | None = None
    pid_started: float | None = None
    host: str = ""
    job: str = ""


class Launcher(Protocol):
    """Start runs somewhere. What became of a run is read from its folder, never from a launcher."""

    def submit(self, job: Job) -> Handle | None:
        """Start a run; return None where a process holds its folder already and is not known yet.

        A process that holds the folder and is known is returned in place of a second one. Raises
        JobError where nothing can be started.
        """

    def status(self, handle: Handle) -> Status:
        """Tell whether a run lives."""

    def logs(self, handle: Handle, offset: int = 0) -> LogPart:
        """Return the whole lines of the log since an offset in bytes."""

    def cancel(self, handle: Handle, *, force: bool = False) -> None:
        """Ask a run to save a checkpoint and end, or end it and all its processes at once."""
