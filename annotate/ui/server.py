"""Start the server of one workspace: the screens, the sign-in pages and the API under uvicorn."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from annotate.errors import JobError
from annotate.settings import Workspace

WORKSPACE_VARIABLE = "PAIRLOOP_WORKSPACE"
HOSTS_VARIABLE = "PAIRLOOP_HOSTS"  # the names that a browser may ask for, parted by spaces
PROXY_VARIABLE = "PAIRLOOP_BEHIND_PROXY"  # set where a proxy ends TLS before this server
APP = Path(__file__).parent / "app.py"
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
OPTIONS = {
    "browser.gatherUsageStats": False,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "server.headless": True,
    "logger.level": "warning",  # below it the addresses of requests, among them links of invitations
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.baseRadius": "medium",
    "theme.light.primaryColor": "#4f46e5",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f5f6f8",
    "theme.light.textColor": "#1c2230",
    "theme.dark.primaryColor": "#8b93f8",
    "theme.dark.backgroundColor": "#13151b",
    "theme.dark.secondaryBackgroundColor": "#1d2029",
    "theme.dark.textColor": "#e8eaf0",
}


def serve(
    folder: Path,
    port: int,
    *,
    address: str = "127.0.0.1",
    hosts: Sequence[str] = (),
    behind_proxy: bool = False,
    force: bool = False,
) -> None:
    """Become the server of a workspace; does not return.

    `hosts` are the names that browsers may ask for. Raises SettingsError without a workspace, and
    JobError when the port cannot be had or the address lies open without TLS.
    """
    folder = Workspace.open(folder).folder
    check_exposure(address, hosts, behind_proxy=behind_proxy, force=force)
    check_port(address, port)
    sys.stdout.flush()
    sys.stderr.flush()
    environment = {
        **os.environ,
        WORKSPACE_VARIABLE: str(folder),
        HOSTS_VARIABLE: " ".join([*LOCAL_HOSTS, *hosts] if hosts or is_loopback(address) else ["*"]),
        PROXY_VARIABLE: "1" if behind_proxy else "",
    }
    # Replacing the process lets signals and the exit status through without a keeper in between.
    os.execve(sys.executable, server_command(port, address, behind_proxy), environment)  # noqa: S606


def server_command(port: int, address: str, behind_proxy: bool = False) -> list[str]:
    """Return the command line of the server."""
    forwarded = ["--proxy-headers", "--forwarded-allow-ips=*"] if behind_proxy else ["--no-proxy-headers"]
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "annotate.ui.asgi:from_environment"),
        *(f"--host={address}", f"--port={port}", "--no-access-log", "--log-level=warning"),
        *("--no-server-header", "--timeout-graceful-shutdown=5", "--ws-max-size=52428800"),
        *forwarded,
    ]


def check_exposure(address: str, hosts: Sequence[str], *, behind_proxy: bool, force: bool) -> None:
    """Raise JobError where passwords would cross a network in the clear."""
    if is_loopback(address) or force:
        return
    if not behind_proxy:
        raise JobError(
            f"{address}: others could reach this without TLS; put a proxy that ends TLS before it and say "
            "--behind-proxy --host NAME, or insist with --force"
        )
    if not hosts:
        raise JobError("--behind-proxy needs --host NAME, the name by which browsers reach the proxy")


def is_loopback(address: str) -> bool:
    """Tell whether only this machine reaches an address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def check_port(address: str, port: int) -> None:
    """Raise JobError when nothing can listen there."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((place[0], port, *place[2:]))  # getaddrinfo takes 70000 for 4464
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JobError(f"{address}:{port}: cannot listen here ({reason}); choose another --port") from error
