"""Show what changed in the guidelines, section by section, as people mark up a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from annotate.labelling.guideline_changes import ADDED, REMOVED, SAME, LineChange, Segment, TextChange
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

_HEADING = re.compile(r"#{1,6}\s+(.+)")
_OPENING = re.compile(r"^(\s*)(#{1,6}\s+|[-*]\s+|>\s+)")
_RULE = re.compile(r"^[\s|:-]*$")  # an empty line, or the line between the head and the rows of a table
_MARKS = {ADDED: "ins", REMOVED: "del"}


def draw_changes(
    old: Mapping[str, str], new: Mapping[str, str], changes: Sequence[TextChange], speech: Speech
) -> str:
    """Return the changes as HTML; `old` and `new` are the whole texts by `language/name`."""
    return "".join(_text(old, new, change, speech) for change in changes)


def _text(old: Mapping[str, str], new: Mapping[str, str], change: TextChange, speech: Speech) -> str:
    key = f"{change.language}/{change.name}"
    before, after = old.get(key, "").splitlines(), new.get(key, "").splitlines()
    name = _title(after or before) or change.name
    sections = [
        (section, drawn)
        for section, lines in groupby(change.lines, lambda line: _section(line, before, after))
        if (drawn := "".join(_line(line, speech) for line in lines))
    ]
    body = "".join(
        (f"<h3>{escape(section)}</h3>" if section != name else "") + drawn for section, drawn in sections
    )
    kind = f'<span class="pl-kind">{escape(speech(f"entry.{change.kind}_page"))}</span>'
    return f'<section class="pl-changes"><h2>{escape(name)} {kind}</h2>{body}</section>'


def _section(line: LineChange, before: Sequence[str], after: Sequence[str]) -> str:
    """Return the heading under which a line stands, in the new text where it is in it."""
    lines, number = (after, line.new_number) if line.new_number is not None else (before, line.old_number)
    for text in reversed(lines[: number or 0]):
        if found := _HEADING.match(text):
            return found[1]
    return ""


def _title(lines: Sequence[str]) -> str:
    return next((found[1] for text in lines if (found := _HEADING.match(text))), "")


def _line(line: LineChange, speech: Speech) -> str:
    whole = "".join(segment.text for segment in line.segments)
    if _RULE.match(whole) or (line.kind == SAME and _HEADING.match(whole)):
        return ""
    drawn = "".join(_segments(line.segments, speech))
    return f'<p class="pl-line pl-{line.kind}">{drawn}</p>'


def _segments(segments: Sequence[Segment], speech: Speech) -> Iterator[str]:
    last = len(segments) - 1
    for at, segment in enumerate(segments):
        text = escape(_readable(segment.text, first=at == 0, last=at == last))
        if mark := _MARKS.get(segment.kind):
            told = escape(speech(f"entry.{segment.kind}_words"))
            yield f'<{mark}><span class="pl-unseen">{told} </span>{text}</{mark}>'
        else:
            yield text


def _readable(text: str, *, first: bool, last: bool) -> str:
    """Leave out the marks of Markdown that mean nothing to a reader."""
    if first:
        text = _OPENING.sub(lambda found: "" if found[2][0] in "#>" else "• ", text).removeprefix("| ")
    if last:
        text = text.removesuffix(" |")
    return text.replace("**", "").replace("|", "·")
