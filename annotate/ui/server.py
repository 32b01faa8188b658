"""Start the screens: one Streamlit server for one workspace."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from annotate.errors import JobError
from annotate.settings import Workspace

WORKSPACE_VARIABLE = "PAIRLOOP_WORKSPACE"
APP = Path(__file__).parent / "app.py"
OPTIONS = {
    "browser.gatherUsageStats": "false",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "client.toolbarMode": "minimal",
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


def serve(folder: Path, port: int, *, address: str = "127.0.0.1", open_browser: bool = False) -> None:
    """Become the server of a workspace; does not return.

    There are no passwords: whoever reaches the address can label. Raises SettingsError without a
    workspace, JobError when the port cannot be had.
    """
    folder = Workspace.open(folder).folder
    check_port(address, port)
    sys.stdout.flush()
    sys.stderr.flush()
    environment = {**os.environ, WORKSPACE_VARIABLE: str(folder)}
    # Replacing the process lets signals and the exit status through without a keeper in between.
    os.execve(sys.executable, server_command(port, address, open_browser), environment)  # noqa: S606


def server_command(port: int, address: str, open_browser: bool) -> list[str]:
    """Return the command line of the server."""
    options = {
        **OPTIONS,
        "server.address": address,
        "server.port": str(port),
        "browser.serverAddress": address,
        "server.headless": str(not open_browser).lower(),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *flags]


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
