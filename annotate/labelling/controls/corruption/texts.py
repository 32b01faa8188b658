"""Find the sentences of an answer, their citations and their facts, by offsets into the text as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from razdel import sentenize

MARK = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_MARKS_AHEAD = re.compile(r"(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+")
_BULLET = re.compile(r"\s*(?:[-*•–—]\s+|\(?\d{1,2}[.)]\s+)")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<![\w.])(?:[A-ZА-ЯЁ][\w-]+|[A-ZА-ЯЁ]{2,})")
_LATIN = re.compile(r"[A-Za-z][A-Za-z-]+")
_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Sentence:
    """Hold where a sentence stands in a text, with the citations that belong to it."""

    start: int
    end: int
    text: str
    cited: tuple[int, ...]

    @property
    def bare(self) -> str:
        """Return the sentence without its marks."""
        return bare(self.text)


def split(text: str) -> list[Sentence]:
    """Return the sentences in order; a citation behind the full stop belongs to the sentence before."""
    found: list[Sentence] = []
    start = 0
    for line in text.splitlines(keepends=True):
        found += _split_line(text, start, start + len(line.rstrip("\r\n")))
        start += len(line)
    return found


def _split_line(text: str, start: int, end: int) -> Iterator[Sentence]:
    bullet = _BULLET.match(text, start, end)
    spans: list[list[int]] = []
    first = bullet.end() if bullet else start
    for part in sentenize(text[first:end]):
        opening, closing = first + part.start, first + part.stop
        marks = _MARKS_AHEAD.match(text, opening, closing)
        if marks and spans:
            spans[-1][1], opening = marks.end(), marks.end()
        opening += len(text[opening:closing]) - len(text[opening:closing].lstrip())
        if re.search(r"\w", bare(text[opening:closing])):
            spans.append([opening, closing])
        elif spans and opening < closing:
            spans[-1][1] = closing
    for opening, closing in spans:
        written = text[opening:closing].rstrip()
        yield Sentence(opening, opening + len(written), written, cited(written))


def cited(text: str) -> tuple[int, ...]:
    """Return the passage numbers that a text cites, in order, each once."""
    return tuple(dict.fromkeys(int(number) for mark in MARK.findall(text) for number in mark.split(",")))


def bare(text: str) -> str:
    """Return a text without its citations."""
    return re.sub(r"\s+([.!?…,;:])", r"\1", MARK.sub("", text)).strip()


def is_in(text: str, language: str) -> bool:
    """Tell whether most letters of a text are of the alphabet of a language: Cyrillic for Russian."""
    letters = len(_LETTER.findall(text))
    return (2 * len(_CYRILLIC.findall(text)) > letters) == (language == "ru") if letters else False


def words(text: str) -> set[str]:
    """Return the words of a text in lower case, ё written as е, cut to their first six letters.

    The cut stands for a stemmer: it joins the forms of most words of both languages.
    """
    return {word[:6] for word in _WORD.findall(bare(text).lower().replace("ё", "е")) if len(word) > 3}


def overlap(text: str, passage: str) -> float:
    """Return the share of a text's words that a passage holds."""
    own = words(text)
    return len(own & words(passage)) / len(own) if own else 0.0


def facts(text: str) -> set[str]:
    """Return the numbers and names of a text, the first word of a sentence not taken for a name."""
    found = set(_NUMBER.findall(bare(text)))
    for sentence in split(text):
        plain = sentence.bare
        inside = plain[len(_first_word(plain)) :]
        found |= set(_NAME.findall(inside))
        if _CYRILLIC.search(plain):
            found |= set(_LATIN.findall(plain))  # a Latin word in a Russian sentence is a name or a term
    return found


def _first_word(text: str) -> str:
    match = _WORD.search(text)
    return text[: match.end()] if match else ""
