"""Read documents from a JSON interface, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.parsers.base import ParsedText, ParserOptions
from rag.sources.dates import parse_date
from rag.sources.fetching import checked_url, same_site
from rag.sources.files import Progress
from rag.sources.json_api_settings import ApiSettings
from rag.sources.page_cache import Page
from rag.sources.parts import attempt, documents_of, printable
from rag.sources.rules import FetchRules
from rag.sources.web import PageReader, host_of, page_key, shown

_TYPES = {"html": "text/html", "markdown": "text/markdown"}


def read_json_api(
    settings: ApiSettings | Path,
    collection: str = "",
    *,
    rules: FetchRules | None = None,
    options: ParserOptions | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Document | Failure]:
    """Yield a document for each row of a JSON interface, under keys `collection:id`.

    A row without an id or a text is a failure that names the path which found nothing; so is a
    page that cannot be read, which ends the reading. `progress` hears of every page.
    Raises CorpusError where the settings are wrong.
    """
    settings = ApiSettings.load(settings) if isinstance(settings, Path) else settings
    collection = collection or settings.collection or host_of(settings.url) or "web"
    headers = settings.filled_headers()
    with PageReader(rules, options) as reader:
        walk = _Walk(settings)
        while url := walk.url:
            try:
                page = reader.fetcher.fetch(url, headers, robots=False)
                data, rows = walk.read(page)
                for number, row in enumerate(rows, start=1):
                    place = f"page {walk.done} row {number}"
                    yield from _Row(settings, row, page, place).read(reader, collection)
                progress(walk.done, settings.pagination.max_pages)
                walk.move_on(data, page)
            except DocumentError as error:
                yield Failure(page_key(url, collection), shown(url), str(error))
                return


class _Walk:
    """Go from page to page; `url` is the next one, empty at the end."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        paging = settings.pagination
        self._number = paging.start if paging.start is not None else int(paging.kind == "page")
        self._rows: list[Any] = []
        self._seen: set[str] = set()
        self.done = 0
        self.url = self._filled("")

    def read(self, page: Page) -> tuple[Any, list[Any]]:
        """Return the data of a page and its rows; raise DocumentError where there are none to be had."""
        try:
            data = json.loads(page.body)
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"not JSON: {str(error)[:100]}") from error
        rows = find(self._settings.rows, data)
        self.done += 1
        if not rows and self.done == 1:
            raise DocumentError(f"rows: {self._settings.rows} found nothing{_keys(data)}")
        if rows and rows == self._rows:
            raise DocumentError(f"page {self.done} repeats the page before it")
        self._rows = rows
        return data, rows

    def move_on(self, data: Any, page: Page) -> None:
        """Set `url` to the next page; raise DocumentError where it must not be followed."""
        self._seen.add(self.url)
        self.url = self._next(data, page) if self._rows else ""
        if self.url and self.done >= self._settings.pagination.max_pages:
            raise DocumentError(f"stopped after the {self.done:,} pages allowed")

    def _next(self, data: Any, page: Page) -> str:
        paging = self._settings.pagination
        if paging.kind == "none":
            return ""
        if paging.kind in {"page", "offset"}:
            self._number += paging.step
            return self._filled("")
        found = next((str(value) for value in find(paging.path, data) if value not in (None, "", False)), "")
        if not found:
            return ""
        url = self._filled(found) if paging.kind == "cursor" else _linked(found, page)
        if url in self._seen:
            raise DocumentError("the pages go in a circle")
        return url

    def _filled(self, cursor: str) -> str:
        url = self._settings.url.replace("{page}", str(self._number)).replace("{offset}", str(self._number))
        if not cursor:  # the first page: a parameter that would be empty is left out
            head, mark, query = url.partition("?")
            kept = [part for part in query.split("&") if not part.endswith("={cursor}")]
            url = head + mark * bool(kept) + "&".join(kept)
        return url.replace("{cursor}", quote(cursor, safe=""))


def _linked(link: str, page: Page) -> str:
    here = checked_url(page.url)
    target = checked_url(link, here)
    if not same_site(target, here):
        raise DocumentError(f"the next page is on another site: {target.host}")
    return str(target)


@dataclass(frozen=True)
class _Row:
    settings: ApiSettings
    row: Any
    page: Page
    place: str

    def read(self, reader: PageReader, collection: str) -> Iterator[Document | Failure]:
        """Yield the document of the row, or the failure."""
        fields = self.settings.fields
        name = self._value(fields.id)
        source = self._source()
        key = f"{collection}:{printable(name or self.place)}"
        if not name:
            yield Failure(key, source, f"fields.id: {fields.id} found nothing{_keys(self.row)}")
            return
        published = next((parse_date(value) for value in find(fields.date, self.row)), None)
        title = printable(self._value(fields.title) or name)
        yield from documents_of(attempt(lambda: self._texts(reader)), key, source, title, published)

    def _texts(self, reader: PageReader) -> list[ParsedText]:
        fields = self.settings.fields
        text = "\n\n".join(_plain(value) for value in find(fields.text, self.row)).strip()
        if not text:
            raise DocumentError(f"fields.text: {fields.text} found nothing{_keys(self.row)}")
        title = _plain(self._value(fields.title))
        kind = _TYPES.get(self.settings.text_format)
        if kind is None:
            return [ParsedText(title, _plain(text))]
        parsed = reader.parse(Page(self._source(), kind, "utf-8", text.encode("utf-8", "replace")))
        return [part._replace(title=title or part.title) for part in parsed]

    def _value(self, path: str) -> str:
        return next((_plain(value).strip() for value in find(path, self.row)), "")

    def _source(self) -> str:
        address = self._value(self.settings.fields.url)
        try:
            return str(checked_url(address, checked_url(self.page.url))) if address else self.page.url
        except DocumentError:
            return self.page.url


def find(path: str, data: Any) -> list[Any]:
    """Return what a JSONPath finds, nothing for an empty path; raise DocumentError where it cannot run."""
    from jsonpath import JSONPathError, compile  # noqa: A004 - the library's name for it

    if not path:
        return []
    try:
        return list(compile(path).findall(data))
    except (JSONPathError, RecursionError) as error:
        raise DocumentError(f"{path}: {str(error).splitlines()[0]}") from error


def _plain(value: Any) -> str:
    """Write a JSON value as text that every database takes."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _keys(data: Any) -> str:
    if isinstance(data, dict) and data:
        return f"; the keys here are {', '.join(list(map(str, data))[:8])}"
    return ""
