"""Runs as jobs of a Ray cluster on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.jobs.launchers import Handle, Job, Launcher, RayLauncher, make_launcher

PATIENCE_SECONDS = 600


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.5)


class Talker(Job):
    """A job that says hello in its own log and then sleeps."""

    def command(self) -> list[str]:
        """Return a process that writes its log as a run does."""
        code = (
            "import pathlib, sys, time; pathlib.Path(sys.argv[1], 'run.log').write_text('hello\\n');"
            "time.sleep(float(pathlib.Path(sys.argv[1], 'sleep').read_text()))"
        )
        return [sys.executable, "-c", code, str(self.folder)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of one machine; its processes end with the one that started them."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    port, dashboard = free_port(), free_port()
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}",
        f"--dashboard-port={dashboard}", "--include-dashboard=true", "--num-cpus=2", "--num-gpus=0",
        "--object-store-memory=100000000", "--disable-usage-stats", f"--ray-client-server-port={free_port()}",
        f"--dashboard-agent-listen-port={free_port()}",
    ]  # fmt: skip
    log = tmp_path_factory.mktemp("ray") / "log"
    with log.open("wb") as out:
        patient = {**os.environ, "RAY_DASHBOARD_STARTUP_TIMEOUT_S": str(PATIENCE_SECONDS)}
        head = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, env=patient)
    address = f"http://127.0.0.1:{dashboard}"

    def answers() -> bool:
        assert head.poll() is None, log.read_text()
        try:
            RayLauncher(address)._client().list_jobs()
        except (JobError, RuntimeError, ConnectionError):
            return False
        return True

    try:
        until(answers)
        yield address
    finally:
        os.killpg(head.pid, signal.SIGTERM)
        try:
            head.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(head.pid, signal.SIGKILL)


def submitted(launcher: Launcher, job: Job) -> Handle:
    """Submit as soon as the cluster takes jobs: its agent starts after its address answers."""
    found: list[Handle] = []

    def takes() -> bool:
        try:
            handle = launcher.submit(job)
        except JobError:
            return False
        assert handle is not None
        found.append(handle)
        return True

    until(takes)
    return found[0]


@pytest.mark.slow
def test_a_job_is_submitted_once_followed_and_stopped(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "sleep").write_text("600")
    launcher, job = make_launcher("ray", {"ray_address": cluster}), Talker(1, tmp_path)
    handle = submitted(launcher, job)
    assert handle.job == job.name
    until(lambda: launcher.logs(handle).text == "hello\n")
    assert launcher.status(handle) == "running"
    assert launcher.submit(job) == handle  # by a platform that died before it could note it
    launcher.cancel(handle)
    until(lambda: launcher.status(handle) == "over")


@pytest.mark.slow
def test_a_job_that_ends_or_that_nobody_knows_is_over(cluster: str, tmp_path: Path) -> None:
    (tmp_path / "sleep").write_text("0")
    launcher = RayLauncher(cluster)
    handle = submitted(launcher, Talker(2, tmp_path))
    until(lambda: launcher.status(handle) == "over")
    assert launcher.status(Handle(tmp_path, job="nobody-knows")) == "over"


def test_no_cluster_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="set ray_address"):
        RayLauncher("").submit(Job(1, tmp_path))
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    launcher = RayLauncher(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(JobError, match="no Ray cluster answers"):
        launcher.submit(Job(1, tmp_path))
    # Nothing can be told of a job while its cluster does not answer: it is not started a second time.
    assert launcher.status(Handle(tmp_path, job="somebody-knew")) == "elsewhere"
