"""Make a workspace with a large ledger and people in it, and serve it by the real server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

WAIT_SECONDS = 120


@dataclass(frozen=True)
class Served:
    """Hold a running server: its address, its process, and the database it serves."""

    address: str
    process: int
    database: str


def make_workspace(folder: Path, people: int) -> tuple[str, list[str]]:
    """Make a workspace without a ledger as yet; return the URL of its database.

    Returns also names for `people` assessors; `enter` opens a browser session for each.
    """
    from annotate.settings import Workspace

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairloop.toml").touch()
    return Workspace.open(folder).database_url, [f"person {number}" for number in range(people)]


def enter(database: str, names: list[str], role: str = "assessor") -> list[str]:
    """Make an account for each name and return the cookies of their sessions."""
    from annotate.access.accounts import create_account
    from annotate.access.sessions import open_session
    from annotate.store import open_store

    store = open_store(database)
    tokens = []
    for name in names:
        account = create_account(store, name, role, language="en")
        tokens.append(open_session(store, account.id, "benchmark"))
    store.engine.dispose()
    return tokens


@contextmanager
def served(folder: Path, database: str) -> Iterator[Served]:
    """Serve a workspace on a free port until the block ends."""
    from annotate.ui.server import WORKSPACE_VARIABLE, server_command

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    settings = {**os.environ, "PYTHONPATH": path, WORKSPACE_VARIABLE: str(folder)}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(server_command(port, "127.0.0.1"), env=settings, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/healthz", process)
        yield Served(address, process.pid, database)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def resident_mb(process: int) -> float:
    """Return the resident memory of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the server ended")


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("the server ended before it answered; see server.log in the workspace")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("the server did not start")
