"""Parse PDF files."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from rag.cleaning.hyphenation import join_hyphenated
from rag.cleaning.line_breaks import join_lines
from rag.cleaning.page_furniture import drop_repeated_lines
from rag.errors import DocumentError
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.dates import read_date

MAX_PAGES = 5_000
_PAGE_END = "\f"
MAX_CHARACTERS = 20_000_000
_CATALOGUE = re.compile(rb"(\d+)\s+(\d+)\s+obj\b(?:(?!endobj).){0,2000}?/Type\s*/Catalog", re.DOTALL)
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_UNSUPPORTED_SECURITY = 5  # FPDF_ERR_SECURITY


class PdfParser:
    """Extract the text layer of a PDF with pdfium, a paragraph break between pages.

    Running heads, page numbers and hyphens at line ends go, and paragraphs become one line each.
    """

    suffixes = frozenset({".pdf"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the title and date in the metadata and the text of all pages."""
        document, mended = _open(path)
        try:
            if len(document) > MAX_PAGES:
                raise DocumentError(f"{len(document):,} pages, more than the {MAX_PAGES:,} allowed")
            pages, broken = _pages(document)
            if broken and mended:
                raise DocumentError(f"truncated PDF: {broken} of {len(document)} pages are lost")
            metadata = document.get_metadata_dict()
        finally:
            document.close()
        pages = join_hyphenated(_PAGE_END.join(drop_repeated_lines(pages))).split(_PAGE_END)
        text = join_lines([page.strip("\n") for page in pages if page.strip()])
        if not text:
            raise DocumentError("no text layer in this PDF (scanned pages need text recognition first)")
        return [ParsedText(str(metadata.get("Title", "")), text, published=_published(metadata))]


def _open(path: Path) -> tuple[Any, bool]:
    """Return the document, and whether its end had to be written anew."""
    import pypdfium2 as pdfium

    try:
        return pdfium.PdfDocument(path), False
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in {_WRONG_PASSWORD, _UNSUPPORTED_SECURITY}:
            raise DocumentError("encrypted PDF: a password is needed") from error
        with suppress(pdfium.PdfiumError):
            if whole := _with_end(path.read_bytes()):
                return pdfium.PdfDocument(whole), True
        raise DocumentError(f"unreadable PDF: {error}") from error


def _with_end(data: bytes) -> bytes:
    """Return a PDF that lost its end with a new one, which names its catalogue; empty if there is none."""
    catalogues = _CATALOGUE.findall(data)
    if not catalogues:
        return b""
    number, generation = catalogues[-1]
    return data + b"\nendobj\ntrailer\n<</Root %b %b R>>\nstartxref\n0\n%%%%EOF\n" % (number, generation)


def _pages(document: Any) -> tuple[list[str], int]:
    """Return the texts of the pages that can be read, and how many cannot."""
    import pypdfium2 as pdfium

    pages, characters, broken = [], 0, 0
    for number in range(len(document)):
        try:
            page = document[number]
            text_page = page.get_textpage()
            pages.append(text_page.get_text_range().replace("\r\n", "\n"))
            text_page.close()
            page.close()
        except pdfium.PdfiumError:
            broken += 1  # a damaged page: the others are worth reading
        characters += len(pages[-1]) if pages else 0
        if characters > MAX_CHARACTERS:
            raise DocumentError(f"more than {MAX_CHARACTERS:,} characters of text")
    if broken and not pages:
        raise DocumentError(f"unreadable PDF: all {broken} pages are damaged")
    return pages, broken


def _published(metadata: dict[str, str]) -> date | None:
    return read_date(metadata.get("CreationDate")) or read_date(metadata.get("ModDate"))
