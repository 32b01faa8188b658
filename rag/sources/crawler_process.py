"""Follow a site's links with Scrapy; runs as a process of its own, since its reactor starts only once.

A task comes as JSON on standard input; what is found goes to standard output, a JSON line a page.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

import scrapy
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.exceptions import CloseSpider
from scrapy.http import HtmlResponse, Response
from scrapy.linkextractors import IGNORED_EXTENSIONS, LinkExtractor

from rag.errors import DocumentError
from rag.parsers import PARSERS
from rag.sources.fetching import Fetcher
from rag.sources.page_cache import Page
from rag.sources.rules import FetchRules
from rag.sources.web import host_of

SETTINGS = {
    # Our fetcher obeys robots.txt, waits, follows redirects and unpacks. Whole lists, so that what a
    # later Scrapy switches on by itself (2.19 opens a port for remote control) stays off.
    "DOWNLOAD_HANDLERS_BASE": dict.fromkeys(("http", "https"), "rag.sources.crawler_process.FetcherHandler"),
    "DOWNLOADER_MIDDLEWARES_BASE": {"scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": 50},
    "EXTENSIONS_BASE": {},
    "CONCURRENT_REQUESTS": 1,
    "DOWNLOAD_DELAY": 0,
    "LOG_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
}


class FetcherHandler:
    """Download for Scrapy through our fetcher, one page at a time in one thread."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._domains: list[str] = settings.getlist("PAIRLOOP_DOMAINS")
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._fetcher = Fetcher(rules_from(settings.getdict("PAIRLOOP_RULES")))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FetcherHandler:
        """Make the handler, as Scrapy asks for it."""
        return cls(crawler)

    async def download_request(self, request: scrapy.Request) -> Response:
        """Return the response to a request; raise DocumentError where it must not or cannot be had."""
        loop = asyncio.get_running_loop()
        page = await loop.run_in_executor(self._thread, self._fetcher.fetch, request.url)
        if not within(page.url, self._domains):
            raise DocumentError(f"redirects to another site: {host_of(page.url)}")
        request.meta["page"] = page
        if "html" not in page.content_type:
            return Response(page.url, body=page.body, request=request)
        return HtmlResponse(page.url, body=page.body, request=request, encoding=page.charset or None)

    async def close(self) -> None:
        """Close the connections."""
        self._thread.shutdown()
        self._fetcher.__exit__()


class SiteSpider(scrapy.Spider):  # type: ignore[misc]  # Scrapy is not type-checked
    """Report every page of a site, and follow its links."""

    name = "pairloop"

    def __init__(self, task: dict[str, Any], answers: TextIO) -> None:
        super().__init__()
        self._answers = answers
        self.allowed_domains = list(task["domains"])
        self.start_urls = [task["url"]]
        self._folder = Path(task["folder"])
        self._left: int = task["max_pages"]
        readable = {suffix.lstrip(".") for parser in PARSERS for suffix in parser.suffixes}
        self._links = LinkExtractor(
            deny_extensions=[ending for ending in IGNORED_EXTENSIONS if ending not in readable],
        )

    async def start(self) -> Any:
        """Yield the request for the first page."""
        for url in self.start_urls:
            yield scrapy.Request(url, callback=self.parse, errback=self.failed)

    def parse(self, response: Response, **_: Any) -> Iterator[scrapy.Request]:
        """Report a page and yield requests for what it links to."""
        page: Page = response.meta["page"]
        path = self._folder / str(self._left)
        path.write_bytes(page.body)
        self._report(
            url=response.request.url if response.request else page.url,
            landed=page.url,
            content_type=page.content_type,
            charset=page.charset,
            file=str(path),
        )
        if isinstance(response, HtmlResponse):
            links = (link.url for link in self._links.extract_links(response))
            for url in filter(self._is_own, links):
                yield scrapy.Request(url, callback=self.parse, errback=self.failed)

    def failed(self, failure: Any) -> None:
        """Report a page that could not be fetched."""
        reason = str(failure.value) if failure.check(DocumentError) else repr(failure.value)
        self._report(url=failure.request.url, error=reason[:300])

    def _is_own(self, url: str) -> bool:
        return within(url, self.allowed_domains or [])

    def _report(self, **found: str) -> None:
        if self._left <= 0:
            raise CloseSpider("max_pages")
        self._left -= 1
        try:
            print(json.dumps(found), file=self._answers, flush=True)
        except BrokenPipeError:  # nobody listens any more
            os._exit(1)


def within(url: str, domains: list[str]) -> bool:
    """Tell whether an address is on one of the domains or below it."""
    host = host_of(url)
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def rules_from(values: dict[str, Any]) -> FetchRules:
    """Build the rules from what the task says."""
    return FetchRules(**values | {"allowed_addresses": frozenset(values["allowed_addresses"])})


def _crawl() -> None:
    task = json.load(sys.stdin)
    settings = SETTINGS | {
        "DEPTH_LIMIT": task["depth"],
        "PAIRLOOP_DOMAINS": task["domains"],
        "PAIRLOOP_RULES": task["rules"],
    }
    process = CrawlerProcess(settings)
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not look like an answer
    process.crawl(SiteSpider, task=task, answers=answers)
    process.start()


if __name__ == "__main__":
    _crawl()
