"""Starting the server."""

import socket
from pathlib import Path

import pytest

from annotate.errors import JobError, SettingsError
from annotate.ui.server import APP, check_port, serve, server_command


def test_the_server_keeps_to_itself():
    command = server_command(8501, "127.0.0.1", open_browser=False)
    assert str(APP) in command
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8501",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    } <= set(command)
    assert "--server.headless=false" in server_command(8501, "127.0.0.1", open_browser=True)


def test_a_busy_port_is_said_in_one_line(empty_workspace):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(JobError, match=rf"^127\.0\.0\.1:{port}: cannot listen here .*another --port$"):
            serve(empty_workspace.folder, port)
    check_port("127.0.0.1", port)


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 70_000), ("no such host", 8501)])
def test_an_impossible_place_is_refused(address: str, port: int):
    with pytest.raises(JobError, match="cannot listen here"):
        check_port(address, port)


def test_a_folder_without_a_workspace_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match="no workspace here"):
        serve(tmp_path, 8501)
