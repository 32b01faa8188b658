"""Electronic books."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from rag.errors import DocumentError
from rag.parsers import ParsedText

Parse = Callable[..., list[ParsedText]]
MakeZip = Callable[[Mapping[str, str | bytes]], bytes]

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf"
media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Уход за розами</dc:title>
<dc:date>2021-05-04</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20part.xhtml" media-type="application/xhtml+xml"/>
<item id="pic" href="a.png" media-type="image/png"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/>
<itemref idref="two"/><itemref idref="gone"/></spine></package>"""
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>{}</body></html>'
BOOK: dict[str, str | bytes] = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": PAGE.format("<nav>Содержание</nav>"),
    "OEBPS/text/one part.xhtml": PAGE.format("<h1>Полив</h1><p>Утром.</p><script>x()</script>"),
    "OEBPS/text/two.xhtml": PAGE.format("<h1>Обрезка</h1><ul><li>весной</li></ul>"),
}


def test_chapters_are_read_in_the_order_of_the_spine(parse: Parse, make_zip: MakeZip) -> None:
    [found] = parse("a.epub", make_zip(BOOK))
    assert found.title == "Уход за розами"
    assert found.published == date(2021, 5, 4)
    assert found.text == "# Полив\n\nУтром.\n\n# Обрезка\n\n- весной"


def test_a_locked_book_says_so(parse: Parse, make_zip: MakeZip) -> None:
    locked = '<encryption><CipherReference URI="OEBPS/text/two.xhtml"/></encryption>'
    with pytest.raises(DocumentError, match="encrypted book"):
        parse("a.epub", make_zip(BOOK | {"META-INF/encryption.xml": locked}))


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("META-INF/container.xml", "no META-INF/container.xml"),
        ("OEBPS/book.opf", "no OEBPS/book.opf"),
        ("OEBPS/text/two.xhtml", "no OEBPS/text/two.xhtml"),
    ],
)
def test_a_missing_part_is_named(parse: Parse, make_zip: MakeZip, missing: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse("a.epub", make_zip({name: text for name, text in BOOK.items() if name != missing}))


def test_bombs_truncated_and_empty_books_are_refused(parse: Parse, make_zip: MakeZip) -> None:
    with pytest.raises(DocumentError, match="bombs"):
        parse("a.epub", make_zip(BOOK | {"OEBPS/a.png": bytes(64 << 20)}))
    with pytest.raises(DocumentError, match="truncated"):
        parse("a.epub", make_zip(BOOK)[:300])
    with pytest.raises(DocumentError, match="no readable text"):
        parse("a.epub", make_zip(BOOK | {"OEBPS/book.opf": PACKAGE.replace("itemref", "x")}))


def test_entities_that_multiply_are_not_expanded(parse: Parse, make_zip: MakeZip) -> None:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE html [<!ENTITY e0 "bomb">{layers}]>' + PAGE.format("<p>Полив &e9;</p>")
    [found] = parse("a.epub", make_zip(BOOK | {"OEBPS/text/one part.xhtml": bomb}))
    assert len(found.text) < 2_000
