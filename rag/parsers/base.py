"""Define what a parser is: what it is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol


class ParsedText(NamedTuple):
    """Hold one text that a parser found: its title (may be empty) and clean text in Markdown.

    `name` tells apart the texts of a file that holds several, such as the rows of a table.
    A part that could not be read has an `error`, the reason, and no text.
    """

    title: str
    text: str
    name: str = ""
    published: date | None = None
    error: str = ""


@dataclass(frozen=True)
class Columns:
    """Say which columns of a table, or keys of a JSON object, become which part of a document.

    Several text columns are written one a line, each under its column's name.
    """

    text: tuple[str, ...]
    title: str = ""
    id: str = ""
    date: str = ""


@dataclass(frozen=True)
class SiteRules:
    """Say by CSS selectors where one site's pages keep their parts.

    They hold for `host` and its subdomains. `content` may match several elements; what
    `remove` matches goes first. An empty selector leaves that part to the general method.
    """

    host: str
    title: str = ""
    content: str = ""
    remove: tuple[str, ...] = ()
    date: str = ""


@dataclass(frozen=True)
class ParserOptions:
    """Say how to parse: columns of tables, rules of sites, the address that a page came from.

    `layout` asks for Docling, which reads columns, tables and scans of PDF and Word files.
    """

    columns: Columns | None = None
    sites: tuple[SiteRules, ...] = ()
    url: str = ""
    layout: bool = False


class Parser(Protocol):
    """Turn one file into texts; raise DocumentError with the reason where it cannot."""

    suffixes: frozenset[str]

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        """Read the file and return its texts, at least one."""
        ...
