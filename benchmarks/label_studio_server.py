"""Install and start a real Label Studio server, in an environment of its own.

    python -m benchmarks.label_studio_server   installs it (once, minutes, a gigabyte)

The tests of the bridge and the benchmark of the ledger talk to the same server:

    with start_label_studio(folder) as server:
        client = LabelStudio(base_url=server.base_url, api_key=server.legacy_token)
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS, environment, surroundings

HOME = PEERS / "label-studio"
FRESH = HOME / "fresh"
PACKAGES = ("label-studio==1.23.2",)
EMAIL = "owner@example.org"
# The shell waits for the end of our pipe, which comes with our own end, however that comes,
# and then ends its whole process group: no server outlives who started it.
KEEPER = '{ "$@"; kill -TERM 0; } & read -r _; trap "" TERM; kill -TERM 0; wait'


@dataclass(frozen=True)
class LabelStudioServer:
    """Say where a running server is and how to get in; both tokens are its owner's."""

    base_url: str
    legacy_token: str
    personal_token: str
    email: str
    log: Path


def installed() -> bool:
    """Say whether this version of the server is installed and ready to start."""
    receipt = HOME / "installed.json"
    is_there = receipt.is_file() and json.loads(receipt.read_text("utf-8"))["packages"] == list(PACKAGES)
    return is_there and FRESH.is_dir()


def install() -> None:
    """Install the server where it is not yet, and keep an empty database that later starts copy.

    Raises SystemExit, in one line, when pip fails or the server does not start.
    """
    environment(HOME, PACKAGES, borrow=False)
    if not FRESH.is_dir():
        draft = FRESH.with_name("draft")
        shutil.rmtree(draft, ignore_errors=True)
        with _running(draft, wait_seconds=300.0):
            pass
        draft.rename(FRESH)


@contextmanager
def start_label_studio(folder: Path, *, wait_seconds: float = 120.0) -> Iterator[LabelStudioServer]:
    """Run a server on a free port, its database (SQLite) and log in a folder, and end it after.

    A folder that holds a database from before goes on with it, another starts empty. The server
    is installed first where it is not yet. Raises SystemExit, with the end of the log, when it
    does not answer in time.
    """
    install()
    if not (folder / "token").is_file():
        shutil.copytree(FRESH, folder, dirs_exist_ok=True)
    with _running(folder, wait_seconds) as server:
        yield server


@contextmanager
def _running(folder: Path, wait_seconds: float) -> Iterator[LabelStudioServer]:
    folder.mkdir(parents=True, exist_ok=True)
    token, port = _token(folder / "token"), _free_port()
    base_url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    program = str(HOME / "bin" / "label-studio")
    command = [program, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", *command],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=surroundings() | _settings(folder, base_url, token),
            start_new_session=True,
        )
    try:
        _wait(process, f"{base_url}/health", log, wait_seconds)
        personal = _personal_token(folder / "personal-token", base_url, token)
        yield LabelStudioServer(base_url, token, personal, EMAIL, log)
    finally:
        _end(process)


def _settings(folder: Path, base_url: str, token: str) -> dict[str, str]:
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_HOST": base_url,
        "LABEL_STUDIO_USERNAME": EMAIL,
        "LABEL_STUDIO_PASSWORD": token[:16],
        "LABEL_STUDIO_USER_TOKEN": token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "false",
        "USE_DEFAULT_BANNED_SUBNETS": "false",  # its webhooks must reach a receiver on this machine
    }


def _token(file: Path) -> str:
    if not file.is_file():
        file.write_text(secrets.token_hex(20), "utf-8")
    return file.read_text("utf-8")


def _personal_token(file: Path, base_url: str, token: str) -> str:
    if not file.is_file():  # a user has one, and sees it once
        file.write_text(_call(f"{base_url}/api/token/", token, {})["token"], "utf-8")
    return file.read_text("utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], address: str, log: Path, wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        time.sleep(0.5)
    last = log.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
    raise SystemExit(f"Label Studio did not start; {log} ends: {' | '.join(last)}")


def _call(address: str, token: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{address} answers {error.code}: {error.read()[:300]!r}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server's process group: kindly, then for certain."""
    if process.stdin is not None:
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    install()
    print(f"Label Studio is installed in {HOME}")
