"""Compare two versions of a set of texts, by line and within a line by word; pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
CONTEXT = 1  # unchanged lines shown around a change
ALIKE = 0.4  # lines that share less are one removed and one added, not one changed
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Segment:
    """Hold a stretch of a line that is the same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class LineChange:
    """Hold a line with its numbers in both versions, from 1, and the stretches that it is made of."""

    kind: str
    old_number: int | None
    new_number: int | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class TextChange:
    """Hold what became of one text: added, removed or changed, with the lines that tell it."""

    language: str
    name: str
    kind: str
    lines: tuple[LineChange, ...]


def compare_texts(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[TextChange, ...]:
    """Return the differences of texts by `language/name`; what is equal does not appear."""
    found = []
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        language, _, name = key.partition("/")
        kind = ADDED if key not in old else REMOVED if key not in new else CHANGED
        lines = compare_lines(old.get(key, "").splitlines(), new.get(key, "").splitlines())
        found.append(TextChange(language, name, kind, tuple(lines)))
    return tuple(found)


def compare_lines(old: Sequence[str], new: Sequence[str]) -> list[LineChange]:
    """Return the changed lines in order, each change with its neighbouring lines."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    every = [line for block in matcher.get_opcodes() for line in _block(block, old, new)]
    near = {
        shown
        for at, line in enumerate(every)
        if line.kind != SAME
        for shown in range(at - CONTEXT, at + CONTEXT + 1)
    }
    return [line for at, line in enumerate(every) if at in near]


def _block(
    block: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]
) -> Iterator[LineChange]:
    operation, from_old, to_old, from_new, to_new = block
    before, after = list(range(from_old, to_old)), list(range(from_new, to_new))
    if operation == "equal":
        for one, other in zip(before, after, strict=True):
            yield LineChange(SAME, one + 1, other + 1, (Segment(SAME, new[other]),))
        return
    for pair in _paired(before, after, old, new):
        yield _line(pair, old, new)


def _paired(
    before: list[int], after: list[int], old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[int | None, int | None]]:
    """Match each new line with the next old one that is like it; the rest was removed or added."""
    at = 0
    for line in after:
        match = next(
            (n for n in range(at, len(before)) if _alike(old[before[n]], new[line])),
            None,
        )
        if match is None:
            yield None, line
            continue
        yield from ((gone, None) for gone in before[at:match])
        yield before[match], line
        at = match + 1
    yield from ((gone, None) for gone in before[at:])


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, _WORDS.findall(one), _WORDS.findall(other), autojunk=False).ratio() >= ALIKE


def _line(pair: tuple[int | None, int | None], old: Sequence[str], new: Sequence[str]) -> LineChange:
    before, after = pair
    if before is None and after is not None:
        return LineChange(ADDED, None, after + 1, (Segment(ADDED, new[after]),))
    if after is None and before is not None:
        return LineChange(REMOVED, before + 1, None, (Segment(REMOVED, old[before]),))
    assert before is not None  # noqa: S101 - a pair has a side
    assert after is not None  # noqa: S101
    return LineChange(CHANGED, before + 1, after + 1, tuple(compare_words(old[before], new[after])))


def compare_words(old: str, new: str) -> list[Segment]:
    """Return the stretches of a changed line: same and removed are the old one, same and added the new."""
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    segments: list[Segment] = []
    for operation, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if operation == "equal":
            segments.append(Segment(SAME, "".join(one[a:b])))
            continue
        if b > a:
            segments.append(Segment(REMOVED, "".join(one[a:b])))
        if d > c:
            segments.append(Segment(ADDED, "".join(other[c:d])))
    return segments
