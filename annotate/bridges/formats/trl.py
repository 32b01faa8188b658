"""Write and read the preference rows of TRL: `prompt`, `chosen`, `rejected`.

Fields: https://huggingface.co/docs/trl/dataset_formats (preference, explicit and implicit prompt).
Only the texts are kept: no margin, no language, no lineage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import PREFERENCES, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import read_lines, write_lines
from annotate.bridges.formats.mappings import entries
from annotate.bridges.formats.messages import assistant, joined, plain


class Trl(Format):
    """Keep preference rows, conversational or plain, with the prompt apart or inside the answers."""

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES})

    def __init__(self, name: str, *, conversational: bool = True, explicit: bool = True) -> None:
        super().__init__(name)
        self.conversational = conversational
        self.explicit = explicit

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write a row a line."""
        no_columns(self.name, columns)
        return write_lines(target, map(self.row, rows))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read a row a line, of any of the four kinds: each tells by its fields which it is."""
        yield from entries(read_lines(source), options)

    def row(self, row: Row) -> dict[str, Any]:
        """Return one preference as a row of this kind."""
        answers = {side: self._answer(row, side) for side in ("chosen", "rejected")}
        if not self.explicit:
            return answers
        return {"prompt": row["prompt"] if self.conversational else plain(row["prompt"])} | answers

    def _answer(self, row: Row, side: str) -> Any:
        if self.conversational:
            return assistant(row[side]) if self.explicit else [*row["prompt"], *assistant(row[side])]
        return row[side] if self.explicit else joined(row["prompt"], row[side])
