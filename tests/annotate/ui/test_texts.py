"""Every language says the same things, with the plural forms of its own."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

import annotate
from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.ui.texts import LANGUAGES, Speech, catalogue

ENGLISH, _ = catalogue("en")


def fields(text: str | tuple[str, ...]) -> set[str]:
    forms = (text,) if isinstance(text, str) else text
    found = [{name for _, name, _, _ in Formatter().parse(form) if name} for form in forms]
    assert all(form for form in forms)
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_have_the_same_keys(language: str):
    assert set(catalogue(language)[0]) == set(ENGLISH)


@pytest.mark.parametrize("key", ENGLISH)
def test_a_text_takes_the_same_values_in_every_language(key: str):
    for language in LANGUAGES:
        text = catalogue(language)[0][key]
        assert isinstance(text, str) == isinstance(ENGLISH[key], str)
        assert fields(text) == fields(ENGLISH[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_ledger_has_a_name(language: str):
    speech = Speech(language)
    words = [("verdict", VERDICTS), ("aspect", ASPECTS), ("tag", ERROR_TAGS)]
    assert all(f"{kind}.{word}" in catalogue(language)[0] for kind, names in words for word in names)
    assert speech.name("action", "label more") != "label more"
    assert speech.name("action", "something new") == "something new"


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 1, "1 word"),
        ("en", 2, "2 words"),
        ("en", 21, "21 words"),
        ("ru", 1, "1 слово"),
        ("ru", 3, "3 слова"),
        ("ru", 11, "11 слов"),
        ("ru", 21, "21 слово"),
    ],
)
def test_counted_things_take_the_plural_of_their_language(language: str, count: int, words: str):
    assert Speech(language)("still.words", count=count) == words


def test_days_and_numbers_are_written_as_the_language_does():
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert Speech("ru").moment(at) == "01.03.2026, 09:30"
    assert Speech("en").day(at) == "Mar 1, 2026"
    assert Speech("ru").day(at) == "1 мар. 2026\u202fг."
    assert Speech("ru").number(12345.678, 1).replace("\xa0", " ") == "12 345,7"
    assert Speech("en").percent(0.4567, 1) == "45.7 %"
    assert Speech("ru").percent(0.4567) == "46 %"
    assert (Speech("en").span(190), Speech("ru").span(3600 * 5)) == ("3 minutes", "5 часов")


def audited_actions() -> set[str]:
    found = set()
    for path in Path(annotate.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "audited":
                found |= {arg.value for arg in call.args[2:3] if isinstance(arg, ast.Constant)}
    return found


def test_everything_audited_has_a_name():
    actions = audited_actions()
    assert len(actions) > 30
    assert not {action for action in actions if f"did.{action}" not in ENGLISH}
