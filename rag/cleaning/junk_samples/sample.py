"""Hold one labelled text for the junk classifier, and cut long texts into pieces of a document's size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

SHORTEST, LONGEST = 120, 4000
"""Pieces of fewer characters say too little to be learned from; longer ones are cut."""


class Sample(NamedTuple):
    """Hold a text, what it is, and the source it must share a side of the split with."""

    text: str
    language: str
    kind: str
    source: str
    is_junk: bool


def pieces(text: str, longest: int = LONGEST) -> Iterator[str]:
    """Yield the text in pieces of whole lines, each of at most `longest` characters where lines allow it."""
    held = ""
    for line in text.splitlines(keepends=True):
        if held and len(held) + len(line) > longest:
            if len(held) >= SHORTEST:
                yield held
            held = ""
        held += line
    if len(held) >= SHORTEST:
        yield held
