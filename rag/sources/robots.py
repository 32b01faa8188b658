"""Obey the robots.txt of each site (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.robotparser import RobotFileParser

import httpx

from rag.errors import DocumentError
from rag.sources.transport import PageStatusError

MAX_BYTES = 512 << 10  # RFC 9309 asks to read at least so much
MAX_DELAY_SECONDS = 60.0


class Robots:
    """Read each site's robots.txt once, by the given function, and answer from it."""

    def __init__(self, user_agent: str, read: Callable[[str], bytes]) -> None:
        self._user_agent = user_agent
        self._read = read
        self._sites: dict[str, RobotFileParser] = {}

    def check(self, url: httpx.URL) -> None:
        """Raise DocumentError where the site does not want this page to be fetched."""
        if not self._site(url).can_fetch(self._user_agent, str(url)):
            raise DocumentError("the site's robots.txt forbids it")

    def delay_seconds(self, url: httpx.URL) -> float:
        """Return the delay between requests that the site asks for, a minute at most."""
        site = self._sites.get(_origin(url))
        delay = site.crawl_delay(self._user_agent) if site else None
        return min(float(delay or 0), MAX_DELAY_SECONDS)

    def _site(self, url: httpx.URL) -> RobotFileParser:
        origin = _origin(url)
        if origin not in self._sites:
            self._sites[origin] = self._parsed(f"{origin}/robots.txt")
        return self._sites[origin]

    def _parsed(self, url: str) -> RobotFileParser:
        rules = RobotFileParser(url)
        try:
            text = self._read(url)[:MAX_BYTES].decode("utf-8-sig", "replace")
        except PageStatusError as error:
            # No such file means no rules; a broken server means: stay away.
            text = "" if 400 <= error.status < 500 else "User-agent: *\nDisallow: /"
        rules.parse(text.splitlines())
        return rules


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
