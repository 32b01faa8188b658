"""The date that a document gives for itself, in both languages."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import find_dates, find_published

TODAY = date(2026, 11, 1)
MARCH = date(2024, 3, 3)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Published: 2024-03-03\nThe text follows.", MARCH),
        ("en", "Refund rules\nMarch 3, 2024\nWe return the money.", MARCH),
        ("en", "Last updated on 3rd of March, 2024.", MARCH),
        ("en", "Posted by Ann on Mar. 3, 2024", MARCH),
        ("en", "Posted on Mar. 3, 2024 by Ann", MARCH),
        ("en", "Effective from 3 March 2024, the fee is ten euros.", MARCH),
        ("en", "---\ntitle: Fees\ndate: 2024-03-03\n---\nThe fee is ten euros.", MARCH),
        ("en", "lastmod: 2024-03-03T10:00:00Z", MARCH),
        ("en", "Published January 5, 2020. Updated March 3, 2024.", MARCH),
        ("en", "Updated 13/03/2024", date(2024, 3, 13)),
        ("en", "Updated 03/13/2024", date(2024, 3, 13)),
        ("en", "Updated 03/04/2024", None),  # March or April
        ("en", "The bridge opened on 3 March 2024 after long works.", None),
        ("en", "He was born on March 3, 1980 in Boston.", None),
        ("en", "Released in March 2024", date(2024, 3, 1)),
        ("en", "Published: 2094-03-03", None),
        ("en", "Published: 1824-03-03", None),
        ("en", "Published: 2024-02-31", None),
        ("en", "Version 3.11.2024 of the driver", None),
        ("ru", "Опубликовано: 03.03.2024\nДалее текст.", MARCH),
        ("ru", "Правила возврата\n3 марта 2024 г.\nДеньги возвращаем.", MARCH),
        ("ru", "Обновлено 3 марта 2024 года", MARCH),
        ("ru", "Приказ № 5\nот «03» марта 2024 г.\nО премиях", MARCH),
        ("ru", "Дата публикации — 2024.03.03", MARCH),
        ("ru", "Тарифы действуют с 3 марта 2024 года, их может изменить банк.", None),
        ("ru", "Действует с 03.03.2024", MARCH),
        ("ru", "Последнее обновление: март 2024", date(2024, 3, 1)),
        ("ru", "По состоянию на 3 марта 2024 г. действуют такие ставки.", MARCH),
        ("ru", "Опубликовано 5 января 2020. Обновлено 3 марта 2024.", MARCH),
        ("ru", "Изменено 03/04/2024", date(2024, 4, 3)),
        ("ru", "Мост открыли 3 марта 2024 года после долгих работ.", None),
        ("ru", "Дата рождения заявителя указана ниже в анкете: см. 03.03.1980 и прочее в ней", None),
        ("ru", "Опубликовано 32.03.2024", None),
        ("ru", "Телефон 8-800-03-03-2024", None),
        ("ru", "", None),
    ],
)
def test_the_date_is_found_or_left_alone(language: str, text: str, expected: date | None) -> None:
    assert find_published(text, language, today=TODAY) == expected


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.sampled_from(["en", "ru"]))
def test_every_day_is_read_as_it_was_written(day: date, language: str) -> None:
    month = MONTHS[language].split()[day.month - 1]
    label = {"en": "Updated:", "ru": "Обновлено:"}[language]
    for text in (f"{day.day} {month} {day.year}", day.isoformat(), f"{day:%d.%m.%Y}"):
        assert find_published(f"{label} {text}", language, today=TODAY) == day


@given(st.text("0123456789./-, марта March\n", max_size=80), st.sampled_from(["en", "ru"]))
def test_any_text_is_read_and_what_is_found_stands_there(text: str, language: str) -> None:
    for found in find_dates(text, language):
        assert str(found.value.year) in text[found.start : found.end]
