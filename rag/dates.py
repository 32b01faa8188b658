"""Find the date of a document in its own text, in Russian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

EARLIEST = date(1900, 1, 1)
FUTURE_DAYS = 366  # rules that come into force next year are dated ahead
_HEAD_LINES, _FOOT_LINES = 6, 3
_LINE_WORDS = 5  # a line of so few words beside its date is a dateline, not a sentence

_BEFORE = 60  # characters in front of a date in which its label stands
_LINK = r"[\s:*_|—–\-]*(?:(?:on|at|from|as of|since|the|in|от|с|на|в)\s+)?[\"']?$"
# The first kind that is found wins; within a kind, the latest date.
_LABELS = {
    "updated": (
        r"(?:last[\s_-]?(?:updated?|modified|edited|changed|reviewed|revised)|updated|modified|revised|"
        r"date[\s_]?modified|lastmod|as amended|this version|"
        r"обновлен[оаы]?|последн(?:ее|яя|ие) (?:обновлени[ея]|изменени[ея]|редакция|правка)|"
        r"дата (?:обновления|изменения|редакции)|изменен[оаы]?|в ред(?:акции|\.)|актуал\w+|"
        r"по состоянию)"
    ),
    "published": (
        r"(?:published|posted|publication date|date published|date of publication|release date|released|"
        r"issued|created|pubdate|"
        r"опубликован[оаы]?|публикация|дата (?:публикации|выхода|выпуска|создания|документа|принятия)|"
        r"размещен[оаы]?|выпущен[оаы]?|создан[оаы]?|принят[оаы]?|утвержден[оаы]?|подписан[оаы]?)"
    ),
    "effective": (
        r"(?:effective(?: date)?|valid|in force|applies|entered? into force|"
        r"действует|действительн\w+|вступает в силу|вступил[аои]? в силу|введен[оаы]? в действие)"
    ),
    "dated": r"(?:(?:^|[\n|;,])\s*(?:the )?(?:date|dated|дата))",
}
_KINDS = {name: re.compile(pattern + _LINK, re.IGNORECASE) for name, pattern in _LABELS.items()}


class FoundDate(NamedTuple):
    """Hold a date in a text and where it is written."""

    value: date
    start: int
    end: int
    exact: bool  # False for a month and a year alone


def find_published(text: str, language: str, *, today: date | None = None) -> date | None:
    """Return the date a document gives for itself, or None.

    A labelled date ("updated on …", «опубликовано …») comes first, updates before publication;
    else a dateline at the head or the foot. Dates inside sentences tell of events, not of the
    document, and are left alone. Dates before 1900 or over a year ahead of `today` are dropped.
    """
    latest = (today or datetime.now(UTC).date()) + timedelta(days=FUTURE_DAYS)
    found = [one for one in find_dates(text, language) if EARLIEST <= one.value <= latest]
    if not found:
        return None
    lowered = text.replace("ё", "е").replace("Ё", "Е")
    for pattern in _KINDS.values():
        labelled = [
            one.value for one in found if pattern.search(lowered[max(0, one.start - _BEFORE) : one.start])
        ]
        if labelled:
            return max(labelled)
    return _dateline(text, [one for one in found if one.exact])


def find_dates(text: str, language: str) -> Iterator[FoundDate]:
    """Yield the dates of a text in order of their forms; impossible ones are left out.

    03/04/2024 is day and month in Russian; in English it is left out unless one of them is over 12.
    """
    for match in _NUMERIC.finditer(text):
        if _VERSION.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        if value := _numeric(match, language):
            yield FoundDate(value, *match.span(), exact=True)
    for match in _written().finditer(_lower(text)) if _YEAR.search(text) else ():
        named = {key: part for key, part in match.groupdict().items() if part}
        month = _months()[(named.get("month1") or named["month2"]).replace("ё", "е")]
        day = named.get("day1") or named.get("day2")
        if value := _date(int(named.get("year1") or named["year2"]), month, int(day or 1)):
            yield FoundDate(value, *match.span(), exact=day is not None)


_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?:(?P<iso>(?:19|20)\d\d([-/.])(?P<isomonth>\d\d?)\2(?P<isoday>\d\d?))"
    r"|(?P<first>\d\d?)(?P<mark>[./-])(?P<second>\d\d?)(?P=mark)(?P<year>(?:19|20)\d\d))"
    r"(?![\d/-]|\.\d)"
)

_VERSION = re.compile(r"\b(?:version|ver\.?|v|release|верси[яию])\s*$", re.IGNORECASE)


def _numeric(match: re.Match[str], language: str) -> date | None:
    if match["iso"]:
        return _date(int(match["iso"][:4]), int(match["isomonth"]), int(match["isoday"]))
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if match["mark"] == "." or language == "ru" or first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Return the names of months in both languages, long and short, in every case babel knows."""
    from babel.dates import get_month_names

    names = {
        name.lower().strip(".").replace("ё", "е"): number
        for language in ("ru", "en")
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, locale=language).items()
    }
    # «в марте 2024» and "Sept." are in no table.
    prepositional = [
        "январе",
        "феврале",
        "марте",
        "апреле",
        "мае",
        "июне",
        "июле",
        "августе",
        "сентябре",
        "октябре",
        "ноябре",
        "декабре",
    ]
    return names | {"sept": 9} | {name: at for at, name in enumerate(prepositional, start=1)}


@lru_cache(maxsize=1)
def _written() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)).replace("е", "[её]")
    year, day = _YEAR.pattern, r"(?:0?[1-9]|[12]\d|3[01])"
    begins = "".join(sorted({name[0] for name in _months()}))
    return re.compile(
        rf"\b(?=[«\"“\d{begins}])(?:(?:[«\"“]?(?P<day1>{day})[»\"”]?(?:st|nd|rd|th|-?го|-?е)?\s+(?:of\s+)?)?"
        rf"(?P<month1>{names})\.?,?\s+(?P<year1>{year})"
        rf"|(?P<month2>{names})\.?\s+(?P<day2>{day})(?:st|nd|rd|th)?,?\s+(?P<year2>{year}))\b"
    )


def _lower(text: str) -> str:
    """Write a text in lower case, sign for sign: to ignore case takes five times as long."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dateline(text: str, found: list[FoundDate]) -> date | None:
    """Return the date of a short line at the head of the text, else of one at its foot."""
    lines = [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    for some in (lines[:_HEAD_LINES], lines[-_FOOT_LINES:]):
        for start, end in some:
            inside = [one for one in found if start <= one.start and one.end <= end]
            if len(inside) == 1 and _is_dateline(text, start, end, inside[0]):
                return inside[0].value
    return None


def _is_dateline(text: str, start: int, end: int, found: FoundDate) -> bool:
    rest = text[start : found.start] + " " + text[found.end : end]
    # A line that ends like a sentence is one: "It opened on 3 March 2024."
    sentence = re.search(r"\w{3,}\s*[.!?]$", text[start:end].strip()) and not rest.strip().endswith("г.")
    return len(re.findall(r"[^\W\d]{2,}", rest)) <= _LINE_WORDS and not (sentence and len(rest.split()) > 2)
