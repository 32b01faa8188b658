"""Crawl a site with Scrapy (the extra `crawl`), in a process of its own.

Scrapy follows links, counts depth and forgets nothing; it fetches through our own fetcher, so
that every page passes the same judged addresses, robots.txt, limits and politeness.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from rag.documents import Document, Failure
from rag.errors import CorpusError, DocumentError
from rag.parsers.base import ParserOptions
from rag.sources.fetching import checked_url
from rag.sources.files import Progress
from rag.sources.page_cache import Page
from rag.sources.parts import attempt, documents_of
from rag.sources.rules import FetchRules
from rag.sources.web import PageReader, host_of, page_key, page_title, shown


@dataclass(frozen=True)
class CrawlRules:
    """Say how far a crawl goes: hosts with their subdomains (by default the start's), depth, pages."""

    allowed_domains: tuple[str, ...] = ()
    depth: int = 3
    max_pages: int = 200


def crawl_site(
    url: str,
    collection: str = "",
    *,
    crawl: CrawlRules | None = None,
    rules: FetchRules | None = None,
    options: ParserOptions | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Document | Failure]:
    """Yield the documents of the pages that can be reached from an address by links.

    Keys are `collection:address`; the collection is by default the host. Links to other domains
    are not followed. Raises CorpusError where Scrapy is not installed or the address is not one.
    """
    if importlib.util.find_spec("scrapy") is None:
        raise CorpusError("crawling needs Scrapy: install pairloop[crawl]")
    try:
        start = checked_url(url)
    except DocumentError as error:
        raise CorpusError(f"{url}: {error}") from error
    crawl, rules = crawl or CrawlRules(), rules or FetchRules()
    domains = crawl.allowed_domains or (start.host,)
    scratch = tempfile.TemporaryDirectory(prefix="pairloop-crawl-")
    with PageReader(rules, options) as reader, scratch as folder:
        task = {
            "url": str(start),
            "domains": domains,
            "depth": crawl.depth,
            "max_pages": crawl.max_pages,
            "rules": asdict(rules) | {"allowed_addresses": sorted(rules.allowed_addresses)},
            "folder": folder,
        }
        # Longer than any one page may take, robots.txt, redirects and pauses included.
        silence_seconds = 120 + 4 * rules.seconds_per_page * (1 + rules.retries)
        for count, found in enumerate(_crawled(task, silence_seconds), start=1):
            yield from _read(found, reader, collection or host_of(url))
            progress(count, crawl.max_pages)


def _read(found: dict[str, Any], reader: PageReader, collection: str) -> Iterator[Document | Failure]:
    url = found["url"]
    key, source = page_key(url, collection), shown(url)
    if "error" in found:
        yield Failure(key, source, found["error"])
        return
    path = Path(found["file"])
    page = Page(found["landed"], found["content_type"], found["charset"], path.read_bytes())
    path.unlink()
    yield from documents_of(attempt(lambda: reader.parse(page)), key, source, page_title(url))


def _crawled(task: dict[str, Any], silence_seconds: float) -> Iterator[dict[str, Any]]:
    """Yield what the crawling process reports, a page or an error at a time."""
    with tempfile.TemporaryFile() as complaints, _child(task, complaints) as child:
        for line in _lines(child, silence_seconds):
            yield json.loads(line)
        if child.wait() != 0:
            complaints.seek(0)
            last = complaints.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            reason = last[:300] or f"no page came for {silence_seconds:g} seconds"
            yield {"url": task["url"], "error": f"the crawl broke off: {reason}"}


@contextmanager
def _child(task: dict[str, Any], complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "rag.sources.crawler_process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=complaints) as child:  # noqa: S603
        try:
            assert child.stdin is not None  # noqa: S101
            child.stdin.write(json.dumps(task).encode())
            child.stdin.close()
            yield child
        finally:
            child.kill()


def _lines(child: subprocess.Popen[bytes], silence_seconds: float) -> Iterator[bytes]:
    """Yield the lines of the child until it ends; kill it when none comes for too long."""
    assert child.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    line = b"start"
    while line:
        watchdog = threading.Timer(silence_seconds, child.kill)
        watchdog.start()
        try:
            line = child.stdout.readline()
        finally:
            watchdog.cancel()
        if line:
            yield line
