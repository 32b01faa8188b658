"""Know words of the same form that say another amount or time: five and seven, среду and пятницу."""

from __future__ import annotations

import re
from typing import NamedTuple

# Within a group, words may stand for one another without breaking the grammar around them. Two is in
# none: "the two parties" and the like are no amount that a passage would have to say.
_GROUPS = (
    "three four five six seven eight nine ten",
    "twelve fourteen fifteen eighteen twenty thirty forty fifty sixty ninety",
    "пять шесть семь восемь девять десять двенадцать пятнадцать двадцать тридцать сорок пятьдесят",
    "трех трёх четырех четырёх пяти шести семи восьми девяти десяти",
    "четырнадцати пятнадцати двенадцати двадцати тридцати",
    "January February March April June July August September October November December",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays",
    "понедельник вторник четверг",
    "среду пятницу субботу",
    "понедельникам вторникам средам четвергам пятницам субботам воскресеньям",
    "hours minutes days weeks months years",
    "hour minute day week month year",
    "часов минут дней недель месяцев",
    "часа месяца года дня",
    "million billion thousand",
    "тысяч миллионов миллиардов",
    "млн млрд",
    "euros dollars pounds roubles",
    "рублей долларов евро",
    "kilometres metres miles",
    "километров метров",
    "kilograms grams tonnes",
    "килограммов граммов тонн",
)
_EQUAL = ({"трех", "трёх"}, {"четырех", "четырёх"})
# A unit or a size stands behind a number; "years" alone is no figure.
_BEHIND_A_NUMBER = frozenset(word for group in _GROUPS[12:] for word in group.split())
_GROUP_OF = {word.lower(): group.split() for group in _GROUPS for word in group.split()}
_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
_NUMBER_BEFORE = re.compile(
    r"(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|million|billion|thousand|пять|шесть|семь|восемь|"
    r"девять|десять|двух|тр[её]х|четыр[её]х|пяти|шести|семи|тысяч\w*|млн|млрд))[\s\u00a0-]+$",
    re.IGNORECASE,
)


_YEAR_BEFORE = re.compile(r"(?<!\d)(?:1\d|20)\d\d[\s\u00a0]+$")  # in 1946 года no unit is meant


class Word(NamedTuple):
    """Hold a word with its place and those that may stand there instead."""

    start: int
    end: int
    others: tuple[str, ...]


def find_words(text: str) -> list[Word]:
    """Return the words of a text that say an amount or a time, in order."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        group = _GROUP_OF.get(word.lower())
        if group is None or (word.lower() in _BEHIND_A_NUMBER and not _counted(text[: match.start()])):
            continue
        same = next((equal for equal in _EQUAL if word.lower() in equal), {word.lower()})
        others = [other for other in group if other.lower() not in same]
        found.append(Word(match.start(), match.end(), tuple(_like(word, other) for other in others)))
    return found


def _counted(before: str) -> bool:
    return bool(_NUMBER_BEFORE.search(before)) and not _YEAR_BEFORE.search(before)


def _like(word: str, other: str) -> str:
    """Write a word with the capitals of another; names of months and days keep their own."""
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other
