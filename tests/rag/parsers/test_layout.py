"""Docling, where it is asked for."""

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import docx
import pytest

from rag.errors import DocumentError
from rag.parsers import ParsedText, ParserOptions, parser_for
from rag.parsers.worker import LAYOUT_LIMITS, ParserWorker
from rag.sources.files import find_files

BY_LAYOUT = ParserOptions(layout=True)
with_docling = pytest.mark.skipif(find_spec("docling") is None, reason="Docling is not installed")
Parse = Callable[..., list[ParsedText]]


def test_the_option_chooses_the_parser_for_the_files_it_knows() -> None:
    for suffix, chosen in ((".pdf", "LayoutParser"), (".docx", "LayoutParser"), (".md", "TextParser")):
        assert type(parser_for(suffix, BY_LAYOUT)).__name__ == chosen
    assert type(parser_for(".pdf")).__name__ == "PdfParser"


def test_the_option_finds_the_files_that_only_docling_reads(tmp_path: Path) -> None:
    for name in ("a.md", "b.pptx", "c.xlsx", "d.exe"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files(tmp_path)] == ["a.md"]
    assert [path.name for path in find_files(tmp_path, BY_LAYOUT)] == ["a.md", "b.pptx", "c.xlsx"]


@pytest.mark.skipif(find_spec("docling") is not None, reason="Docling is installed here")
def test_a_missing_docling_says_what_to_do(parse: Parse, make_pdf: Callable[..., bytes]) -> None:
    with pytest.raises(DocumentError, match=r"pip install \"docling\[rapidocr\]\""):
        parse("a.pdf", make_pdf("text"), BY_LAYOUT)


def test_a_zip_bomb_is_refused_before_it_is_opened(parse: Parse, make_zip: Callable[..., bytes]) -> None:
    with pytest.raises(DocumentError, match="bombs"):
        parse("a.pptx", make_zip({"ppt/media/image1.png": bytes(64 << 20)}), BY_LAYOUT)


@with_docling
def test_a_word_file_is_read_within_the_limits_of_a_worker(tmp_path: Path) -> None:
    made, content = docx.Document(), BytesIO()
    made.add_heading("Возврат товара", 0)
    made.add_paragraph("Вернуть товар с его_чеком можно за 14 дней & без звонка.")
    row = made.add_table(rows=1, cols=2).rows[0].cells
    row[0].text, row[1].text = "Berlin", "5"
    made.save(content)
    (tmp_path / "a.docx").write_bytes(content.getvalue())
    with ParserWorker(LAYOUT_LIMITS) as worker:
        [found] = worker.parse(tmp_path / "a.docx", BY_LAYOUT)
    assert found.title == "Возврат товара"
    assert "Вернуть товар с его_чеком можно за 14 дней & без звонка." in found.text
    assert "| Berlin | 5 |" in found.text


@with_docling
def test_a_pdf_without_models_says_how_to_fetch_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_pdf: Callable[..., bytes]
) -> None:
    monkeypatch.setenv("DOCLING_CACHE_DIR", str(tmp_path))
    (tmp_path / "a.pdf").write_bytes(make_pdf("text"))
    with (
        ParserWorker(LAYOUT_LIMITS) as worker,
        pytest.raises(DocumentError, match="docling-tools models download"),
    ):
        worker.parse(tmp_path / "a.pdf", BY_LAYOUT)
