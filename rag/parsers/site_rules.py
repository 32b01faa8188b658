"""Read pages by the rules of their site."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import DocumentError
from rag.parsers.base import ParsedText, SiteRules
from rag.parsers.dates import read_date
from rag.parsers.markup import HIDDEN, remove, to_markdown

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_ADDRESS = (("link[rel=canonical]", "href"), ("meta[property='og:url']", "content"))


def load_site_rules(path: Path) -> tuple[SiteRules, ...]:
    """Read site rules from TOML, one `[[site]]` table a site with the fields of SiteRules.

    Raises DocumentError where the file, a key or a selector is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("site", [])
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DocumentError(f"{path}: no site rules: {reason}") from error
    known = {field.name for field in fields(SiteRules)}
    rules = []
    for table in tables:
        if unknown := sorted(set(table) - known):
            raise DocumentError(
                f"{path}: unknown keys {', '.join(unknown)}; there are {', '.join(sorted(known))}"
            )
        if not table.get("host"):
            raise DocumentError(f"{path}: a [[site]] without a host")
        rules.append(SiteRules(**(table | {"remove": tuple(table.get("remove", ()))})))
        _check_selectors(rules[-1])
    return tuple(rules)


def rules_for(address: str, sites: tuple[SiteRules, ...]) -> SiteRules | None:
    """Return the rules with the longest host that an address belongs to, or None."""
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        return None
    matching = [site for site in sites if f".{host}".endswith(f".{site.host.lower()}")]
    return max(matching, key=lambda site: len(site.host), default=None)


def page_address(tree: LexborHTMLParser) -> str:
    """Return the address that a saved page gives for itself, or an empty string."""
    for selector, attribute in _ADDRESS:
        node = tree.css_first(selector)
        if node is not None and node.attributes.get(attribute):
            return node.attributes[attribute] or ""
    return ""


def apply_rules(tree: LexborHTMLParser, rules: SiteRules) -> ParsedText:
    """Take title, content and date out of a page; a part that no selector finds is empty.

    Raises DocumentError for a selector that is not CSS.
    """
    _check_selectors(rules)
    title = _first_text(tree, rules.title)
    published = _first_date(tree, rules.date)
    for selector in (*rules.remove, HIDDEN):
        remove(tree, selector)
    content = _outermost(tree.css(rules.content)) if rules.content else []
    text = "\n\n".join(part for node in content if (part := to_markdown(node)))
    return ParsedText(title, text, published=published)


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    found = {node.mem_id: node for node in nodes}  # a list of selectors may match one node twice

    def is_inside(node: LexborNode) -> bool:
        parent = node.parent
        while parent is not None:
            if parent.mem_id in found:
                return True
            parent = parent.parent
        return False

    return [node for node in found.values() if not is_inside(node)]


def _first_text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector) if selector else None
    return " ".join((node.attributes.get("content") or node.text()).split()) if node is not None else ""


def _first_date(tree: LexborHTMLParser, selector: str) -> date | None:
    node = tree.css_first(selector) if selector else None
    if node is None:
        return None
    values = (node.attributes.get("datetime"), node.attributes.get("content"), node.text())
    return next((day for value in values if (day := read_date(value))), None)


def _check_selectors(rules: SiteRules) -> None:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    empty = LexborHTMLParser("")
    for selector in (rules.title, rules.content, rules.date, *rules.remove):
        try:
            if selector:
                empty.css_first(selector)
        except (SelectolaxError, ValueError) as error:
            raise DocumentError(f"rules of {rules.host}: {selector!r} is no CSS selector") from error
