"""A web site of our own, on a real HTTP server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rag.sources.rules import FetchRules

HTML = "text/html; charset=utf-8"


@dataclass
class Reply:
    """What the site says at one address; `drip_seconds` passes before each byte of the body."""

    body: str | bytes = ""
    content_type: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_seconds: float = 0.0


class Site(ThreadingHTTPServer):
    """Serve `pages`, by path with query; remember what was asked, and when."""

    daemon_threads = True
    Reply = Reply

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), _Handler)
        self.pages: dict[str, Reply | Callable[[BaseHTTPRequestHandler], Reply]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.moments: list[float] = []
        self.url = f"http://{address}:{self.server_port}"

    def put(self, path: str, *args: Any, **kwargs: Any) -> None:
        """Put a reply at an address."""
        self.pages[path] = Reply(*args, **kwargs)

    def redirect(self, path: str, target: str) -> None:
        self.pages[path] = Reply(status=302, headers={"Location": target})

    def page(self, path: str, *paragraphs: str, title: str = "", links: tuple[str, ...] = ()) -> None:
        """Put an ordinary page on the site."""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        text += "".join(f'<p><a href="{link}">Read more about it here</a></p>' for link in links)
        self.pages[path] = Reply(
            f"<html><head><title>{title}</title></head><body><article>{text}</article></body></html>"
        )

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.moments.append(time.monotonic())
        found = self.server.pages.get(self.path, Reply("nothing here", "text/plain", 404))
        reply = found if isinstance(found, Reply) else found(self)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        with suppress(OSError):  # a client that has had enough
            self.send_response(reply.status)
            headers = {"Content-Type": reply.content_type, "Content-Length": str(len(body))} | reply.headers
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            pieces = [body[n : n + 1] for n in range(len(body))] if reply.drip_seconds else [body]
            for piece in pieces:
                time.sleep(reply.drip_seconds)
                self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def make_site() -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(address: str = "127.0.0.1") -> Site:
        site = Site(address)
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.shutdown()
        site.server_close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()


@pytest.fixture
def local() -> FetchRules:
    """Rules that reach the site above without waiting."""
    return FetchRules(allow_private=True, delay_seconds=0.0, seconds_per_page=5.0)
