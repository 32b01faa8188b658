"""Turn untrusted text into HTML or Markdown that can only be read: it loads and runs nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from annotate.api.rendering import render_markdown

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def escape(text: str) -> str:
    """Return text for HTML, in elements and attributes alike."""
    return html.escape(text, quote=True)


def plain(text: str) -> str:
    """Return text that Markdown shows letter by letter."""
    return _MARKDOWN.sub(r"\\\1", text)


def rich(text: str, cite: Callable[[int], str] | None = None) -> str:
    """Return an answer's Markdown as safe HTML; `cite` draws each cited number."""
    return render_markdown(text, cite=None if cite is None else lambda number, _sentence: cite(number))
