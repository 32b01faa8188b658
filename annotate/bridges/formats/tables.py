"""Say which columns a table of preferences or judgements has, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.bridges.formats.base import JUDGEMENTS, Row
from annotate.bridges.formats.json_files import dumped
from annotate.bridges.formats.records import COLUMNS, NESTED
from annotate.errors import BridgeError

PREFERENCE_COLUMNS = (
    "id", "question_id", "language", "question", "prompt", "chosen", "rejected", "weight", "margin",
    "lineage",
)  # fmt: skip


def known_columns(content: str) -> tuple[str, ...]:
    """Return the columns that rows of a content have."""
    return COLUMNS if content == JUDGEMENTS else PREFERENCE_COLUMNS


def wanted(content: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return our names of the columns to write, each with its name in the file.

    Raises BridgeError for a column that the rows do not have.
    """
    known = known_columns(content)
    if unknown := [name for name in columns if name not in known]:
        raise BridgeError(f"no column {', '.join(unknown)} in {content}; known: {', '.join(known)}")
    return dict(columns) or {name: name for name in known}


def table(rows: Iterable[Row], content: str, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the rows with the wanted columns under the wanted names."""
    names = wanted(content, columns)
    for row in rows:
        yield {theirs: value(row, ours) for ours, theirs in names.items()}


def value(row: Row, name: str) -> Any:
    """Return the value of a column; a preference row keeps its question in its lineage."""
    if name == "question" and name not in row:
        return (row.get("lineage") or {}).get("question", "")
    return row.get(name)


def flat(name: str, found: Any) -> Any:
    """Return a value as a cell: what is nested becomes JSON."""
    return dumped(found) if name in NESTED and found is not None else found
