"""Write and read any table as JSON lines, with a column map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, PREFERENCES, Entry, Format, ReadOptions, Row
from annotate.bridges.formats.json_files import read_lines, write_lines
from annotate.bridges.formats.mappings import entries
from annotate.bridges.formats.tables import table


class Jsonl(Format):
    """Keep all columns, one object a line."""

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES, JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:
        """Write a row a line."""
        return write_lines(target, table(rows, content, columns))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read a row a line."""
        yield from entries(read_lines(source), options)
