"""Write HTML elements as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.errors import DocumentError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 2_000

# Small print in `font-size: 0.9em` is no hidden text, and neither is `hidden=until-found`.
HIDDEN = (
    "[hidden]:not([hidden=until-found]), [style*='display:none' i], [style*='display: none' i], "
    "[style*='visibility:hidden' i], [style*='visibility: hidden' i], "
    "[style*='font-size:0;' i], [style*='font-size:0px' i], [style$='font-size:0' i]"
)
NO_TEXT = (
    "head, script, style, noscript, template, svg, math annotation, iframe, object, button, select, textarea"
)
_BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|h[1-6]|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|t[rdh]|ul"
)
_LIST_DEPTH = 6
# Elements that end without an end tag, or have no inside, do not nest.
_NESTING_TAG = re.compile(
    r"<(?!/?(?:p|li|dt|dd|t[rhd]|tbody|thead|tfoot|colgroup|col|option|optgroup|area|base|br|embed|hr|img|input|link|meta"
    r"|param|source|track|wbr|path|circle|rect|use|item|itemref|rootfile)\b)(/?)[a-z](?:[^<>]*/(?=>))?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\n\f]+")


def parse_html(page: str) -> LexborHTMLParser:
    """Parse HTML; raise DocumentError where it nests so deep that every parser takes quadratic time."""
    from selectolax.lexbor import LexborHTMLParser

    depth = 0
    for tag in _NESTING_TAG.finditer(page):
        depth = max(0, depth - 1) if tag[1] else depth + (not tag[0].endswith("/"))
        if depth > MAX_DEPTH:
            raise DocumentError(f"more than {MAX_DEPTH:,} elements inside each other")
    return LexborHTMLParser(page)


def remove(root: LexborHTMLParser | LexborNode, selector: str) -> None:
    """Take the elements below the root that a selector matches out of the tree.

    Each goes once and inner ones before outer ones: the tree's memory does not survive freeing
    an element twice.
    """
    own = getattr(root, "mem_id", None)
    found = {node.mem_id: node for node in root.css(selector) if node.mem_id != own}
    for node in reversed(found.values()):
        node.decompose()


def to_markdown(root: LexborNode) -> str:
    """Write an element's text as Markdown: headings, lists, tables and code keep their form.

    Scripts, styles and forms are taken out of the tree first. Depth does not matter: nothing recurses.
    """
    remove(root, NO_TEXT)
    blocks = _Blocks()
    for node, entering in _walk(root):
        tag = node.tag or ""
        if tag == "-text":
            blocks.inline(node.text_content or "")
        elif tag == "br" and entering:
            blocks.inline("\n")
        elif _is_whole(node):
            if entering:
                blocks.close()
                blocks.add(_table(node) if tag == "table" else f"```\n{node.text().strip(chr(10))}\n```")
        elif _BLOCK.fullmatch(tag):
            blocks.close()
            blocks.enter(tag) if entering else blocks.leave(tag)
    blocks.close()
    return blocks.text()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node when its text begins and elements again when it ends; tables and code are one."""
    node: LexborNode | None = root
    depth = 0
    while node is not None:
        yield node, True
        child = None if node.tag == "-text" or _is_whole(node) else node.child
        if child is not None:
            node, depth = child, depth + 1
            continue
        while node is not None:
            if node.tag != "-text":
                yield node, False
            if depth == 0:
                return
            if node.next is not None:
                node = node.next
                break
            node, depth = node.parent, depth - 1


def _is_whole(node: LexborNode) -> bool:
    """Tell code and tables of data, which are written in one, from the tables that lay out a page."""
    if node.tag != "table":
        return node.tag == "pre"
    return all(table.mem_id == node.mem_id for table in node.css("table"))


class _Blocks:
    """Collect blocks of text, each with the mark that its element asks for."""

    def __init__(self) -> None:
        self._blocks: list[tuple[str, bool]] = []  # text, and whether it is a list item
        self._inline: list[str] = []
        self._mark = ""
        self._lists: list[str] = []

    def inline(self, text: str) -> None:
        self._inline.append(text if text == "\n" else _SPACES.sub(" ", text))

    def enter(self, tag: str) -> None:
        if tag[0] == "h" and tag[1:].isdigit():
            self._mark = "#" * int(tag[1:]) + " "
        elif tag in {"ul", "ol"}:
            self._lists.append(tag)
        elif tag == "li":
            indent = "  " * min(len(self._lists) - 1, _LIST_DEPTH)
            self._mark = indent + ("1. " if self._lists[-1:] == ["ol"] else "- ")

    def leave(self, tag: str) -> None:
        self._mark = ""
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()

    def close(self) -> None:
        """End the block that the inline text makes up."""
        lines = (" ".join(line.split()) for line in "".join(self._inline).split("\n"))
        text = (" " if self._mark.startswith("#") else "\n").join(line for line in lines if line)
        self._inline.clear()
        if text:
            self.add(self._mark + text, is_item=self._mark.endswith(("- ", "1. ")))
            self._mark = ""

    def add(self, text: str, *, is_item: bool = False) -> None:
        if text.strip():
            self._blocks.append((text, is_item))

    def text(self) -> str:
        pieces: list[str] = []
        after_item = False
        for text, is_item in self._blocks:
            pieces += ["\n" if is_item and after_item else "\n\n", text]
            after_item = is_item
        return "".join(pieces).strip("\n")


def _table(table: LexborNode) -> str:
    rows = [
        [" ".join(cell.text(separator=" ").split()) for cell in row.iter() if cell.tag in {"td", "th"}]
        for row in table.css("tr")
    ]
    caption = table.css_first("caption")
    title = " ".join(caption.text().split()) if caption is not None else ""
    return f"{title}\n\n{table_rows([row for row in rows if any(row)])}".strip("\n")


def table_rows(rows: list[list[str]]) -> str:
    """Write rows of cells as a Markdown table whose first row is the head; short rows are filled up."""
    if not rows:
        return ""
    width = max(map(len, rows))
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
