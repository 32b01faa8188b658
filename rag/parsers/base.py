"""Define what a parser is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol


class ParsedText(NamedTuple):
    """Hold what a parser found: a title (may be empty) and clean text in Markdown."""

    title: str
    text: str


class Parser(Protocol):
    """Turn one file into text; raise DocumentError with the reason where it cannot."""

    suffixes: frozenset[str]

    def parse(self, path: Path) -> ParsedText:
        """Read the file and return its title and text."""
        ...
