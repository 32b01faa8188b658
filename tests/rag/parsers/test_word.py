"""Word files: structure stays, broken and hostile files give their reason."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.errors import DocumentError
from rag.parsers import ParsedText

Parse = Callable[..., list[ParsedText]]
MakeZip = Callable[[Mapping[str, str | bytes]], bytes]


def saved(document: "docx.document.Document") -> bytes:
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def handbook() -> bytes:
    document = docx.Document()
    document.core_properties.modified = datetime(2024, 3, 12, tzinfo=UTC)
    document.add_heading("Возврат товара", 1)
    document.add_paragraph("Товар можно вернуть за четырнадцать дней.")
    document.add_heading("Условия", 2)
    for condition in ("есть чек", "упаковка цела"):
        document.add_paragraph(condition, style="List Bullet")
    document.add_paragraph("Позвоните нам", style="List Number")
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("Страна", "Срок"), ("Россия|РФ", "7\nдней")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Спасибо.")
    return saved(document)


def test_headings_lists_and_tables_become_markdown(parse: Parse, handbook: bytes) -> None:
    [found] = parse("a.docx", handbook)
    assert found.title == "Возврат товара"
    assert found.published == date(2024, 3, 12)
    assert found.text == (
        "# Возврат товара\n\nТовар можно вернуть за четырнадцать дней.\n\n## Условия\n\n"
        "- есть чек\n- упаковка цела\n1. Позвоните нам\n\n"
        "| Страна | Срок |\n| --- | --- |\n| Россия\\|РФ | 7 дней |\n\nСпасибо."
    )


def test_numbers_of_a_list_are_told_from_its_dots(parse: Parse) -> None:
    document = docx.Document()
    for style in ("List Number", "List Bullet"):
        numbering = document.styles[style].element.pPr.numPr
        for level in (0, 1):
            paragraph = document.add_paragraph(f"{style} {level}")
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = level
            properties.get_or_add_numId().val = numbering.numId.val
    text = parse("a.docx", saved(document))[0].text
    assert text.splitlines()[0] == "1. List Number 0"
    assert "- List Bullet 0" in text.splitlines()


def test_inserted_and_linked_text_stays_and_deleted_text_goes(parse: Parse) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Срок ")
    for xml in (
        f"<w:ins {nsdecls('w')}><w:r><w:t>14</w:t></w:r></w:ins>",
        f"<w:del {nsdecls('w')}><w:r><w:delText>7</w:delText></w:r></w:del>",
        f"<w:hyperlink {nsdecls('w')}><w:r><w:t xml:space='preserve'> дней</w:t></w:r></w:hyperlink>",
    ):
        paragraph._p.append(parse_xml(xml))
    assert parse("a.docx", saved(document))[0].text == "Срок 14 дней"


def test_the_date_of_the_library_template_is_no_date(parse: Parse) -> None:
    document = docx.Document()
    document.add_paragraph("text")
    assert parse("a.docx", saved(document))[0].published is None


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_an_error_with_a_reason(parse: Parse, handbook: bytes, share: float) -> None:
    with pytest.raises(DocumentError, match="broken or truncated"):
        parse("a.docx", handbook[: int(share * len(handbook))])


@pytest.mark.parametrize(
    "part", ["docProps/app.xml", "word/styles.xml", "_rels/.rels", "[Content_Types].xml"]
)
def test_a_damaged_part_beside_the_text_costs_its_facts_and_not_the_text(
    parse: Parse, handbook: bytes, make_zip: MakeZip, part: str
) -> None:
    whole = parse("a.docx", handbook)[0].text
    [found] = parse("a.docx", make_zip(entries(handbook) | {part: "<broken"}))
    assert found.title == "Возврат товара"
    assert found.text == whole


def test_a_damaged_text_is_an_error_with_a_reason(parse: Parse, handbook: bytes, make_zip: MakeZip) -> None:
    document = entries(handbook)["word/document.xml"]
    for broken in (document[: len(document) // 2], b"", b"<w/>"):
        with pytest.raises(DocumentError, match="broken Word file"):
            parse("a.docx", make_zip(entries(handbook) | {"word/document.xml": broken}))


def test_a_zip_bomb_is_refused_before_it_is_opened(parse: Parse, handbook: bytes, make_zip: MakeZip) -> None:
    bomb = make_zip(entries(handbook) | {"word/media/image1.png": bytes(64 << 20)})
    assert len(bomb) < 1 << 20
    with pytest.raises(DocumentError, match="more than 100 times its size"):
        parse("bomb.docx", bomb)


def test_a_lie_about_an_entry_s_size_is_found_out(parse: Parse, handbook: bytes, make_zip: MakeZip) -> None:
    size = 32 << 20
    bomb = make_zip(entries(handbook) | {"word/document.xml": bytes(size)})
    with pytest.raises(DocumentError, match="broken"):
        parse("bomb.docx", bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def test_entities_that_multiply_stay_unread(parse: Parse, handbook: bytes, make_zip: MakeZip) -> None:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "bomb">{layers}]>'
    document = entries(handbook)["word/document.xml"].decode().partition("?>")[2]
    document = document.replace("Спасибо.", "Спасибо&e9;")
    try:
        [found] = parse("bomb.docx", make_zip(entries(handbook) | {"word/document.xml": head + document}))
    except DocumentError:
        return
    assert len(found.text) < 1_000


def test_entities_never_read_other_files(parse: Parse, handbook: bytes, make_zip: MakeZip) -> None:
    head = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    document = entries(handbook)["word/document.xml"].decode().partition("?>")[2].replace("Спасибо.", "Да&x;")
    try:
        [found] = parse("a.docx", make_zip(entries(handbook) | {"word/document.xml": head + document}))
    except DocumentError:
        return
    assert "root:" not in found.text


def test_an_encrypted_or_old_word_file_says_so(parse: Parse) -> None:
    with pytest.raises(DocumentError, match="encrypted"):
        parse("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))


def test_a_zip_that_is_no_word_file_says_so(parse: Parse, make_zip: MakeZip) -> None:
    with pytest.raises(DocumentError, match="broken Word file"):
        parse("a.docx", make_zip({"hello.txt": "hi"}))
