"""Turn what a parser found in one file or page into documents and failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.parsers.base import ParsedText

EMPTY = "empty document"


def documents_of(
    parsed: list[ParsedText] | DocumentError,
    key: str,
    source: str,
    title: str,
    published: date | None = None,
) -> Iterator[Document | Failure]:
    """Yield the documents of one file or page; a failure with its reason where there are none.

    `title` and `published` stand in where the parser found none. Parts with names have keys
    `key#name`, with a number where a name comes again.
    """
    if isinstance(parsed, DocumentError) or not parsed:
        yield Failure(key, source, printable(str(parsed)) if parsed else EMPTY)
        return
    seen: Counter[str] = Counter()
    for part in parsed:
        name = printable(part.name)
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}~{seen[name]}"
        part_key = f"{key}#{name}" if name else key
        if part.error or not part.text.strip():
            yield Failure(part_key, source, printable(part.error or EMPTY))
        else:
            yield Document(part_key, part.title or title, part.text, source, part.published or published)


def attempt(parse: Callable[[], list[ParsedText]]) -> list[ParsedText] | DocumentError:
    """Return what `parse` returns, or the DocumentError that it raises."""
    try:
        return parse()
    except DocumentError as error:
        return error


def printable(name: str) -> str:
    """Write the bytes of a file name that are not UTF-8 as escapes: no database takes them as they are."""
    return name.encode("utf-8", "backslashreplace").decode()
