"""Read web pages by their addresses."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.worker import ParserWorker
from rag.sources.fetching import Fetcher
from rag.sources.files import Progress
from rag.sources.page_cache import Page
from rag.sources.parts import attempt, documents_of, printable
from rag.sources.rules import FetchRules

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/epub+zip": ".epub",
    "application/vnd.oasis.opendocument.text": ".odt",
}
# What servers say of files whose kind they do not know: the ending of the address knows better.
_VAGUE = {"", "text/plain", "application/octet-stream", "binary/octet-stream"}
_PASSWORD = re.compile(r"(?<=:)//[^/?#]*@")


def read_pages(
    urls: Iterable[str],
    collection: str = "",
    *,
    rules: FetchRules | None = None,
    options: ParserOptions | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Document | Failure]:
    """Fetch pages and files by their addresses and parse them in a limited worker process.

    Keys are `collection:address`; without a collection, each page belongs to that of its host.
    A page that cannot be fetched or read is a failure with its reason.
    """
    wanted = list(dict.fromkeys(urls))
    with PageReader(rules, options) as reader:
        for count, url in enumerate(wanted, start=1):
            yield from reader.read(url, collection)
            progress(count, len(wanted))


class PageReader:
    """Fetch and parse one page after another; use as a context manager."""

    def __init__(self, rules: FetchRules | None = None, options: ParserOptions | None = None) -> None:
        self.fetcher = Fetcher(rules)
        self._options = options or ParserOptions()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.fetcher)
        self._worker = self._open.enter_context(ParserWorker())
        self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="pairloop-pages-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(
        self, url: str, collection: str = "", published: date | None = None
    ) -> Iterator[Document | Failure]:
        """Yield the documents of one page, or the failure; `published` where the page names no date."""
        parsed = attempt(lambda: self.parse(self.fetcher.fetch(url)))
        key, source = page_key(url, collection), shown(url)
        yield from documents_of(parsed, key, source, page_title(url), published)

    def parse(self, page: Page) -> list[ParsedText]:
        """Return the texts of a fetched page; raise DocumentError with the reason."""
        path = self._folder / f"page{suffix_of(page)}"
        path.write_bytes(_in_utf8(page))
        return self._worker.parse(path, replace(self._options, url=page.url))


def page_key(url: str, collection: str = "") -> str:
    """Name a page: its collection, by default its host, and its address without the fragment."""
    return f"{collection or host_of(url) or 'web'}:{shown(url).partition('#')[0]}"


def shown(url: str) -> str:
    """Write an address as it may be kept: without a password."""
    return _PASSWORD.sub("//", printable(url), count=1)


def host_of(url: str) -> str:
    """Return the host of an address in lower case, or nothing where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a broken IPv6 address
        return ""


def suffix_of(page: Page) -> str:
    """Tell the kind of a page as a file suffix; raise DocumentError where no parser reads it."""
    ending = Path(urlsplit(page.url).path).suffix.lower()
    if page.content_type in _VAGUE:
        known = ending if parser_for(ending) else ".txt" if page.content_type == "text/plain" else ""
    else:
        known = _SUFFIXES.get(page.content_type, "")
    if not known or parser_for(known) is None:
        raise DocumentError(f"no parser for {page.content_type or 'content without a type'}")
    return known


def _in_utf8(page: Page) -> bytes:
    """Return the body, in UTF-8 where the server names another encoding of a text."""
    if not page.content_type.startswith(("text/", "application/xhtml")) or not page.charset:
        return page.body
    try:
        if codecs.lookup(page.charset).name == "utf-8":
            return page.body
        return page.body.decode(page.charset).encode()
    except (LookupError, UnicodeError):  # the server is wrong: the parser looks for itself
        return page.body


def page_title(url: str) -> str:
    """Name a page by the last part of its address, for pages that name themselves nothing."""
    return printable(unquote(Path(url.partition("?")[0].rstrip("/")).stem))
