"""Both languages say the same things."""

from string import Formatter

import pytest

from annotate.labelling import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.ui.texts import LANGUAGES, TEXTS, Speech


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_catalogues_have_the_same_keys():
    assert set(TEXTS) == set(LANGUAGES)
    assert set(TEXTS["en"]) == set(TEXTS["ru"])


@pytest.mark.parametrize("key", TEXTS["en"])
def test_a_text_takes_the_same_values_in_both_languages(key: str):
    assert TEXTS["en"][key]
    assert fields(TEXTS["en"][key]) == fields(TEXTS["ru"][key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_ledger_has_a_name(language: str):
    speech = Speech(language)
    words = [("verdict", VERDICTS), ("aspect", ASPECTS), ("tag", ERROR_TAGS)]
    assert all(f"{kind}.{word}" in TEXTS[language] for kind, names in words for word in names)
    assert speech.name("action", "label more") != "label more"
    assert speech.name("action", "something new") == "something new"
