"""Parse Word files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.errors import DocumentError
from rag.parsers.archives import open_archive
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.dates import read_date
from rag.parsers.markup import table_rows

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import BaseStyle

_OLE = b"\xd0\xcf\x11\xe0"
_HEADING = re.compile(r"(?:heading|заголовок) ([1-9])")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARAGRAPH, _TABLE, _ROW, _CELL, _VALUE = (_WORD + tag for tag in ("p", "tbl", "tr", "tc", "val"))
_SIGNS = {_WORD + "tab": " ", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}
_MAX_LIST_DEPTH = 8
_TEXT_ENTRY = "word/document.xml"
# What every file made by python-docx says unless its maker says otherwise.
_TEMPLATE_SAVED = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)


class WordParser:
    """Read .docx with headings, lists and tables as Markdown; deleted and hidden revisions go."""

    suffixes = frozenset({".docx"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the title and date of the core properties, and the text.

        Where all but the text is damaged, the text comes alone, by Word's usual names of styles.
        """
        import zlib
        from zipfile import BadZipFile

        import docx
        from docx.opc.exceptions import OpcError

        _check(path)
        try:
            return [_text_with_styles(docx.Document(str(path)))]
        except (BadZipFile, zlib.error, OpcError, SyntaxError, KeyError, ValueError, AttributeError) as error:
            return [_text_alone(path, str(error))]


def _text_with_styles(document: Document) -> ParsedText:
    blocks = _Blocks(_styles(document))
    text = blocks.markdown(document.element.body)
    facts = document.core_properties
    saved = facts.modified or facts.created
    published = None if saved == _TEMPLATE_SAVED else read_date(saved)
    return ParsedText(facts.title or blocks.first_heading, text, published=published)


def _check(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise DocumentError(
                "encrypted, or a .doc under another name: save it as .docx without a password"
            )
    open_archive(path).close()


def _text_alone(path: Path, damage: str) -> ParsedText:
    from docx.oxml import parse_xml

    try:
        with open_archive(path) as archive:
            body = parse_xml(archive.read(_TEXT_ENTRY)).find(_WORD + "body")
    except Exception as error:  # whatever a damaged archive raises, the first damage is the reason
        raise DocumentError(f"broken Word file: {damage}") from error
    if body is None:
        raise DocumentError(f"broken Word file: {damage}")
    blocks = _Blocks(_USUAL_STYLES)
    text = blocks.markdown(body)
    return ParsedText(blocks.first_heading, text)


class _Styles(NamedTuple):
    """Hold what style ids mean: levels of headings, marks of lists, formats by list number and level."""

    levels: dict[str, int]
    marks: dict[str, str]
    formats: dict[tuple[str, str], str]


_USUAL_STYLES = _Styles(
    {"Title": 1} | {f"Heading{level}": level for level in range(1, 7)},
    {"ListBullet": "- ", "ListNumber": "1. "},
    {},
)


def _styles(document: Document) -> _Styles:
    # A file brings 160 styles along and uses three; to look at them all takes longer than its text.
    used = {style.get(_VALUE) for style in document.element.body.iter(_WORD + "pStyle")}
    levels, marks = {}, {}
    for style in document.styles:
        if (style_id := style.style_id) not in used:
            continue
        if (level := _heading_level(style)) is not None:
            levels[style_id] = level
        name = (style.name or "").lower()
        if name.startswith(("list bullet", "list number")):
            marks[style_id] = "1. " if "number" in name else "- "
    return _Styles(levels, marks, _number_formats(document))


class _Blocks:
    """Write the paragraphs and tables of one document as Markdown."""

    def __init__(self, styles: _Styles) -> None:
        self.first_heading = ""
        self._levels, self._list_styles, self._formats = styles

    def markdown(self, body: Any) -> str:
        """Return the blocks of a body as one text."""
        return "".join(self._blocks(body)).strip("\n")

    def _blocks(self, body: Any) -> Iterator[str]:
        """Yield the blocks, each with the line breaks before it."""
        after_item = False
        for element in _elements(body):
            if element.tag == _TABLE:
                text, is_item = table_rows([_cells(row) for row in element.iter(_ROW)]), False
            else:
                text, is_item = self._paragraph(element)
            if text:
                yield "\n" if is_item and after_item else "\n\n"
                yield text
                after_item = is_item

    def _paragraph(self, element: Any) -> tuple[str, bool]:
        text = _text(element)
        if not text:
            return "", False
        style = element.find(f"{_WORD}pPr/{_WORD}pStyle")
        style_id = style.get(_VALUE) if style is not None else ""
        if style_id in self._levels:
            line = " ".join(text.split())
            self.first_heading = self.first_heading or line
            return "#" * self._levels[style_id] + " " + line, False
        mark = self._list_mark(element, style_id)
        return mark + text, bool(mark)

    def _list_mark(self, element: Any, style_id: str) -> str:
        numbering = element.find(f"{_WORD}pPr/{_WORD}numPr")
        if numbering is None:
            return self._list_styles.get(style_id, "")
        level, number = (
            node.get(_VALUE, "0") if (node := numbering.find(_WORD + tag)) is not None else "0"
            for tag in ("ilvl", "numId")
        )
        if number == "0":  # the way Word takes a paragraph out of its style's list
            return ""
        indent = "  " * min(int(level), _MAX_LIST_DEPTH) if level.isdigit() else ""
        return indent + ("- " if self._formats.get((number, level), "bullet") == "bullet" else "1. ")


def _heading_level(style: BaseStyle) -> int | None:
    name = (style.name or "").lower()
    if name == "title":
        return 1
    if match := _HEADING.match(name):
        return min(int(match[1]), 6)
    outline = style.element.find(f"{_WORD}pPr/{_WORD}outlineLvl")
    level = outline.get(_VALUE, "9") if outline is not None else "9"
    return int(level) + 1 if level.isdigit() and int(level) < 6 else None


def _number_formats(document: Document) -> dict[tuple[str, str], str]:
    """Map number id and level of the document's lists to a format such as `bullet` or `decimal`."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        numbering = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element  # type: ignore[attr-defined]
    except KeyError:
        return {}
    levels = {
        (kind.get(_WORD + "abstractNumId"), level.get(_WORD + "ilvl")): form.get(_VALUE)
        for kind in numbering.iterfind(_WORD + "abstractNum")
        for level in kind.iterfind(_WORD + "lvl")
        if (form := level.find(_WORD + "numFmt")) is not None
    }
    kinds = {
        number.get(_WORD + "numId"): kind.get(_VALUE)
        for number in numbering.iterfind(_WORD + "num")
        if (kind := number.find(_WORD + "abstractNumId")) is not None
    }
    return {
        (number, level): form
        for number, used in kinds.items()
        for (kind, level), form in levels.items()
        if kind == used
    }


def _elements(body: Any) -> Iterator[Any]:
    """Yield paragraphs and tables in order, also those inside content controls and revisions."""
    for child in body:
        if child.tag in {_PARAGRAPH, _TABLE}:
            yield child
        elif isinstance(child.tag, str):
            yield from _elements(child)


def _cells(row: Any) -> list[str]:
    return [_text(cell) for cell in row.iterchildren(_CELL)]


def _text(element: Any) -> str:
    pieces = []
    hidden = {node for fallback in element.iter(_FALLBACK) for node in fallback.iter()}
    for node in element.iter():
        if node in hidden:
            continue
        if node.tag == _WORD + "t":
            pieces.append(node.text or "")
        elif node.tag in _SIGNS:
            pieces.append(_SIGNS[node.tag])
        elif node.tag == _PARAGRAPH and pieces:
            pieces.append("\n")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)
