"""Parse PDF and Word files by their layout with Docling, an extra."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from rag.errors import DocumentError
from rag.parsers.base import ParsedText, ParserOptions


class LayoutParser:
    """Read columns, tables and scanned pages with Docling's models, about a page a second.

    Needs `pip install docling`, and limits such as `LAYOUT_LIMITS` in the worker.
    """

    suffixes = frozenset({".pdf", ".docx", ".pptx", ".xlsx"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the document as Markdown, tables included."""
        result = self._converter.convert(path, raises_on_error=False)
        text = result.document.export_to_markdown() if result.document is not None else ""
        if not text.strip():
            reasons = "; ".join(str(error.error_message) for error in result.errors) or "no text found"
            raise DocumentError(f"Docling cannot read this file: {reasons}")
        return [ParsedText(str(result.document.name or ""), text)]

    @cached_property
    def _converter(self) -> Any:
        try:
            converters = import_module("docling.document_converter")
        except ImportError as error:
            raise DocumentError(
                "layout parsing needs Docling: pip install docling, or leave the option out"
            ) from error
        return converters.DocumentConverter()
