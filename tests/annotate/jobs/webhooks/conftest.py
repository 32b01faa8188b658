"""Shared by the tests of webhooks: a workspace that may send to this machine, and a real receiver."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from annotate.jobs.context import Context
from annotate.store import Delivery


@dataclass
class Receiver:
    """Receive webhooks; `answers` are the statuses of the next answers, then it is 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_workspace(tmp_path: Path) -> Iterator[Callable[[str], Context]]:
    """Open a workspace with given settings."""
    opened = []

    def make(settings: str) -> Context:
        (tmp_path / "pairloop.toml").write_text(settings, "utf-8")
        opened.append(Context.open(tmp_path))
        return opened[-1]

    yield make
    for context in opened:
        context.store.engine.dispose()


@pytest.fixture
def context(open_workspace: Callable[[str], Context]) -> Context:
    return open_workspace("[webhooks]\nallow_private = true\n")


@pytest.fixture
def deliveries(context: Context) -> Callable[[], list[Delivery]]:
    """Read all messages, oldest first."""

    def read() -> list[Delivery]:
        with context.store.reading() as session:
            return list(session.query(Delivery).order_by(Delivery.id))

    return read
