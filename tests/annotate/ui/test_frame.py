"""CSV downloads, and who is signed in."""

import csv

from streamlit.testing.v1 import AppTest

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


def test_what_stands_behind_the_gate_is_not_run_for_strangers(signed_in):
    def script() -> None:
        import streamlit as st

        from annotate.access.permissions import Permission
        from annotate.ui.frame import gate

        st.write(f"behind the gate: {gate(Permission.REVIEW).name}")

    stranger = AppTest.from_function(script)
    stranger.user = {}
    assert not stranger.run().markdown
    assert not signed_in(AppTest.from_function(script), "assessor").run().markdown
    [seen] = signed_in(AppTest.from_function(script), "lead", "Lena").run().markdown
    assert seen.value == "behind the gate: Lena"


def test_the_language_is_that_of_the_account_then_of_the_browser(signed_in, empty_workspace):
    from annotate.access.accounts import find_account, set_language

    def script() -> None:
        import streamlit as st

        from annotate.ui.frame import current_speech

        st.write(current_speech().language)

    at = signed_in(AppTest.from_function(script), "lead")
    set_language(empty_workspace.store, find_account(empty_workspace.store, "lead").id, "")
    at.context = {"locale": "ru-RU"}
    assert at.run().markdown[0].value == "ru"
    at.context = {"locale": "fr-FR"}
    assert at.run().markdown[0].value == "en"
    set_language(empty_workspace.store, find_account(empty_workspace.store, "lead").id, "ru")
    assert at.run().markdown[0].value == "ru"
