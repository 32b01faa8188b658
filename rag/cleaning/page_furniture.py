"""Remove what a print shop adds to pages: running heads, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

EDGE_LINES = 3
MIN_PAGES = 3
# Left and right pages often carry different heads, and chapters change them.
MIN_SHARE = 0.25
MAX_CHARACTERS = 200
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]{1,7}")


def drop_repeated_lines(pages: list[str]) -> list[str]:
    """Remove the lines at the edges of pages that come back on many of them.

    A line is compared without its digits, and one of digits alone goes only where it counts
    pages. The first page that carries a line of words keeps it: it may be the title.
    """
    if len(pages) < MIN_PAGES:
        return list(pages)
    split = [page.split("\n") for page in pages]
    seen: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, lines in enumerate(split):
        for position in _edges(lines):
            seen[_form(lines[position])].append((number, position))
    dropped: dict[int, set[int]] = defaultdict(set)
    for form, places in seen.items():
        for number, position in _furniture(form, places, split):
            dropped[number].add(position)
    return [
        "\n".join(line for position, line in enumerate(lines) if position not in dropped[number])
        for number, lines in enumerate(split)
    ]


def _edges(lines: list[str]) -> list[int]:
    filled = [position for position, line in enumerate(lines) if line.strip()]
    edges = sorted({*filled[:EDGE_LINES], *filled[-EDGE_LINES:]})
    return [position for position in edges if len(lines[position]) <= MAX_CHARACTERS]


def _form(line: str) -> str:
    words = " ".join(line.casefold().split())
    return "#" if _ROMAN.fullmatch(words) else _NUMBER.sub("#", words)


def _furniture(form: str, places: list[tuple[int, int]], split: list[list[str]]) -> list[tuple[int, int]]:
    if len({number for number, _ in places}) < max(MIN_PAGES, MIN_SHARE * len(split)):
        return []
    if not any(letter.isalpha() for letter in form):
        return _page_numbers(places, split) if "#" in form else places
    return places if "#" in form else places[1:]


def _page_numbers(places: list[tuple[int, int]], split: list[list[str]]) -> list[tuple[int, int]]:
    """Keep the places whose first number runs with the pages; Roman ones always do."""
    offsets = {}
    for number, position in places:
        found = _NUMBER.search(split[number][position])
        offsets[number, position] = int(found.group()[:9]) - number if found else None
    offset, count = Counter(offsets.values()).most_common(1)[0]
    return [place for place in places if offsets[place] == offset] if count >= MIN_PAGES else []
