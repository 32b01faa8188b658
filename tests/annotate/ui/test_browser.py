"""A person labels with the keyboard, in a real browser on a real server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.store import Judgement

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START = "import sys; from pathlib import Path; from annotate.ui.server import serve; serve(Path(sys.argv[1]), int(sys.argv[2]))"  # noqa: E501
WAIT_SECONDS = 60

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]


@pytest.fixture
def address(workspace) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        [sys.executable, "-c", START, str(workspace.folder), str(port)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
    ) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail("the server did not start")


def test_a_pair_is_judged_with_the_keyboard_alone(workspace, address):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    requests: list[str] = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT_SECONDS * 1000)
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        page.get_by_label("Your name").fill("Vera")
        page.keyboard.press("Enter")
        question = page.locator(".pl-question")
        question.wait_for()
        first = question.inner_text()
        page.get_by_role("button", name="Undo").wait_for()
        # On a busy machine the keys come to life after the buttons are drawn.
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.wait_for_timeout(2000)
        page.keyboard.press("5")
        page.wait_for_function("seen => document.querySelector('.pl-question').innerText !== seen", arg=first)
        assert "1 of 6" in page.locator("[data-testid=stProgress]").inner_text()
        assert question.inner_text() != first
        browser.close()
    with workspace.store.reading() as session:
        found = list(session.scalars(select(Judgement).where(Judgement.channel == "screen")))
    assert len(found) == 1
    assert found[0].verdict in ("A_much_better", "B_much_better")
    assert not [url for url in requests if not url.startswith((address, "data:", "blob:"))]
