"""Docling, where it is asked for."""

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from rag.errors import DocumentError
from rag.parsers import ParsedText, ParserOptions, parser_for


def test_the_option_chooses_the_parser_for_the_files_it_knows() -> None:
    for suffix, chosen in ((".pdf", "LayoutParser"), (".docx", "LayoutParser"), (".md", "TextParser")):
        assert type(parser_for(suffix, ParserOptions(layout=True))).__name__ == chosen
    assert type(parser_for(".pdf")).__name__ == "PdfParser"


@pytest.mark.skipif(find_spec("docling") is not None, reason="Docling is installed here")
def test_a_missing_docling_says_what_to_do(
    parse: Callable[..., list[ParsedText]], make_pdf: Callable[..., bytes]
) -> None:
    with pytest.raises(DocumentError, match="pip install docling"):
        parse("a.pdf", make_pdf("text"), ParserOptions(layout=True))
