"""Parse plain text and Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from rag.errors import DocumentError
from rag.parsers.base import ParsedText

_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)
_CANDIDATES = ("cp1251", "koi8-r", "utf-8")  # the last for a file with a broken byte
# Not п and я: in koi8-r every Russian letter of UTF-8 begins with one of them.
_TELLING_LETTERS = re.compile(r"[а-ор-юё]")


class TextParser:
    """Read text files in UTF-8 or, for old Russian files, cp1251 and koi8-r."""

    suffixes = frozenset({".txt", ".md", ".markdown", ".rst"})

    def parse(self, path: Path) -> ParsedText:
        """Return the text and its first top-level heading; refuse binary content."""
        text = decode(path.read_bytes())
        heading = _HEADING.search(text)
        return ParsedText(heading.group(1) if heading else "", text)


def decode(data: bytes) -> str:
    """Decode bytes as UTF-8, else by the encoding with the most lower-case Russian letters.

    Line ends become plain ones. Raises DocumentError for binary data.
    """
    return _decode(data).replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:65_536]:
        raise DocumentError("binary content in a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        candidates = [data.decode(encoding, errors="replace") for encoding in _CANDIDATES]
        # The wrong table turns lower-case letters into upper-case ones or signs.
        return max(candidates, key=lambda text: len(_TELLING_LETTERS.findall(text)))
