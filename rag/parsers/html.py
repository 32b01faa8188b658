"""Parse web pages."""

from __future__ import annotations

from pathlib import Path

from rag.errors import DocumentError
from rag.parsers.base import ParsedText
from rag.parsers.text import decode


class HtmlParser:
    """Extract the main text of a web page with trafilatura, without menus and scripts."""

    suffixes = frozenset({".html", ".htm", ".xhtml"})

    def parse(self, path: Path) -> ParsedText:
        """Return the page's title and main text as Markdown."""
        import trafilatura

        page = decode(path.read_bytes())
        text = trafilatura.extract(
            page, output_format="markdown", include_tables=True, include_comments=False, favor_recall=True
        )
        if not text:
            raise DocumentError("no readable text in this page")
        metadata = trafilatura.extract_metadata(page)
        return ParsedText(str(metadata.title or "") if metadata else "", text)
