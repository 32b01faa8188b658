"""Find where a text may be cut: between lines, sentences, words, or at least whole characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from razdel import sentenize

LINES = re.compile(r"\n")
SENTENCES = re.compile(r"(?<=[.!?…;:])\s+")
WORDS = re.compile(r"\s+")
PROSE = (LINES, SENTENCES, WORDS)
_LIST_ITEM = re.compile(r"\n(?=[ \t]*(?:[-*+•–—]|\d{1,3}[.)])[ \t])")
# razdel knows Russian abbreviations; these English ones are followed by a name or a number.
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Capt|Lt|Sgt|Sen|Rep|Gov|Pres|Hon|St|Mt|Ft|vs|cf|viz|approx|"
    r"Fig|Figs|Eq|Sec|Ch|Vol|No|Nos|pp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$"
)
_RAZDEL_CHARACTERS = 20_000  # handed over at once; a longer run without a list item is cut at a line
_LONGEST_CLUSTER = 32  # code points; a longer pile of marks is nobody's letter
_LONGEST_FLAGS = 1_000  # letters of flags in a row that are counted to tell where one ends
_JOINER = "\u200d"


def last_cut(
    text: str, start: int, limit: int, least: int, patterns: Sequence[re.Pattern[str]] = PROSE
) -> int:
    """Return the last good place to cut between `least` and `limit`, by the first pattern that has one.

    Where none has, the text is cut at `limit` or a few code points before it, so that no letter
    loses its marks. The result is greater than `start`.
    """
    least = max(least, start + 1)
    for pattern in patterns:
        cuts = [match.start() for match in pattern.finditer(text, least, limit)]
        if cuts:
            return cuts[-1]
    return whole_character(text, limit, start + 1)


def whole_character(text: str, place: int, least: int) -> int:
    """Move a cut left until it parts no character from its marks, but not below `least`.

    Combining marks, variation selectors, emoji joined by U+200D, flags, surrogate pairs and
    CR LF stay whole (a simplification of Unicode Standard Annex 29).
    """
    for cut in range(place, max(least, place - _LONGEST_CLUSTER) - 1, -1):
        if cut <= 0 or cut >= len(text) or not _joined(text, cut):
            return cut
    return place


def _joined(text: str, cut: int) -> bool:
    before, after = text[cut - 1], text[cut]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    if unicodedata.category(after)[0] == "M" or after == _JOINER or before == _JOINER:
        return True
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":  # the skin tone of an emoji
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        letters = 0
        while letters < min(cut, _LONGEST_FLAGS) and _is_flag_letter(text[cut - 1 - letters]):
            letters += 1
        return letters % 2 == 1
    return False


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without white space at its ends; an empty span where nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def pieces(
    text: str,
    start: int,
    end: int,
    limit: int,
    least: int,
    patterns: Sequence[re.Pattern[str]] = PROSE,
) -> Iterator[tuple[int, int]]:
    """Yield spans of at most `limit` characters that cover `text[start:end]` but for white space."""
    while end - start > limit:
        cut = last_cut(text, start, start + limit, start + least, patterns)
        piece = trim(text, start, cut)
        if piece[0] < piece[1]:
            yield piece
        start = trim(text, cut, end)[0]
    start, end = trim(text, start, end)
    if start < end:
        yield start, end


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of `text[start:end]` in order (razdel); each list item starts one."""
    edges = [start, *(match.start() for match in _LIST_ITEM.finditer(text, start, end)), end]
    for left, right in pairwise(edges):
        for from_, to in pieces(
            text, left, right, _RAZDEL_CHARACTERS, _RAZDEL_CHARACTERS // 2, (LINES, WORDS)
        ):
            yield from _joined_at_abbreviations(text, from_, to)


def _joined_at_abbreviations(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    opened: int | None = None
    for sentence in sentenize(text[start:end]):
        left, right = start + sentence.start, start + sentence.stop
        opened = left if opened is None else opened
        if right < end and _ABBREVIATED.search(text, max(opened, right - 12), right):
            continue
        yield opened, right
        opened = None
    if opened is not None:
        yield opened, end
