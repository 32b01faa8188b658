"""Cut a text where it begins to repeat itself, and an end that was left unfinished."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.language import sentences

LONGEST_LOOP = 16  # words
_FINISHED = re.compile(r"[.!?…»\"')\]`:;|*]$")
_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"\[\d+\](?:[\s,;]*\[\d+\]){7,}")  # nobody cites eight passages for one thing
_MARK_AFTER_MARK = re.compile(r"[\s,;]*\[\d+\]")


class Cut(NamedTuple):
    """Hold what is left of a text, whether it ran in a loop, and whether its end was missing."""

    text: str
    looped: bool
    unfinished: bool


def cut(text: str) -> Cut:
    """Keep a text up to its first repeated sentence or phrase, and drop an unfinished last sentence.

    An only sentence stays even where it is unfinished.
    """
    start = find_loop(text)
    kept: list[str] = []
    seen: set[str] = set()
    looped = start is not None
    for sentence in sentences(text if start is None else text[:start]):
        key = re.sub(r"\W+", " ", sentence.lower()).strip()
        if key in seen and len(key) > 3:
            looped = True
            break
        seen.add(key)
        kept.append(sentence)
    unfinished = bool(kept) and not _FINISHED.search(kept[-1])
    if len(kept) > 1 and unfinished:
        kept.pop()
    return Cut(" ".join(kept), looped, unfinished and not looped)


def trim(text: str) -> str:
    """Cut an answer where it begins to repeat itself, and drop a last sentence left unfinished."""
    return cut(text).text


def find_loop(text: str) -> int | None:
    """Return where the second round of a phrase said over and over begins, or None.

    A phrase of two or more words is a loop from its third round on, a single word from its
    fourth, numbers never; the phrases looked at have at most 16 words. Citation after citation,
    counting up, is a loop as well.
    """
    found = list(_WORD.finditer(text))
    words = [match[0].lower() for match in found]
    first = _second_mark(text)
    for size in range(1, min(LONGEST_LOOP, len(words) // 3) + 1):
        wanted = (2 if size > 1 else 3) * size  # equal words at a distance of `size`, in a row
        run = 0
        for at in range(size, len(words)):
            run = run + 1 if words[at] == words[at - size] else 0
            round_start = at - run + 1
            if run >= wanted and any(word[0].isalpha() for word in words[round_start : at + 1]):
                start = found[round_start].start()
                first = start if first is None else min(first, start)
                break
    return first


def _second_mark(text: str) -> int | None:
    """Return where the second of many citations in a row begins, or None."""
    marks = _MARKS.search(text)
    if marks is None:
        return None
    second = _MARK_AFTER_MARK.search(text, marks.start() + 1)
    return second.start() if second else None
