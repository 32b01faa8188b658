"""Turn untrusted text into HTML or Markdown that can only be read: it loads and runs nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

# A block stands apart on the page, so the line breaks around it go.
_CODE = re.compile(r"\s*```[^\n`]*\n(?P<block>.*?)(?:```\s*|\Z)|`(?P<inline>[^`\n]+)`", re.DOTALL)
_MARK = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_ITEM = re.compile(r"(?:[-*•]|\d{1,3}[.)])\s+")
_RIGID = re.compile(r">>>|\.\.\.|[|+]|\W+\Z")  # a prompt, a table, a rule
_FULL_LINE = 50  # characters from which a line may have been broken by the right margin
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def escape(text: str) -> str:
    """Return text for HTML, in elements and attributes alike."""
    return html.escape(text, quote=True)


def plain(text: str) -> str:
    """Return text that Markdown shows letter by letter."""
    return _MARKDOWN.sub(r"\\\1", text)


def rich(text: str, cite: Callable[[int], str] | None = None) -> str:
    """Return a text as HTML with its code in monospace; `cite` draws each cited number."""
    parts, at = [], 0
    for found in _CODE.finditer(text):
        parts.append(_prose(text[at : found.start()], cite))
        block, inline = found["block"], found["inline"]
        parts.append(f"<code>{escape(inline)}</code>" if inline else f"<pre>{escape(block.rstrip())}</pre>")
        at = found.end()
    return "".join([*parts, _prose(text[at:], cite)])


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


def _prose(text: str, cite: Callable[[int], str] | None) -> str:
    if cite is None:
        return escape(text)
    parts, at = [], 0
    for found in _MARK.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts += [cite(int(number)) for number in found[1].split(",")]
        at = found.end()
    return "".join([*parts, escape(text[at:])])
