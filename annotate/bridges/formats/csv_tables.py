"""Write and read any table as CSV, with a column map.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula; such texts are
written behind an apostrophe (OWASP, "CSV Injection"). Coming back under our own header they lose it
again; in the files of others an apostrophe is a letter like any other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, PREFERENCES, Entry, Format, ReadOptions, Row
from annotate.bridges.formats.json_files import opened
from annotate.bridges.formats.mappings import entry
from annotate.bridges.formats.records import COLUMNS
from annotate.bridges.formats.tables import PREFERENCE_COLUMNS, flat, table, wanted
from annotate.errors import BridgeError

LARGEST_CELL = 16 << 20  # characters; the csv module stops at 131,072 unless told
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"


class Csv(Format):
    """Keep all columns but the deeply nested ones, a header first; nested cells are JSON."""

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES, JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:
        """Write a row a line; a text with line breaks goes on over several."""
        names = wanted(content, columns)
        back = {theirs: ours for ours, theirs in names.items()}
        count = 0
        with target.open("w", encoding="utf-8", newline="") as sink:
            writer = csv.writer(sink)
            writer.writerow(names.values())
            for row in table(rows, content, columns):
                writer.writerow([_cell(back[name], found) for name, found in row.items()])
                count += 1
        return count

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read a row a record of the table, whatever its separator: comma, semicolon or tab."""
        csv.field_size_limit(LARGEST_CELL)
        with opened(source) as file:
            head = file.readline()
            if not head.strip():
                raise BridgeError(f"{source}: no header")
            file.seek(0)
            reader = csv.DictReader(file, delimiter=_delimiter(head), strict=True)
            yield from _entries(reader, options, source)


def _entries(reader: csv.DictReader[str], options: ReadOptions, source: Path) -> Iterator[Entry]:
    guarded = tuple(reader.fieldnames or ()) in (COLUMNS, PREFERENCE_COLUMNS)
    line = reader.line_num + 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise BridgeError(f"{source}:{line}: not CSV: {error}") from error
        if row is None:
            return
        if None in row or None in row.values():
            yield Entry(line, reason="more or fewer cells than the header")
        else:
            yield entry(line, {k: _bare(v) for k, v in row.items()} if guarded else row, options)
        line = reader.line_num + 1


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)


def _cell(name: str, found: Any) -> Any:
    cell = flat(name, found)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith((*_FORMULA, _GUARD)):
        return _GUARD + cell if cell.startswith(_FORMULA) or _bare(cell) != cell else cell
    return cell


def _bare(cell: str) -> str:
    """Take the guard off: `'=` was `=`, `''=` was `'=`, and `'quoted'` never had one."""
    rest = cell.lstrip(_GUARD)
    return cell[1:] if cell.startswith(_GUARD) and rest.startswith(_FORMULA) else cell
