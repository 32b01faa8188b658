"""Starting the server, and to whom it lies open."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from annotate.errors import JobError, SettingsError
from annotate.ui.server import OPTIONS, check_exposure, check_port, is_loopback, serve, server_command


def test_the_server_keeps_to_itself():
    command = server_command(8501, "127.0.0.1")
    assert "annotate.ui.asgi:from_environment" in command
    assert {"--host=127.0.0.1", "--port=8501", "--no-proxy-headers", "--no-server-header"} <= set(command)
    assert OPTIONS["browser.gatherUsageStats"] is False
    assert OPTIONS["client.showErrorDetails"] == "none"


def test_forwarded_headers_are_trusted_behind_a_proxy_alone():
    assert "--proxy-headers" in server_command(8501, "10.0.0.1", behind_proxy=True)
    assert "--proxy-headers" not in server_command(8501, "10.0.0.1")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone_needs_no_proxy(address: str):
    assert is_loopback(address)
    check_exposure(address, (), behind_proxy=False, force=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "label.example.org", ""])  # noqa: S104
def test_other_addresses_are_refused_without_tls(address: str):
    with pytest.raises(JobError, match="--behind-proxy --host NAME, or insist with --force"):
        check_exposure(address, (), behind_proxy=False, force=False)
    with pytest.raises(JobError, match="--behind-proxy needs --host NAME"):
        check_exposure(address, (), behind_proxy=True, force=False)
    check_exposure(address, ("label.example.org",), behind_proxy=True, force=False)
    check_exposure(address, (), behind_proxy=False, force=True)


def test_an_open_address_is_refused_before_anything_starts(empty_workspace):
    with pytest.raises(JobError, match="without TLS"):
        serve(empty_workspace.folder, 8501, address="0.0.0.0")  # noqa: S104


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


def test_the_running_server_joins_pages_probes_and_api_and_knows_its_names(quiet_server):
    def get(path: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(quiet_server.address + path, headers=headers)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.url.removeprefix(quiet_server.address)
        except urllib.error.HTTPError as error:
            return error.code, path

    assert get("/healthz") == (200, "/healthz")
    assert get("/api/v1/openapi.json") == (200, "/api/v1/openapi.json")
    assert get("/api/v1/runs") == (401, "/api/v1/runs")
    assert get("/runs", Accept="text/html") == (200, "/sign-in?next=/runs")
    assert get("/media/nothing") == (401, "/media/nothing")
    assert get("/healthz", Host="evil.example") == (400, "/healthz")
