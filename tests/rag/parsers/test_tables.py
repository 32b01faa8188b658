"""Tables: a row is a text, and a broken row costs that row."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.parsers import Columns, ParsedText, ParserOptions, tables
from rag.parsers.tables import choose_columns

Parse = Callable[..., list[ParsedText]]
CSV = 'id;title;текст;дата\nr1;Возврат;"Товар ""новый""\nможно вернуть";12.03.2024\nr2;Гарантия;Два года;\n'


def options(**columns: object) -> ParserOptions:
    return ParserOptions(columns=Columns(**columns))  # type: ignore[arg-type]


def test_columns_with_known_names_are_found(parse: Parse) -> None:
    assert parse("a.csv", CSV) == [
        ParsedText("Возврат", 'Товар "новый"\nможно вернуть', "r1", date(2024, 3, 12)),
        ParsedText("Гарантия", "Два года", "r2"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_delimiters_and_encodings_are_told(parse: Parse, delimiter: str, encoding: str) -> None:
    table = "\r\n".join(
        delimiter.join(row) for row in (("страна", "срок"), ("Россия", "7 дней"), ("Чили", "9 дней"))
    )
    assert [row.text for row in parse("a.csv", table.encode(encoding))] == [
        "страна: Россия\nсрок: 7 дней",
        "страна: Чили\nсрок: 9 дней",
    ]


def test_asked_columns_are_used_and_labelled_where_they_are_several(parse: Parse) -> None:
    table = "q\ta\tn\nКак вернуть?\tПросто\t5\n"
    [found] = parse("a.tsv", table, options(text=("q", "a"), title="q", id="n"))
    assert found == ParsedText("Как вернуть?", "q: Как вернуть?\na: Просто", "5")
    assert parse("a.tsv", table, options(text=("a",)))[0].text == "Просто"


@pytest.mark.parametrize("wanted", [{"text": ("body",)}, {"text": ("q",), "title": "body"}])
def test_a_missing_column_is_named_beside_those_there_are(parse: Parse, wanted: dict[str, object]) -> None:
    with pytest.raises(DocumentError, match="no column 'body'; there are 'q', 'a'"):
        parse("a.csv", "q,a\n1,2\n", options(**wanted))


def test_a_broken_row_is_named_by_its_line_and_costs_no_other(parse: Parse) -> None:
    table = 'id,text\n1,good\n2,"never closed\n3,good\n4,too,many\n5\n6,good\n7,\n8,trailing,,\n'
    found = {text.name: text.error or text.text for text in parse("a.csv", table)}
    assert {name: found[name] for name in ("1", "3", "6", "8")} == dict.fromkeys("136", "good") | {
        "8": "trailing"
    }
    assert "line 3" in found["line-3"]
    assert found["line-5"] == "line 5: 3 fields, not 2"
    assert found["line-6"] == "line 6: 1 fields, not 2"
    assert found["7"] == "line 8: nothing in text"


def test_names_are_unique(parse: Parse) -> None:
    names = [row.name for row in parse("a.csv", "id,text\nx,a\nx,b\n,c\n")]
    assert names == ["x", "x (line 3)", "line-4"]


def test_json_lines_are_read_and_broken_ones_named(parse: Parse) -> None:
    rows = [
        json.dumps({"id": 7, "text": "Возврат", "tags": ["a"], "date": "2024-03-12"}),
        "{broken",
        "[1]",
        "",
        json.dumps({"id": 8, "text": "Гарантия"}),
        '{"id": 9, "text": ' + "[" * 100_000,
    ]
    found = parse("a.jsonl", "\n".join(rows))
    assert found[0] == ParsedText("", "Возврат", "7", date(2024, 3, 12))
    assert [text.error.partition(":")[0] for text in found] == ["", "line 2", "line 3", "", "line 6"]
    assert found[3].text == "Гарантия"


def test_many_broken_rows_are_counted_not_listed(parse: Parse) -> None:
    found = parse("a.jsonl", '{"text": "good"}\n' + "{\n" * 250)
    assert len(found) == 102
    assert found[-1].error == "150 more lines cannot be read"


def test_time_grows_with_the_rows_and_too_many_are_refused(
    parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(parse("a.csv", "id,text\n" + "1,слово\n" * 20_000)) == 20_000
    monkeypatch.setattr(tables, "MAX_ROWS", 1_000)
    for name, content in (("a.csv", "text\n" + "a\n" * 1_001), ("a.jsonl", '{"text": "a"}\n' * 1_001)):
        with pytest.raises(DocumentError, match="more than 1,000 rows"):
            parse(name, content)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "empty table"),
        ("a.csv", "text\n", "empty table"),
        ("a.csv", "\n\n\n", "empty table"),
        ("a.jsonl", "\n", "empty table"),
        ("a.jsonl", "{\n", "no row can be read; line 1"),
        ("a.csv", "a,b\n1\n2\n", "no row can be read; line 2: 1 fields, not 2"),
        ("a.csv", 'a,"b\n1,2\n', "no head line"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
    ],
)
def test_a_table_without_rows_says_why(parse: Parse, name: str, content: str | bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse(name, content)


def test_without_a_known_text_column_all_but_title_id_and_date_are_text() -> None:
    assert choose_columns(["ID", "Название", "цена", "вес"]) == Columns(("цена", "вес"), "Название", "ID")
    assert choose_columns(["id", "title"]) == Columns(("id", "title"), "title", "id")


@given(
    st.lists(
        st.lists(st.text(alphabet='ab,;"\n|й ', max_size=8), min_size=2, max_size=2), min_size=1, max_size=8
    )
)
def test_every_row_that_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    import csv
    import io

    from rag.parsers.tables import _records

    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    read = [record.fields for record in _records(sink.getvalue().split("\n"), ",")]
    stripped = [[field.strip() for field in row] for row in rows]
    assert read == [row for row in stripped if any(row)]
