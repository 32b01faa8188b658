"""PDF files: their text layer, and clear errors for all that has none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.parsers.pdf import PdfParser

MakePdf = Callable[..., bytes]


def test_title_and_pages_are_read(tmp_path: Path, make_pdf: MakePdf) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_pdf("Returns take\nfourteen days.", "Second page.", title="Returns policy"))
    title, text = PdfParser().parse(file)
    assert title == "Returns policy"
    assert text == "Returns take\nfourteen days.\n\nSecond page."


def test_an_encrypted_pdf_is_an_error_that_says_so(tmp_path: Path, make_pdf: MakePdf) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_pdf("secret", password="swordfish"))
    with pytest.raises(DocumentError, match=r"(?i)unreadable PDF.*password"):
        PdfParser().parse(file)


@pytest.mark.parametrize("content", [b"", b"not a pdf at all", b"%PDF-1.4\ngarbage" * 20])
def test_garbage_is_an_error_with_a_reason(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(content)
    with pytest.raises(DocumentError, match="unreadable PDF"):
        PdfParser().parse(file)


def test_a_truncated_pdf_is_an_error_or_loses_nothing_silently(tmp_path: Path, make_pdf: MakePdf) -> None:
    whole = make_pdf("Returns take fourteen days.", "Second page.")
    file = tmp_path / "a.pdf"
    for share in (0.2, 0.5):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DocumentError):
            PdfParser().parse(file)


def test_a_pdf_without_a_text_layer_says_what_to_do(tmp_path: Path, make_pdf: MakePdf) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(make_pdf("", ""))
    with pytest.raises(DocumentError, match="text recognition"):
        PdfParser().parse(file)
