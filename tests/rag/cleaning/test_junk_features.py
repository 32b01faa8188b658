from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cleaning.junk_features import FEATURES, measure
from rag.cleaning.text_view import LOOKED_AT_CHARACTERS, TextView

PROSE = "Вернуть товар можно в течение двух недель, если он не был в употреблении. Деньги придут на карту."


def _of(name: str, text: str, language: str = "ru") -> float:
    at = [feature.name for feature in FEATURES].index(name)
    return float(measure(text, language)[at])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bullet_lines", "- один\n- два\n- три"),
        ("ellipsis_lines", "и тогда...\nа потом…"),
        ("duplicate_lines", "Подпишитесь на нашу рассылку новостей\n" * 20),
        ("duplicate_ngrams", "раз два три четыре пять " * 20),
        ("top_bigram", "купить диван " * 20),
        ("digits", "100 200 300 400"),
        ("upper_case", "СРОЧНО КУПИ СЕЙЧАС"),
        ("short_lines", "Меню\nКаталог\nО нас"),
        ("banners", "Все права защищены. Политика конфиденциальности"),
        ("site_words", "Главная Поиск Войти Контакты"),
        ("labels", "Главная | Каталог | О нас | Контакты"),
        ("addresses", "https://example.com/a http://example.org/b"),
        ("markup", '<li class="x"><a href="/">Дом</a></li>'),
        ("encoded", "aGVsbG8gd29ybGQgMTIzNDU2Nzg5MCBhYmNkZWY5ODc2NTQ"),
        ("mojibake", PROSE.encode().decode("cp1251", "replace")),
        ("rare_letter_pairs", "ыыщщ ъъфы жшщц ьъыэ цщшж"),
        ("mixed_scripts", "кapтa мoнитop"),
        ("control", "текст\x00\x01\x02\x03"),
        ("long_tokens", "a1" * 100),
        ("repeated_characters", "ааааааааа ==========="),
        ("single_letters", "В ы м о ж е т е"),
        ("run_on", "и в на то что это как не по из " * 6),
        ("code_lines", "import os\nfor x in y:\n    print(x)\nx = 1"),
        ("table_lines", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("table_lines", "a,b,c\n1,2,3\n4,5,6"),
        ("option_lines", "-a  показать все\n--help  справка"),
        ("broken_order", "в на из к от для при у в на"),
        ("no_grammar", "диван кровать стол шкаф"),
    ],
)
def test_a_measure_is_higher_where_its_fault_is(name: str, text: str) -> None:
    assert _of(name, text) > _of(name, PROSE)


def test_prose_is_made_of_sentences_in_both_languages() -> None:
    english = "You can return the goods within two weeks, if they were not used. The money goes to your card."
    assert _of("prose", PROSE) > 0.5
    assert _of("prose", english, "en") > 0.5
    assert _of("prose", "диван кровать стол шкаф") == 0


def test_function_words_are_those_of_the_language() -> None:
    assert _of("function_words", PROSE, "ru") > 0.2
    assert _of("function_words", PROSE, "en") == 0
    assert _of("function_words", PROSE, "other") > 0.2


def test_a_title_that_comes_twice_is_no_repetition() -> None:
    assert _of("duplicate_lines", "Возврат товара\nВозврат товара\n\nДеньги вернут за три дня.") == 0


def test_a_long_text_is_seen_at_both_ends() -> None:
    view = TextView("а" * 40_000 + "я" * 40_000, "ru")
    assert len(view.text) <= LOOKED_AT_CHARACTERS + 2
    assert view.text[0] == "а"
    assert view.text[-1] == "я"


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_measures_are_finite_for_every_text(text: str) -> None:
    values = measure(text, "ru")
    assert values.shape == (len(FEATURES),)
    assert np.isfinite(values).all()
