"""Put paragraphs together that a page's width broke into lines."""

from __future__ import annotations

import re

MIN_WIDTH = 40
# A line this full was broken for its width, a shorter one because something ended.
_FULL_SHARE = 0.75
_ITEM = re.compile(r"[-–—•*·▪◦‣□]|\(?\d{1,3}[.)]|\(?[a-zа-яё]\)|\|", re.IGNORECASE)
_END = re.compile(r"[.!?:;…][\"'»”’)\]]*$")


def join_lines(pages: list[str]) -> str:
    """Join full lines with the lines behind them, and pages whose last sentence runs on.

    A line is full by the width that nine in ten lines of the document keep to. Texts narrower
    than forty characters, such as verse and lists of words, stay as they are.
    """
    lengths = sorted(len(line.rstrip()) for page in pages for line in page.split("\n") if line.strip())
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    paged = [_join_page(page, width) for page in pages] if width >= MIN_WIDTH else pages
    text = ""
    for page in paged:
        if text and page:
            text += " " if width >= MIN_WIDTH and _runs_on(text, page) else "\n\n"
        text += page
    return text


def _join_page(page: str, width: int) -> str:
    pieces: list[str] = []
    full = False
    for line in page.split("\n"):
        joins = full and line.strip() and not _ITEM.match(line.lstrip())
        pieces += [" " if joins else "\n", line.strip() if joins else line.rstrip()]
        full = len(line.rstrip()) >= _FULL_SHARE * width
    return "".join(pieces[1:])


def _runs_on(text: str, page: str) -> bool:
    first = page.lstrip()[:1]
    return first.islower() and not _END.search(text[-20:]) and not _ITEM.match(page)
