"""Join lines that were broken at a right margin: passages from plain text are full of them."""

from __future__ import annotations

import re

_ITEM = re.compile(r"(?:[-*•]|\d{1,3}[.)])\s+")
_RIGID = re.compile(r">>>|\.\.\.|[|+]|\W+\Z")  # a prompt, a table, a rule
_FULL_LINE = 50  # characters from which a line may have been broken by the right margin


def unwrap(text: str) -> str:
    """Join the lines of paragraphs and list items that were broken at a right margin.

    Indented blocks, tables and prompts keep their lines: they may be code.
    """
    lines: list[str] = []
    width, hang = 0, -1  # of the line before: its length, and the indent that continues it
    for line in text.split("\n"):
        words = line.lstrip()
        indent = len(line) - len(words)
        item = _ITEM.match(words)
        rigid = not words or _RIGID.match(words) is not None
        if width >= _FULL_LINE and indent == hang and not item and not rigid:
            lines[-1] = f"{lines[-1].rstrip()} {words}"
        else:
            lines.append(line)
            hang = indent + len(item[0]) if item else (0 if indent == 0 and not rigid else -1)
        width = len(line)
    return "\n".join(lines)
