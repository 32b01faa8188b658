"""Refuse texts that no database keeps: with a zero character, or half of one, and numbers that are none."""

from __future__ import annotations

import json
import re
from typing import Any

# What JSON must write for such a text; where it stands inside of words, a closer look tells.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|NaN|Infinity")
_ENCODED_ZERO = b"%00"


def is_storable(body: bytes, query: bytes = b"") -> bool:
    """Tell whether a body of JSON and a query can be kept; what is no JSON at all is told elsewhere."""
    if _ENCODED_ZERO in query:
        return False
    if not _SUSPECT.search(body):
        return True
    try:
        return _is_clean(json.loads(body, parse_constant=_refuse))
    except _NoNumberError:
        return False
    except (ValueError, RecursionError):
        return True


class _NoNumberError(Exception):
    """Say that a number is none."""


def _refuse(name: str) -> Any:
    raise _NoNumberError(name)


def _is_clean(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_is_clean(key) and _is_clean(held) for key, held in value.items())
    return not isinstance(value, list) or all(map(_is_clean, value))
