"""Take out of a guideline what states the criteria, within a budget of tokens.

A guideline is written for people: it also speaks of screens and keys. What decides stands in
tables and lists, so sections with a table come first, then numbered lists, then bullets, then
prose; a section that does not fit is left out whole. Any language and any headings will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

PART = "comparison"  # the text of a guideline that says how answers are compared
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_SIGNS = tuple(re.compile(sign, re.MULTILINE) for sign in (r"^\|", r"^\d+\. ", r"^[-*] "))


def criteria(texts: Mapping[str, str], tokens: int, count_tokens: Callable[[str], int]) -> str:
    """Return the criteria of a guideline's texts, at most so many tokens of them; "" where none fit."""
    whole = texts.get(PART) or "\n\n".join(text for _, text in sorted(texts.items()))
    sections = [section.strip() for section in _SECTION.split(whole) if section.strip()]
    left, chosen = tokens, set[int]()
    for at in sorted(range(len(sections)), key=lambda at: (_rank(sections[at]), at)):
        size = count_tokens(sections[at])
        if size <= left:
            chosen.add(at)
            left -= size
    if not chosen and sections:
        return _cut(min(sections, key=_rank), tokens, count_tokens)
    return "\n\n".join(sections[at] for at in sorted(chosen))


def _rank(section: str) -> int:
    return next((rank for rank, sign in enumerate(_SIGNS) if sign.search(section)), len(_SIGNS))


def _cut(section: str, tokens: int, count_tokens: Callable[[str], int]) -> str:
    lines = section.splitlines()
    while lines and count_tokens("\n".join(lines)) > tokens:
        lines.pop()
    return "\n".join(lines)
