"""Turn files into text: one parser a file, one registry by suffix."""

from rag.parsers.base import Columns, ParsedText, Parser, ParserOptions, SiteRules
from rag.parsers.epub import EpubParser
from rag.parsers.html import HtmlParser
from rag.parsers.layout import LayoutParser
from rag.parsers.pdf import PdfParser
from rag.parsers.tables import JsonLinesParser, TableParser
from rag.parsers.text import TextParser
from rag.parsers.word import WordParser

PARSERS: tuple[Parser, ...] = (
    TextParser(),
    HtmlParser(),
    PdfParser(),
    WordParser(),
    TableParser(),
    JsonLinesParser(),
    EpubParser(),
)
_LAYOUT_PARSER = LayoutParser()


def parser_for(suffix: str, options: ParserOptions | None = None) -> Parser | None:
    """Return the parser of a file suffix such as `.pdf`, or None."""
    parsers = (_LAYOUT_PARSER, *PARSERS) if options is not None and options.layout else PARSERS
    return next((parser for parser in parsers if suffix.lower() in parser.suffixes), None)


__all__ = [
    "PARSERS",
    "Columns",
    "ParsedText",
    "Parser",
    "ParserOptions",
    "SiteRules",
    "parser_for",
]
