"""Join the words that a line end divides."""

from __future__ import annotations

import re

# What pdfium writes in place of a hyphen and a line end.
_PDFIUM_HYPHEN = re.compile("[\x02\ufffe]\n?")
_DIVIDED = re.compile("([^\\W\\d_]+)([-\u2010\u00ad])[ \t]*\n[ \t]*([^\\W\\d_]+)(\\S*)[ \t]?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ALWAYS_HYPHENATED = re.compile(
    r"по-\w+(?:ски|цки|ому|ему)|кое-\w+|\w+-(?:то|либо|нибудь|таки)|(?:self|well)-\w+", re.IGNORECASE
)


def join_hyphenated(text: str) -> str:
    """Put words together that a hyphen and a line end divide; the line then ends behind the word.

    Whether the hyphen belongs to the word is told by the same word elsewhere in the text, else by
    rule: Russian `по-русски`, `что-то` and English `self-service` keep it, and so do names and
    numbers behind it.
    """
    text = _PDFIUM_HYPHEN.sub("-\n", text)
    known = {word.casefold() for word in _WORD.findall(text)}

    def join(match: re.Match[str]) -> str:
        left, hyphen, right, rest = match.groups()
        return f"{left}{_hyphen(left, hyphen, right, known)}{right}{rest}\n"

    return _DIVIDED.sub(join, text)


def _hyphen(left: str, hyphen: str, right: str, known: set[str]) -> str:
    joined, hyphenated = f"{left}{right}".casefold(), f"{left}-{right}".casefold()
    if hyphen == "\u00ad" or (joined in known and hyphenated not in known):
        return ""
    if hyphenated in known or (right[0].isupper() and not left.isupper()):
        return "-"
    return "-" if _ALWAYS_HYPHENATED.fullmatch(hyphenated) else ""
