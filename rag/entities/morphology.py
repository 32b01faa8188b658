"""Put Russian names into the nominative with pymorphy3."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pymorphy3.analyzer import Parse

_TOKEN = re.compile(r"[а-яёА-ЯЁ]+(?:-[а-яёА-ЯЁ]+)*")
_QUOTED = re.compile(r"[«\"„“]([^«»\"„“”]+)[»\"“”]")
_LEGAL_FORM = re.compile(
    r"^(?:ООО|ОАО|ПАО|ЗАО|НАО|АО|ФГУП|ГУП|МУП|ИП|НКО|АНО|компани\w+|корпораци\w+|групп\w+ компаний|"
    r"концерн\w*|фирм\w+|издательств\w+|газет\w+|журнал\w*)\s+(?=[«\"„“A-ZА-ЯЁ])",
    re.IGNORECASE,
)
_SORT_OF_PLACE = re.compile(
    r"^(?:рек|озер|город|г\.|остров|сел|деревн|пос[её]л|станци|провинци|штат|гор)[а-яё]*\s+(?=[А-ЯЁ])",
    re.IGNORECASE,
)
_TITLED = ("Name", "Surn", "Patr")
_LOADING = threading.Lock()


@lru_cache(maxsize=1)
def _analyzer() -> MorphAnalyzer:
    with _LOADING:
        from pymorphy3 import MorphAnalyzer

        return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=200_000)
def lemma(word: str) -> str:
    """Return the dictionary form of a Russian word in lower case, ё kept where the dictionary has it."""
    return str(_analyzer().parse(word)[0].normal_form)


def is_place(word: str) -> bool:
    """Tell whether a word is a place's name before all else, or an abbreviation."""
    return word.isupper() or "Geox" in _analyzer().parse(word)[0].tag


@lru_cache(maxsize=200_000)
def has_one_reading(word: str) -> bool:
    """Tell whether the dictionary knows a word, and by one dictionary form only."""
    analyzer = _analyzer()
    known = bool(analyzer.word_is_known(word.lower()))
    return known and len({reading.normal_form for reading in analyzer.parse(word)}) == 1


@lru_cache(maxsize=50_000)
def nominative(name: str, kind: str, case: str = "", gender: str = "") -> str:
    """Return a name in the nominative, without quotes and legal form; `kind` is that of its entity.

    `case` and `gender`, as in the marks of OpenCorpora, are what the sentence says of its first word.
    """
    name = " ".join(name.split())
    name = (_SORT_OF_PLACE if kind == "place" else _LEGAL_FORM).sub("", name)
    if quoted := _QUOTED.fullmatch(name.strip()):
        return quoted.group(1).strip()
    name = _QUOTED.sub(r"\1", name)
    words = name.split(" ")
    if case == "nomn":
        return name
    declined = words if kind == "person" else words[: _head(words) + 1]
    if (
        not declined
        or len(words) > 8
        or not all(_TOKEN.fullmatch(word) or kind == "person" for word in declined)
    ):
        return name
    return " ".join([*_agreed(declined, kind, case, gender), *words[len(declined) :]])


def without_yo(word: str) -> str:
    """Write е for ё."""
    return word.replace("ё", "е").replace("Ё", "Е")


def _head(words: list[str]) -> int:
    """Return the place of the noun that rules a name: the first word that cannot be an adjective."""
    for place, word in enumerate(words):
        readings = _analyzer().parse(word) if _TOKEN.fullmatch(word) else []
        # Красноярском is also a form of Красноярск, but not before a common noun.
        counted = readings if words[place + 1 : place + 2] and words[place + 1].islower() else readings[:1]
        if not any(reading.tag.POS in ("ADJF", "PRTF") for reading in counted):
            return place
    return len(words) - 1


def _agreed(words: list[str], kind: str, told_case: str, told_gender: str) -> list[str]:
    """Inflect words that agree in case, number and gender; the likeliest reading of all decides."""
    readings = [_readings(word, kind) for word in words]
    best, best_score = None, 0.0
    for gender, number, case in product(("masc", "femn", "neut"), ("sing", "plur"), _CASES):
        chosen = [_best(some, gender, number, case) for some in readings]
        score = 1.0
        for _, weight in chosen:
            score *= weight
        if kind == "person" and number == "plur":
            score *= 0.01
        score *= _AGAINST_THE_SENTENCE ** ((told_case not in ("", case)) + (told_gender not in ("", gender)))
        if score > best_score:
            best, best_score = (chosen, number, gender), score
    if best is None:
        return words
    chosen, number, gender = best
    return [
        _inflected(word, reading, number, gender) for word, (reading, _) in zip(words, chosen, strict=True)
    ]


_AGAINST_THE_SENTENCE = 0.02  # weight of a case or gender that the sentence denies
_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")


def _readings(word: str, kind: str) -> list[Parse]:
    if not _TOKEN.fullmatch(word) or len(word) == 1:
        return []  # initials and Latin letters have no case
    found = _analyzer().parse(word)
    wanted = {"person": _TITLED, "place": ("Geox",), "organisation": ("Orgn",)}[kind]
    named = [reading for reading in found if any(mark in reading.tag for mark in wanted)]
    marks: tuple[str, ...] = ("ADJF", "PRTF") if named else ("NOUN", "ADJF", "PRTF")
    if named and kind == "person":
        marks = ()
    return [reading for reading in found if reading in named or reading.tag.POS in marks]


def _best(readings: list[Parse], gender: str, number: str, case: str) -> tuple[Parse | None, float]:
    """Return the likeliest reading with these marks and its weight; a word without one weighs little."""
    if not readings:
        return None, 1.0
    fitting = [
        reading
        for reading in readings
        if reading.tag.case == case
        and (reading.tag.number in (number, None))
        and (number == "plur" or reading.tag.gender in (gender, None) or "ms-f" in reading.tag)
    ]
    if not fitting:
        return None, 0.001
    best = max(fitting, key=lambda reading: float(reading.score))
    # Half a point for the nominative of a word that does not change, so that it wins a draw.
    return best, float(best.score) + (0.5 if "Fixd" in best.tag else 0.0) + (0.001 if case == "nomn" else 0.0)


def _inflected(word: str, reading: Parse | None, number: str, gender: str) -> str:
    if reading is None or "Fixd" in reading.tag:
        return word
    marks = {"nomn", number}
    agreed = reading.inflect(marks | {gender}) if number == "sing" else None
    inflected = agreed or reading.inflect(marks)
    return _cased_as(word, inflected.word) if inflected else word


def _cased_as(pattern: str, word: str) -> str:
    """Write a word with capitals where the mention has them, part by part of a hyphenated one."""
    if pattern.isupper() and len(pattern) > 1:
        return word.upper()
    parts, patterns = word.split("-"), pattern.split("-")
    if len(parts) != len(patterns):
        return word[:1].upper() + word[1:] if pattern[0].isupper() else word
    return "-".join(
        part[:1].upper() + part[1:] if old[:1].isupper() else part
        for part, old in zip(parts, patterns, strict=True)
    )
