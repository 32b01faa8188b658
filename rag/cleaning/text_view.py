"""Cut a text into lines, tokens and words, each once, for all who measure it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from rag.language import words

LOOKED_AT_CHARACTERS = 30_000
"""A longer text is judged by its beginning, middle and end, this many characters together."""

CYRILLIC = re.compile(r"[А-Яа-яЁё]")
LATIN = re.compile(r"[A-Za-z]")


class TextView:
    """Hold a text cut into lines, tokens and words, each once."""

    def __init__(self, text: str, language: str) -> None:
        self.text = _looked_at(text)
        self.language = language
        self.solid = max(sum(map(len, self.tokens)), 1)

    @cached_property
    def tokens(self) -> list[str]:
        """Return what stands between white space."""
        return self.text.split()

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines that are not blank, with their indentation."""
        return [line.rstrip() for line in self.text.splitlines() if line.strip()]

    @cached_property
    def lower(self) -> str:
        """Return the text in lower case."""
        return self.text.lower()

    @cached_property
    def words(self) -> list[str]:
        """Return the words in lower case, with ё written as е."""
        return words(self.text)

    @cached_property
    def letters(self) -> int:
        """Count the letters."""
        return sum(map(str.isalpha, self.text))

    def share_of_characters(self, pattern: re.Pattern[str]) -> float:
        """Return the share of the characters, white space left out, that a pattern covers."""
        covered = sum(len(found.group().replace(" ", "")) for found in pattern.finditer(self.text))
        return min(covered / self.solid, 1.0)

    def share_of_lines(self, pattern: re.Pattern[str]) -> float:
        """Return the share of the lines in whose first or last 200 characters a pattern is found."""
        ends = (line if len(line) <= 400 else line[:200] + line[-200:] for line in self.lines)
        return share(bool(pattern.search(line)) for line in ends)


def share(flags: Iterable[bool]) -> float:
    """Return the share of the flags that are true; 0 of none."""
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def _looked_at(text: str) -> str:
    if len(text) <= LOOKED_AT_CHARACTERS:
        return text
    part, middle = LOOKED_AT_CHARACTERS // 3, len(text) // 2
    return "\n".join((text[:part], text[middle : middle + part], text[-part:]))
