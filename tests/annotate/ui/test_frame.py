"""CSV downloads."""

import csv

from annotate.ui.frame import to_csv


def test_rows_with_different_keys_make_one_table():
    text = to_csv([{"a": 1, "б": "да"}, {"a": 2.5, "c": None}]).decode("utf-8-sig")
    assert list(csv.DictReader(text.splitlines())) == [
        {"a": "1", "б": "да", "c": ""},
        {"a": "2.5", "б": "", "c": ""},
    ]


def test_spreadsheets_find_no_formulas():
    assert b"'=HYPERLINK" in to_csv([{"name": '=HYPERLINK("http://evil")', "value": -1}])
    assert b",-1" in to_csv([{"name": "x", "value": -1}])


def test_no_rows_make_an_empty_table():
    assert to_csv([]).decode("utf-8-sig").strip() == ""
