"""Every language says the same things, with the plural forms of its own."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

import annotate
from annotate.jobs.workspace_recipes import known_kinds
from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.ui.runs.decisions import decision_text
from annotate.ui.runs.words import kind_help, kind_name
from annotate.ui.texts import LANGUAGES, Speech, catalogue
from training.gate import decide
from training.metrics import Interval

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_takes_the_same_values_in_every_language(language: str):
    texts = catalogue(language)[0]
    others = [key for key, text in ENGLISH.items() if isinstance(texts[key], str) != isinstance(text, str)]
    assert others == []
    assert [key for key, text in ENGLISH.items() if fields(texts[key]) != fields(text)] == []


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


@pytest.mark.parametrize(
    ("reason", "english", "russian"),
    [
        (
            decide(Interval(0.5625, 0.479, 0.646, 24)).reason,
            "Not better, not promoted: 0.562 [0.479; 0.646], 24 pairs; the lower bound is not above 0.5.",
            "Не лучше, не принята: 0,562 [0,479; 0,646], пар: 24; нижняя граница не выше 0,5.",
        ),
        (
            decide(Interval(0.75, 0.6, 0.9, 40)).reason,
            "Better, promoted: 0.75 [0.6; 0.9], 40 pairs; the lower bound is above 0.5.",
            "Лучше, принята: 0,75 [0,6; 0,9], пар: 40; нижняя граница выше 0,5.",
        ),
        (
            decide(Interval(1.0, 1.0, 1.0, 5)).reason,
            "Not better, not promoted: 5 pairs, at least 10 are needed.",
            "Не лучше, не принята: пар 5, нужно не меньше 10.",
        ),
        (
            "promoted by Ada: it reads better",
            "Promoted by Ada: it reads better",
            "Принято: Ada: it reads better",
        ),
        ("some other sentence", "some other sentence", "some other sentence"),
    ],
)
def test_what_the_gate_decided_is_said_in_the_readers_language(reason: str, english: str, russian: str):
    assert decision_text(reason, Speech("en")) == english
    assert decision_text(reason, Speech("ru")) == russian


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_recipe_has_a_name_and_a_sentence(language: str):
    speech = Speech(language)
    for kind in known_kinds():
        assert kind_name(speech, kind) != kind
        assert kind_help(speech, kind, "") != ""


def test_columns_of_moments_are_written_as_moments_are():
    assert (Speech("en").moments, Speech("ru").moments) == ("D MMM YYYY, HH:mm", "DD.MM.YYYY, HH:mm")
    assert Speech("en").moment(datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) == "1 Mar 2026, 09:30"
