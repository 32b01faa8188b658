"""Read the pages that a site's sitemap lists (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.parsers.base import ParserOptions
from rag.sources.dates import parse_date
from rag.sources.fetching import Fetcher, checked_url, inflate
from rag.sources.files import Progress
from rag.sources.page_cache import Page
from rag.sources.rules import FetchRules
from rag.sources.web import PageReader, host_of, page_key, shown

MAX_SITEMAPS = 200


class SitemapEntry(NamedTuple):
    """Hold one address of a sitemap and when the page last changed."""

    url: str
    modified: date | None = None


def read_sitemap(
    url: str,
    collection: str = "",
    *,
    rules: FetchRules | None = None,
    options: ParserOptions | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Document | Failure]:
    """Fetch and parse the pages of a sitemap, or of a sitemap of sitemaps, plain or gzipped.

    Only pages of the sitemap's own host are read, `rules.max_pages` at most. Keys are
    `collection:address`; the collection is by default the host.
    """
    with PageReader(rules, options) as reader:
        listing = Listing(reader.fetcher, url, collection)
        entries = listing.entries()
        yield from listing.failures
        for count, entry in enumerate(entries, start=1):
            yield from reader.read(entry.url, collection, entry.modified)
            progress(count, len(entries))


class Listing:
    """Walk through a sitemap and those that it names; `failures` say what was left out."""

    def __init__(self, fetcher: Fetcher, url: str, collection: str = "") -> None:
        self.failures: list[Failure] = []
        self._fetcher = fetcher
        self._collection = collection
        self._hosts = {host_of(url)}
        self._waiting = [url]
        self._seen = {url}

    def entries(self) -> list[SitemapEntry]:
        """Return the pages in the sitemap's order, each once, `max_pages` at most."""
        found: dict[str, SitemapEntry] = {}
        limit = self._fetcher.rules.max_pages
        while self._waiting:
            url = self._waiting.pop(0)
            try:
                page = self._fetcher.fetch(url)
                if len(self._seen) == 1:  # the first sitemap may redirect to the site's proper name
                    self._hosts.add(host_of(page.url))
                pages, maps = _parsed(page, self._fetcher.rules.max_bytes)
            except DocumentError as error:
                self._left_out(url, str(error))
                continue
            self._wait_for(url, self._own(url, maps))
            for entry in self._own(url, pages):
                found.setdefault(entry.url, entry)
            if len(found) > limit:
                self._left_out(url, f"lists more than the {limit:,} pages allowed; the rest is left out")
                break
        return list(found.values())[:limit]

    def _own(self, sitemap: str, entries: list[SitemapEntry]) -> list[SitemapEntry]:
        own = [entry for entry in entries if host_of(entry.url) in self._hosts]
        if len(own) < len(entries):
            self._left_out(sitemap, f"{len(entries) - len(own)} addresses on other hosts are left out")
        return own

    def _wait_for(self, sitemap: str, maps: list[SitemapEntry]) -> None:
        for entry in maps:
            if entry.url in self._seen:
                continue
            if len(self._seen) >= MAX_SITEMAPS:
                self._left_out(sitemap, f"more than {MAX_SITEMAPS} sitemaps; the rest is left out")
                break
            self._seen.add(entry.url)
            self._waiting.append(entry.url)

    def _left_out(self, sitemap: str, reason: str) -> None:
        self.failures.append(Failure(page_key(sitemap, self._collection), shown(sitemap), reason))


def _parsed(page: Page, limit: int) -> tuple[list[SitemapEntry], list[SitemapEntry]]:
    """Return the pages and the sitemaps that a sitemap lists."""
    body = inflate([page.body], limit) if page.body.startswith(b"\x1f\x8b") else page.body
    if page.content_type == "text/plain" and b"<" not in body[:200]:
        lines = body.decode("utf-8-sig", "replace").split()
        return [entry for line in lines for entry in _entry(line, "", page)], []
    # Entities and external references in a sitemap are never honest.
    from defusedxml.ElementTree import iterparse

    found: dict[str, list[SitemapEntry]] = {"url": [], "sitemap": []}
    try:
        for _, element in iterparse(io.BytesIO(body)):
            name = _local_name(element)
            if name in found:
                values = {_local_name(child): (child.text or "").strip() for child in element}
                found[name] += _entry(values.get("loc", ""), values.get("lastmod", ""), page)
                element.clear()
    except (ParseError, ValueError) as error:
        raise DocumentError(f"not a readable sitemap: {type(error).__name__}") from error
    if not any(found.values()):
        raise DocumentError("this sitemap lists nothing")
    return found["url"], found["sitemap"]


def _entry(address: str, modified: str, page: Page) -> list[SitemapEntry]:
    try:
        url = checked_url(address, checked_url(page.url))
    except DocumentError:
        return []
    return [SitemapEntry(str(url), parse_date(modified))] if address else []


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
