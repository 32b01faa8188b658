"""Parse web pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cleaning.encoding import decode
from rag.errors import DocumentError
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.dates import read_date
from rag.parsers.markup import HIDDEN, parse_html, remove, to_markdown
from rag.parsers.site_rules import apply_rules, page_address, rules_for

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE
)
_MENUS = "nav, menu, [role=navigation]"
_FURNITURE = "aside, footer, form, dialog, [role=banner], [role=contentinfo]"
_DATES = {"original_date": True, "extensive_search": False}


class HtmlParser:
    """Extract the main text of a web page with trafilatura, or by the rules of its site.

    Scripts, menus and whatever the page hides from its reader go.
    """

    suffixes = frozenset({".html", ".htm", ".xhtml"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:
        """Return the page's title, main text as Markdown and date of publication."""
        data = path.read_bytes()
        declared = _DECLARED.search(data[:4096])
        tree = parse_html(decode(data, declared[1].decode("ascii", "replace") if declared else ""))
        rules = rules_for(options.url or page_address(tree), options.sites)
        by_rules = apply_rules(tree, rules) if rules else ParsedText("", "")
        remove(tree, f"{HIDDEN}, {_MENUS}")
        if by_rules.title and by_rules.text and by_rules.published:
            return [by_rules]
        general = _main_text(tree, options.url)
        title, text = by_rules.title or general.title, by_rules.text or general.text or _whole_text(tree)
        if not text.strip():
            raise DocumentError("no readable text in this page")
        return [ParsedText(title, text, published=by_rules.published or general.published)]


def _main_text(tree: LexborHTMLParser, url: str) -> ParsedText:
    import trafilatura

    page = trafilatura.bare_extraction(
        tree.html or "",
        url=url or None,
        include_formatting=True,
        include_tables=True,
        include_comments=False,
        favor_recall=True,
        with_metadata=True,
        date_extraction_params=dict(_DATES),
    )
    if page is None:
        title = tree.css_first("title")
        return ParsedText(title.text() if title is not None else "", "")
    return ParsedText(page.title or "", page.text or "", published=read_date(page.date))


def _whole_text(tree: LexborHTMLParser) -> str:
    """Return all text but the page's edges, for pages in which no main text stands out."""
    remove(tree, _FURNITURE)
    return to_markdown(tree.body) if tree.body is not None else ""
