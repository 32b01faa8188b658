"""Tell the language of a text, and split it into sentences and words."""

from __future__ import annotations

import re

from razdel import sentenize

LANGUAGES = ("en", "ru")
# Russian prose about software is a third or more Cyrillic even where code surrounds it;
# English prose that quotes a Russian word stays far below.
RUSSIAN_SHARE = 0.3
_LETTERS = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_WORDS = re.compile(r"\w+")


def detect_language(text: str) -> str:
    """Return `ru` or `en` by the alphabet of the first 20,000 characters."""
    letters = "".join(_LETTERS.findall(text[:20_000]))
    if not letters:
        return "en"
    return "ru" if len(_CYRILLIC.findall(letters)) / len(letters) > RUSSIAN_SHARE else "en"


def sentences(text: str) -> list[str]:
    """Split a text into its sentences, in order, without empty ones."""
    found = (sentence.text.strip() for line in text.splitlines() for sentence in sentenize(line))
    return [sentence for sentence in found if sentence]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, with ё written as е."""
    return _WORDS.findall(text.lower().replace("ё", "е"))
