"""Find what is named in Latin letters by its look: Python 3.11, PostgreSQL, GPT-4, C++."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.entities.base import Entity

# A name and its version, as in `Python 3.11`, `Windows 10`, `USB 3.0`.
_VERSIONED = re.compile(r"\b([A-Za-z][\w+#-]{1,30})[ \u00a0]v?(\d{1,4}(?:\.\d+){1,3})(?![\w%])")
_MIXED = re.compile(
    r"(?<![\w./@-])(?:"
    r"[A-Za-z][a-z0-9]*[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*"  # PostgreSQL, iPhone, TypeError
    r"|[A-Z][A-Za-z]*-?\d{1,4}[A-Za-z]?"  # GPT-4, UTF-8, B2B, MP3
    r"|[A-Z][a-z]*(?:\+\+|\#)"  # C++, C#
    r"|[A-Z][A-Za-z]+\.(?:js|py|io|NET|org)"  # Node.js
    r")(?![\w@])"
)
_SCOTTISH = re.compile(r"(?:Mc|Mac|De|Di|Du|La|Le|Van|Fitz|O)[A-Z][a-z]+")
# Words before a number that count or point and name nothing.
_POINTERS = frozenset(
    """
    about above after appendix approximately around article at before below between by chapter clause
    equation example exercise fig figure from in issue item level line listing number of on over page
    paragraph part point ratio release revision rev rule scale score section since step table than the
    to under until update verse version volume was were is are ver vol and or a an no nearly only up
    cost costs usd eur gbp rub pair mean average median p n r
    """.split()  # noqa: SIM905
)


def technical_names(text: str) -> Iterator[Entity]:
    """Yield the technical names of a text, those with a version first."""
    for match in _VERSIONED.finditer(text):
        name, version = match.group(1), match.group(2)
        if name.lower() not in _POINTERS and (name[0].isupper() or name[1:] != name[1:].lower()):
            yield Entity(f"{name} {version}", "other", match.start(), match.end())
    for match in _MIXED.finditer(text):
        if not _SCOTTISH.fullmatch(match.group()):
            yield Entity(match.group(), "other", match.start(), match.end())
