"""Write and read preference rows as `training` takes them, whole: weight, margin, language, lineage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from annotate.bridges.formats.base import PREFERENCES, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import read_lines, write_lines
from annotate.bridges.formats.mappings import entries


class Rows(Format):
    """Keep each preference row as it is, one a line.

    What comes back in is the verdict: weights and lineage are made anew from the ledger.
    """

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write a row a line."""
        no_columns(self.name, columns)
        return write_lines(target, rows)

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read a row a line."""
        yield from entries(read_lines(source), options)
