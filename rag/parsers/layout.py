"""Parse PDF and office files by their layout with Docling, an extra."""

from __future__ import annotations

import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from rag.errors import DocumentError
from rag.parsers.archives import open_archive
from rag.parsers.base import ParsedText, ParserOptions

# The recogniser of Russian reads Latin letters too; that of Docling's choice leaves Cyrillic ones out.
LANGUAGE = "iso:ru"
DOWNLOAD = (
    "docling-tools models download layout tableformer rapidocr "
    f"--rapidocr-backend-lang onnxruntime:{LANGUAGE}"
)
_PDF = ".pdf"


class LayoutParser:
    """Read columns, tables and scanned pages with Docling, PDF at about a page a second.

    Needs `pip install "docling[rapidocr]"`, limits such as `LAYOUT_LIMITS` in the worker, and for PDF
    models, which DOWNLOAD fetches once: a parser fetches nothing.
    """

    suffixes = frozenset({_PDF, ".docx", ".pptx", ".xlsx"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the document as Markdown, tables included, under the title in its text, if any."""
        if path.suffix.lower() == _PDF:
            self._load_models()
        else:
            open_archive(path).close()  # no bombs
        result = self._converter.convert(path, raises_on_error=False)
        document = result.document
        text = _markdown(document) if document is not None else ""
        if not text.strip():
            reasons = "; ".join(str(error.error_message) for error in result.errors) or "no text found"
            raise DocumentError(f"Docling cannot read this file: {reasons}")
        title = next((item.text for item in document.texts if item.label == "title"), "")
        return [ParsedText(title, text)]

    def _load_models(self) -> None:
        converter = self._converter
        from docling.datamodel.base_models import InputFormat

        try:
            converter.initialize_pipeline(InputFormat.PDF)
        except (OSError, RuntimeError) as error:  # the hub's and transformers' errors are of these kinds
            raise DocumentError(
                "Docling's models for PDF are missing or damaged; fetch them once by "
                f"`{DOWNLOAD}`, or leave the option out"
            ) from error

    @cached_property
    def _converter(self) -> Any:
        _name_temporary_folder()
        try:
            from docling.datamodel.base_models import InputFormat
            from docling.datamodel.pipeline_options import OcrAutoOptions, PdfPipelineOptions
            from docling.document_converter import DocumentConverter, PdfFormatOption
        except ImportError as error:
            raise DocumentError(
                'layout parsing needs Docling: pip install "docling[rapidocr]", or leave the option out'
            ) from error
        options = PdfPipelineOptions(artifacts_path=_models(), ocr_options=OcrAutoOptions(lang=[LANGUAGE]))
        return DocumentConverter(format_options={InputFormat.PDF: PdfFormatOption(pipeline_options=options)})


def _markdown(document: Any) -> str:
    """Return the text as it reads, without signs that only a renderer of Markdown would take away."""
    text: str = document.export_to_markdown(
        escape_html=False, escape_underscores=False, image_placeholder="", compact_tables=True
    )
    return text


def _models() -> Path:
    """Return where the models lie: where the environment says, else where Docling's own tool puts them."""
    from docling.datamodel.settings import settings

    folder: Path = settings.artifacts_path or settings.cache_dir / "models"
    return folder


def _name_temporary_folder() -> None:
    """Let libraries that name a folder for temporary files as they are imported find one.

    A worker may write no files, which Python tries before it names a folder.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = os.sep
