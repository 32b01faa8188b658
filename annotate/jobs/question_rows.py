"""Read the fields of a JSON line about a question, under the names that files give them."""

from __future__ import annotations

from typing import Any

from annotate.errors import BridgeError


def text_of(row: dict[str, Any], place: str, *names: str) -> str:
    """Return the first of the fields that holds a text; raise BridgeError where none does."""
    for name in names:
        if isinstance(row.get(name), str) and row[name].strip():
            return str(row[name]).strip()
    raise BridgeError(f"{place}: no text under `{'` or `'.join(names)}`")


def strings_of(row: dict[str, Any], name: str, place: str) -> list[str]:
    """Return a field as strings: one, several, or objects with a `text`; raise BridgeError for others."""
    value = row.get(name)
    if not value:
        return []
    items = value if isinstance(value, list) else [value]
    found = [item.get("text") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(item, str) for item in found):
        raise BridgeError(f"{place}: `{name}` holds something that is no text")
    return [str(item) for item in found]


def documents_of(row: dict[str, Any], place: str) -> list[str]:
    """Return the keys of the documents that answer a question: `document`, `documents` and `also`."""
    return [key for name in ("document", "documents", "also") for key in strings_of(row, name, place)]
