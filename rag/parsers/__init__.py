"""Turn files into text: one parser a file, one registry by suffix."""

from rag.parsers.base import ParsedText, Parser
from rag.parsers.html import HtmlParser
from rag.parsers.pdf import PdfParser
from rag.parsers.text import TextParser

PARSERS: tuple[Parser, ...] = (TextParser(), HtmlParser(), PdfParser())


def parser_for(suffix: str) -> Parser | None:
    """Return the parser of a file suffix such as `.pdf`, or None."""
    return next((parser for parser in PARSERS if suffix.lower() in parser.suffixes), None)


__all__ = ["PARSERS", "ParsedText", "Parser", "parser_for"]
