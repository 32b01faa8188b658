"""Parse plain text and Markdown."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from rag.cleaning.encoding import decode
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.dates import read_date

_HEADING = re.compile(r"^#[ \t]+([^\n]*)$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_DATE_KEYS = ("date", "published", "publish_date", "pubdate", "created", "updated", "lastmod", "modified")


class TextParser:
    """Read text files in UTF-8, UTF-16 or an old Russian encoding."""

    suffixes = frozenset({".txt", ".text", ".md", ".markdown", ".rst"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the text with its first top-level heading and the title and date of its front matter."""
        text = decode(path.read_bytes())
        facts, text = split_front_matter(text)
        heading = _HEADING.search(text)
        title = str(facts.get("title") or "") or (heading.group(1).rstrip("# \t") if heading else "")
        return [ParsedText(title, text, published=_published(facts))]


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Take YAML (`---`) or TOML (`+++`) facts from the head of a Markdown text; return them and the rest.

    What does not read as a mapping is text and stays.
    """
    import yaml

    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        facts = tomllib.loads(match[2]) if match[1] == "+++" else yaml.safe_load(match[2])
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        return {}, text
    if not isinstance(facts, dict):
        return {}, text
    # Only plain values: a nest of YAML aliases is small until something writes it out.
    plain = {str(key).lower(): value for key, value in facts.items() if not isinstance(value, (dict, list))}
    return plain, text[match.end() :]


def _published(facts: dict[str, Any]) -> date | None:
    found = (read_date(facts[key]) for key in _DATE_KEYS if key in facts)
    return next((day for day in found if day), None)
