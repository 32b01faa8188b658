"""Stem Russian and English words once, so that every lexical engine sees the same terms."""

from __future__ import annotations

from functools import lru_cache

from Stemmer import Stemmer

from rag.language import words

_RUSSIAN, _ENGLISH = Stemmer("russian"), Stemmer("english")


def terms(text: str) -> list[str]:
    """Return the stems of a text's words; the script of a word chooses its stemmer."""
    return [_stem(word) for word in words(text)]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    stemmer = _RUSSIAN if "а" <= word[0] <= "я" else _ENGLISH
    return str(stemmer.stemWord(word))
