"""Runs as jobs of a Ray cluster on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.jobs.launchers import Handle, Job, Launcher, RayLauncher, make_launcher

pytestmark = pytest.mark.timeout(1800)  # a dozen processes: on a busy machine they take minutes

PATIENCE_SECONDS = 600
PATIENT = {
    "RAY_DASHBOARD_STARTUP_TIMEOUT_S": str(PATIENCE_SECONDS),
    "RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT": str(PATIENCE_SECONDS),
    "RAY_raylet_start_wait_time_s": str(PATIENCE_SECONDS),
    "RAY_agent_register_timeout_ms": str(PATIENCE_SECONDS * 1000),
    "RAY_worker_register_timeout_seconds": str(PATIENCE_SECONDS),
    "RAY_enable_worker_prestart": "0",  # a run is one process; the cores are for others
}


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:  # all at once, else two may be the same
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.5)


class Talker(Job):
    """A job that says hello in its own log, sleeps, and takes its time to save when it is stopped."""

    def command(self) -> list[str]:
        """Return a process that writes its log as a run does."""
        code = (
            "import pathlib, signal, sys, time; here = pathlib.Path(sys.argv[1]);"
            "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(5), (here / 'saved').touch(), sys.exit()));"
            "(here / 'run.log').write_text('hello\\n');"
            "time.sleep(float((here / 'sleep').read_text()))"
        )
        return [sys.executable, "-c", code, str(self.folder)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A cluster of one machine; its processes end with the one that started them."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:  # short: the names of sockets have little room
        log, (dashboard, *ports) = Path(folder, "log"), free_ports(7)
        with log.open("wb") as out:
            head = subprocess.Popen(
                head_command(folder, dashboard, ports),
                stdout=out, stderr=out, start_new_session=True, env={**os.environ, **PATIENT},
            )  # fmt: skip
        try:
            until(lambda: answers(head, log, f"http://127.0.0.1:{dashboard}"))
            yield f"http://127.0.0.1:{dashboard}"
        finally:
            end(head)


def head_command(folder: str, dashboard: int, ports: Sequence[int]) -> list[str]:
    """Return the command of a head node.

    Ray waits 15 s for the ports that its agents choose for themselves, and then goes on without a node: on a
    busy machine it is told all of them.
    """
    agents = ("dashboard-agent-listen", "dashboard-agent-grpc", "runtime-env-agent", "metrics-export")
    names = (*(f"{agent}-port" for agent in agents), "port", "ray-client-server-port")
    told = [f"--{name}={port}" for name, port in zip(names, ports, strict=True)]
    return [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--include-dashboard=true",
        f"--dashboard-port={dashboard}", *told, "--min-worker-port=0", "--max-worker-port=0",
        "--num-cpus=2", "--num-gpus=0", "--object-store-memory=100000000", "--disable-usage-stats",
        f"--temp-dir={folder}",
    ]  # fmt: skip


def answers(head: subprocess.Popen[bytes], log: Path, address: str) -> bool:
    assert head.poll() is None, log.read_text()
    try:
        RayLauncher(address)._client().list_jobs()
    except (JobError, RuntimeError, ConnectionError):
        return False
    return True


def end(head: subprocess.Popen[bytes]) -> None:
    os.killpg(head.pid, signal.SIGTERM)
    try:
        head.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()


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
    assert (tmp_path / "saved").exists()  # it had the time


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
    launcher = RayLauncher(f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(JobError, match="no Ray cluster answers"):
        launcher.submit(Job(1, tmp_path))
    # Nothing can be told of a job while its cluster does not answer: it is not started a second time.
    assert launcher.status(Handle(tmp_path, job="somebody-knew")) == "elsewhere"
