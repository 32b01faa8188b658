"""Run on a Ray cluster, by Ray's Jobs API; the run's folder lies on a disk that the cluster shares.

Ray keeps the list of its jobs in memory by default: a job that it no longer knows counts as over,
and what the folder holds decides whether the run goes on from its checkpoint.
"""

from __future__ import annotations

import contextlib
import shlex
from typing import Any

from annotate.errors import JobError
from annotate.jobs.launchers.base import Handle, Job, Status
from annotate.reports.run_files import LogPart, read_log

STOP_SECONDS = 30  # to save a checkpoint after SIGTERM, as the supervisor gives; Ray's own patience is 3
_OVER = {"STOPPED", "SUCCEEDED", "FAILED"}


class RayLauncher:
    """Submit runs as jobs of the Ray cluster at an address such as http://127.0.0.1:8265."""

    def __init__(self, address: str) -> None:
        self._address = address

    def submit(self, job: Job) -> Handle | None:
        """Submit an attempt at a run under its own name, once. Raises JobError where no cluster answers."""
        client = self._client()
        handle = Handle(job.folder, job=job.name)
        if self.status(handle) == "running":  # submitted by a platform that died before it could note it
            return handle
        try:
            client.submit_job(
                entrypoint=shlex.join([*job.command(), "--log"]),
                submission_id=job.name,
                metadata={"run": str(job.run_id), "folder": str(job.folder)},
                runtime_env={
                    "env_vars": {**job.environment(), "RAY_JOB_STOP_WAIT_TIME_S": str(STOP_SECONDS)}
                },
                entrypoint_num_cpus=job.cpus,
                entrypoint_num_gpus=job.gpus or None,
            )
        except RuntimeError as error:
            raise JobError(f"{self._address}: the cluster refused the run: {error}") from error
        return handle

    def status(self, handle: Handle) -> Status:
        """Tell whether the cluster still works on a run; what it cannot tell now counts as running."""
        try:
            client = self._client()
        except JobError:
            return "elsewhere"
        try:
            found = str(client.get_job_status(handle.job).value)
        except RuntimeError:  # unknown to a cluster that was started anew
            return "over"
        return "over" if found in _OVER else "running"

    def logs(self, handle: Handle, offset: int = 0) -> LogPart:
        """Return the log that the run wrote in its folder, else what Ray caught of it."""
        part = read_log(handle.folder, offset)
        if part.text or part.offset:
            return part
        caught = ""
        with contextlib.suppress(RuntimeError, JobError):
            caught = str(self._client().get_job_logs(handle.job))
        content = caught.encode()[offset:]
        return LogPart(content.decode("utf-8", "replace"), offset + len(content))

    def cancel(self, handle: Handle, *, force: bool = False) -> None:
        """Stop a job: Ray sends SIGTERM, waits and then kills, whatever was asked for."""
        with contextlib.suppress(RuntimeError):
            self._client().stop_job(handle.job)
            if force:
                self._client().delete_job(handle.job)

    def _client(self) -> Any:
        if not self._address:
            raise JobError("no Ray cluster: set ray_address under [training] in pairloop.toml")
        try:
            from ray.job_submission import JobSubmissionClient
        except ImportError as error:
            raise JobError("the launcher ray needs the extra `ray`: pip install 'pairloop[ray]'") from error
        try:
            return JobSubmissionClient(self._address)
        except (ConnectionError, RuntimeError) as error:
            raise JobError(
                f"{self._address}: no Ray cluster answers: {str(error).splitlines()[0]}"
            ) from error
