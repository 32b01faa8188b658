"""Fetch pages by HTTP within rules: judged addresses, limits, robots.txt, politeness."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

import httpx

from rag.errors import DocumentError
from rag.sources.page_cache import Page, PageCache
from rag.sources.robots import Robots
from rag.sources.rules import FetchRules
from rag.sources.transport import Deadline, GuardedTransport, PageStatusError

_BUSY = frozenset({429, 503})
_MAX_PAUSE_SECONDS = 30.0
_CUT_SHORT = "the compressed content is broken or cut short"


class Fetcher:
    """Fetch one page after another over kept connections; use as a context manager, in one thread."""

    def __init__(self, rules: FetchRules | None = None) -> None:
        self.rules = rules or FetchRules()
        self._deadline = Deadline()
        self._client = httpx.Client(
            transport=GuardedTransport(self.rules, self._deadline),
            headers={"User-Agent": self.rules.user_agent, "Accept-Encoding": "gzip"},
            trust_env=False,  # a proxy from the environment would resolve names behind our back
            follow_redirects=False,
        )
        self._robots = Robots(self.rules.user_agent, lambda url: self._follow(url, {}, obey=False).body)
        self._cache = PageCache(Path(self.rules.cache_folder)) if self.rules.cache_folder else None
        self._free_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None, *, robots: bool = True) -> Page:
        """Return the page at an address, after redirects.

        `headers` go to the site of the address only, never to another one that it redirects to.
        `robots` is for programmes' interfaces, which robots.txt does not speak of.
        Raises DocumentError with the reason where the page cannot or must not be fetched.
        """
        obey = robots and self.rules.obey_robots
        for attempt in range(self.rules.retries):
            try:
                return self._follow(url, headers or {}, obey=obey)
            except PageStatusError as error:
                if error.status not in _BUSY:
                    raise
                time.sleep(_pause_seconds(error.retry_after, attempt))
        return self._follow(url, headers or {}, obey=obey)

    def _follow(self, url: str, headers: Mapping[str, str], *, obey: bool) -> Page:
        target = checked_url(url)
        for _ in range(self.rules.max_redirects + 1):
            if obey:
                self._robots.check(target)
            self._wait(target)
            self._deadline.restart(self.rules.seconds_per_page)
            answer = self._ask(target, headers)
            if isinstance(answer, Page):
                return answer
            headers = headers if same_site(answer, target) else {}
            target = answer
        raise DocumentError(f"more than {self.rules.max_redirects} redirects")

    def _ask(self, url: httpx.URL, headers: Mapping[str, str]) -> Page | httpx.URL:
        """Return the page, or the address that it redirects to."""
        # What a secret in the headers opened is not kept on disk.
        cache = self._cache if not headers else None
        kept, conditions = (cache and cache.load(str(url))) or (None, {})
        try:
            request = self._client.build_request("GET", url, headers={**conditions, **headers})
            response = self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise DocumentError(f"cannot be fetched: {error}") from error
        try:
            if kept and response.status_code == httpx.codes.NOT_MODIFIED:
                return kept
            if response.has_redirect_location:
                return checked_url(response.headers["location"], url)
            page = self._page(url, response)
        finally:
            response.close()
        if cache:
            cache.save(page, response.headers)
        return page

    def _page(self, url: httpx.URL, response: httpx.Response) -> Page:
        if not response.is_success:
            raise PageStatusError(response.status_code, response.headers.get("retry-after", ""))
        limit = self.rules.max_bytes
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise DocumentError(f"larger than {limit:,} bytes")
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding in {"gzip", "x-gzip", "deflate"}:
            body = inflate(response.iter_raw(), limit)
        elif encoding in {"", "identity"}:
            body = _joined(response.iter_raw(), limit)
        else:
            raise DocumentError(f"sent in the encoding {encoding}, which we did not ask for")
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Page(str(url), content_type, response.charset_encoding or "", body)

    def _wait(self, url: httpx.URL) -> None:
        delay = max(self.rules.delay_seconds, self._robots.delay_seconds(url))
        now = time.monotonic()
        start = max(now, self._free_at.get(url.host, now))
        time.sleep(start - now)
        self._free_at[url.host] = start + delay


def checked_url(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """Parse an address, relative to `base` if given; raise DocumentError where it cannot be fetched."""
    try:
        parsed = (base.join(url) if base else httpx.URL(url)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise DocumentError(f"not a web address: {error}") from error
    if parsed.scheme not in {"http", "https"}:
        raise DocumentError("only http and https addresses are fetched")
    if not parsed.host:
        raise DocumentError("not a web address: no host")
    if (parsed.port or 0) > 65_535:
        raise DocumentError(f"not a web address: no port {parsed.port}")
    if parsed.userinfo:
        raise DocumentError("an address with a password in it is not fetched")
    return parsed


def same_site(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether two addresses share scheme, host and port."""
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def inflate(parts: Iterable[bytes], limit: int) -> bytes:
    """Unpack gzip or zlib data; raise DocumentError where it is broken or larger than `limit` bytes."""
    unpacker = zlib.decompressobj(wbits=47)  # 32 for either header, 15 for the largest window
    body = bytearray()
    try:
        for part in parts:
            body += unpacker.decompress(part, limit + 1 - len(body))
            if len(body) > limit:
                raise DocumentError(f"unpacks to more than {limit:,} bytes")
    except zlib.error as error:
        raise DocumentError(_CUT_SHORT) from error
    if not unpacker.eof:
        raise DocumentError(_CUT_SHORT)
    return bytes(body)


def _pause_seconds(retry_after: str, attempt: int) -> float:
    asked = float(retry_after) if retry_after.isdecimal() else 2.0**attempt
    return min(asked, _MAX_PAUSE_SECONDS)


def _joined(parts: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > limit:
            raise DocumentError(f"larger than {limit:,} bytes")
    return bytes(body)
