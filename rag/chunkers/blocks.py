"""Read a text as blocks: headings, paragraphs, tables and listings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Kind = Literal["heading", "text", "table", "code"]

_LINE = re.compile(r"[^\n]+|\n(?=\n)")  # a line, or the place of an empty one
_LONGEST_HEADING = 300  # characters; a longer line is prose, or made to keep the patterns busy
_MARKDOWN_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*")
# Plain-text headings, as in the Python reference: a line underlined by one repeated sign.
_UNDERLINED_HEADING = re.compile(r"(\S[^\n]*)\n([*=~^\"-])\2{2,}[ \t]*")
_UNDERLINE_LEVELS = '*=-~^"'
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_INDENT = re.compile(r" {4}|\t")
_RULER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True)
class Block:
    """Hold one block: `text[start:end]` without white space around it."""

    start: int
    end: int
    kind: Kind
    level: int = 0
    """Depth of a heading, 1 the highest; 0 for other blocks."""
    title: str = ""


class Section(NamedTuple):
    """Hold the blocks under one heading, and the headings above them."""

    title_path: tuple[str, ...]
    blocks: list[Block]


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text in order; only white space lies between them.

    A fenced listing is one block, and so is one that is indented by four spaces, empty lines
    inside included. A table is its header, ruler and rows (GitHub Flavored Markdown, 4.10).
    """
    reader = _Reader(text)
    for line in _LINE.finditer(text):
        yield from reader.read(line.start(), line.end())
    yield from reader.close()


def sections(text: str) -> Iterator[Section]:
    """Yield runs of blocks under one heading; where nothing but headings is, each is text."""
    path: dict[int, str] = {}
    body: list[Block] = []
    headings: list[Block] = []
    found = False
    for block in blocks(text):
        if block.kind != "heading":
            body.append(block)
            continue
        if body:
            found = True
            yield Section(tuple(path.values()), body)
            body = []
        headings.append(block)
        path = {level: title for level, title in path.items() if level < block.level}
        path[block.level] = block.title
    if body:
        yield Section(tuple(path.values()), body)
    elif headings and not found:
        yield from (Section((), [replace(heading, kind="text")]) for heading in headings)


class TitlePaths:
    """Tell the headings above any place of a text."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = [0]
        self._paths: list[tuple[str, ...]] = [()]
        path: dict[int, str] = {}
        for block in blocks(text):
            if block.kind == "heading":
                path = {level: title for level, title in path.items() if level < block.level}
                path[block.level] = block.title
                self._starts.append(block.start)
                self._paths.append(tuple(path.values()))

    def at(self, place: int) -> tuple[str, ...]:
        """Return the headings that hold at an offset; a heading holds from its first character."""
        return self._paths[bisect_right(self._starts, place) - 1]


class _Reader:
    """Gather lines into the block that is open, and give it out when it ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kind: Kind | None = None
        self._start = self._end = self._last = 0  # of the block; `_last` is where its last line starts
        self._fence = ""

    def read(self, start: int, end: int) -> Iterator[Block]:
        line = self._text[start:end]
        if self._fence:
            self._end = end
            if line.strip().startswith(self._fence) and not line.strip(" \t\r" + self._fence[0]):
                yield from self.close()
        elif not line.strip():
            if self._kind != "code":  # an empty line inside a listing belongs to it
                yield from self.close()
        elif fence := _FENCE.match(line):
            yield from self._open("code", start, end)
            self._fence = fence.group(1)
        elif heading := self._heading(line, start):
            yield from self.close()
            yield heading
        else:
            yield from self._continue(line, start, end)

    def _continue(self, line: str, start: int, end: int) -> Iterator[Block]:
        kind = self._line_kind(line)
        if kind == "table" and self._kind == "text" and not line.lstrip().startswith("|"):
            # The ruler makes a table of the line above it.
            header, header_end = self._last, self._end
            self._end = header
            yield from self.close()
            self._kind, self._start, self._end = "table", header, header_end
        if kind != self._kind:
            yield from self._open(kind, start, end)
        self._last, self._end = start, end

    def _line_kind(self, line: str) -> Kind:
        if line.lstrip(" ").startswith("|") or (self._kind == "table" and "|" in line):
            return "table"
        if self._kind == "text":
            above = self._text[self._last : self._end]
            ruled = "|" in line and "|" in above and len(line) < 1000 and _RULER.fullmatch(line)
            return "table" if ruled else "text"
        return "code" if _INDENT.match(line) and self._kind in (None, "code") else "text"

    def _heading(self, line: str, start: int) -> Block | None:
        found = _MARKDOWN_HEADING.fullmatch(line.rstrip()) if len(line) <= _LONGEST_HEADING else None
        if not found:
            return None
        return Block(start, start + len(line.rstrip()), "heading", len(found.group(1)), found.group(2))

    def _open(self, kind: Kind, start: int, end: int) -> Iterator[Block]:
        yield from self.close()
        self._kind, self._start, self._last, self._end = kind, start, start, end

    def close(self) -> Iterator[Block]:
        kind, raw = self._kind, self._text[self._start : self._end]
        self._kind, self._fence = None, ""
        if kind is None or not raw.strip():
            return
        start = self._start + len(raw) - len(raw.lstrip())
        end = self._start + len(raw.rstrip())
        indented = start > 0 and self._text[start - 1] != "\n"
        may_be_heading = kind == "text" and not indented and end - start <= _LONGEST_HEADING
        if may_be_heading and (found := _UNDERLINED_HEADING.fullmatch(self._text, start, end)):
            level = 1 + _UNDERLINE_LEVELS.index(found.group(2))
            yield Block(start, end, "heading", level, found.group(1).strip())
        else:
            yield Block(start, end, kind)
