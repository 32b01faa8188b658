"""PDF files: their text layer, and clear errors for all that has none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.parsers import ParsedText, ParserOptions
from rag.parsers.pdf import PdfParser

MakePdf = Callable[..., bytes]
Parse = Callable[..., list[ParsedText]]


def test_title_and_pages_are_read(parse: Parse, make_pdf: MakePdf) -> None:
    [found] = parse("a.pdf", make_pdf("Returns take\nfourteen days.", "Second page.", title="Returns policy"))
    assert found.title == "Returns policy"
    assert found.text == "Returns take\nfourteen days.\n\nSecond page."


def test_the_date_of_creation_is_read(parse: Parse, make_raw_pdf: Callable[[list[bytes]], bytes]) -> None:
    pdf = make_raw_pdf([*one_page(b"BT /T 9 Tf (Returns) Tj ET"), b"<</CreationDate(D:20240312101500Z)>>"])
    pdf = pdf.replace(b"/Root 1 0 R", b"/Root 1 0 R/Info 6 0 R")
    assert str(parse("a.pdf", pdf)[0].published) == "2024-03-12"


def test_running_heads_page_numbers_and_hyphens_go(parse: Parse, make_pdf: MakePdf) -> None:
    bodies = [
        "Goods can be re-\nturned within two weeks.",
        "Opened goods stay.",
        "Refunds take three days.",
        "End.",
    ]
    pages = [f"Shop handbook\n{body}\nPage {number} of 4" for number, body in enumerate(bodies, start=1)]
    [found] = parse("a.pdf", make_pdf(*pages))
    assert found.text.count("Shop handbook") == 1
    assert "Page" not in found.text
    assert "returned\nwithin two weeks." in found.text
    for body in bodies[1:]:
        assert body in found.text


def test_an_encrypted_pdf_is_an_error_that_says_so(parse: Parse, make_pdf: MakePdf) -> None:
    with pytest.raises(DocumentError, match="encrypted PDF: a password"):
        parse("a.pdf", make_pdf("secret", password="swordfish"))


@pytest.mark.parametrize("content", [b"", b"not a pdf at all", b"%PDF-1.4\ngarbage" * 20])
def test_garbage_is_an_error_with_a_reason(parse: Parse, content: bytes) -> None:
    with pytest.raises(DocumentError, match="unreadable PDF"):
        parse("a.pdf", content)


def test_a_pdf_without_its_end_is_read_whole_or_not_at_all(parse: Parse, make_pdf: MakePdf) -> None:
    data = make_pdf("Goods can be returned.", "The warranty lasts for two years.")
    [whole] = parse("a.pdf", data)
    cut = data[: data.rindex(b"xref\n0")]
    [mended] = parse("a.pdf", cut)
    assert mended.text == whole.text


def test_a_truncated_pdf_is_an_error_or_loses_nothing_silently(parse: Parse, make_pdf: MakePdf) -> None:
    whole = make_pdf("Returns take fourteen days.", "Second page.")
    for share in (0.2, 0.5):
        with pytest.raises(DocumentError):
            parse("a.pdf", whole[: int(len(whole) * share)])


def test_a_pdf_without_a_text_layer_says_what_to_do(parse: Parse, make_pdf: MakePdf) -> None:
    with pytest.raises(DocumentError, match="text recognition"):
        parse("scan.pdf", make_pdf("", ""))


def test_ten_thousand_pages_are_refused_at_once(
    tmp_path: Path, make_raw_pdf: Callable[[list[bytes]], bytes]
) -> None:
    count = 10_000
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * count
    tree = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)]
    file = tmp_path / "many.pdf"
    file.write_bytes(make_raw_pdf([*tree, *pages]))
    with pytest.raises(DocumentError, match=r"10,000 pages, more than the 5,000 allowed"):
        PdfParser().parse(file, ParserOptions())


def one_page(content: bytes) -> list[bytes]:
    resources = b"/Resources<</Font<</T 4 0 R>>>>"
    return [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 5 0 R%s>>" % resources,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
