"""Reduce a text to what it says: the stems of its content words, and its numbers."""

from __future__ import annotations

import re

from rag.indexes.stemming import terms
from rag.language import words
from rag.stop_words import ENGLISH, RUSSIAN

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[\s\u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)*")
_FUNCTION_WORDS = ENGLISH | RUSSIAN
_WRITTEN = {
    word: number
    for number, ways in {
        "1": "one один одна одно одного одной",
        "2": "two два две двух",
        "3": "three три трех",
        "4": "four четыре четырех",
        "5": "five пять пяти",
        "6": "six шесть шести",
        "7": "seven семь семи",
        "8": "eight восемь восьми",
        "9": "nine девять девяти",
        "10": "ten десять десяти",
        "12": "twelve двенадцать двенадцати",
        "14": "fourteen четырнадцать четырнадцати",
        "15": "fifteen пятнадцать пятнадцати",
        "20": "twenty двадцать двадцати",
        "30": "thirty тридцать тридцати",
        "100": "hundred сто ста",
    }.items()
    for word in ways.split()
}


def content_terms(text: str) -> list[str]:
    """Return the stems of the content words of a text, in order; numbers are among them."""
    kept = [word for word in words(text) if word not in _FUNCTION_WORDS or word.isdigit()]
    return terms(" ".join(kept))


def numbers(text: str) -> set[str]:
    """Return the numbers of a text in one form: 1,000, 1 000 and 1000 are equal, so are 2,5 and 2.5."""
    return {_plain(match[0]) for match in _NUMBER.finditer(text)}


def written_numbers(text: str) -> set[str]:
    """Return the numbers that a text writes as words ("five", «пять») in digits."""
    return {_WRITTEN[word] for word in words(text) if word in _WRITTEN}


def _plain(number: str) -> str:
    joined = re.sub(r"[\s\u00a0\u202f]", "", number)
    joined = re.sub(r"[.,](?=\d{3}(?:\D|$))(?<!^0.)", "", joined) if len(joined) > 4 else joined
    joined = joined.replace(",", ".")
    whole, dot, rest = joined.partition(".")
    rest = rest.rstrip("0") if "." not in rest else rest
    return f"{whole.lstrip('0') or '0'}{dot if rest else ''}{rest}"
