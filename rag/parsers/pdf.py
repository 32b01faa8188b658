"""Parse PDF files."""

from __future__ import annotations

from pathlib import Path

from rag.errors import DocumentError
from rag.parsers.base import ParsedText

MAX_PAGES = 2_000


class PdfParser:
    """Extract the text layer of a PDF with pdfium, a paragraph break between pages."""

    suffixes = frozenset({".pdf"})

    def parse(self, path: Path) -> ParsedText:
        """Return the title in the metadata and the text of all pages."""
        import pypdfium2 as pdfium

        try:
            document = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as error:
            raise DocumentError(f"unreadable PDF: {error}") from error
        try:
            if len(document) > MAX_PAGES:
                raise DocumentError(f"{len(document)} pages, more than the {MAX_PAGES} allowed")
            pages = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
            title = str(document.get_metadata_dict().get("Title", ""))
        finally:
            document.close()
        text = "\n\n".join(page.strip() for page in pages if page.strip())
        if not text:
            raise DocumentError("no text layer in this PDF (scanned pages need text recognition first)")
        return ParsedText(title, text)
