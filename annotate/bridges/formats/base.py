"""Define what a format is: rows out of the ledger into a file, entries of a file back in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.records import JudgementRecord
from annotate.errors import BridgeError

Row = Mapping[str, Any]
PREFERENCES = "preferences"
JUDGEMENTS = "judgements"


@dataclass(frozen=True)
class ReadOptions:
    """Say what a file itself does not say.

    `columns` maps our names of columns to those of the file, `verdicts` the file's verdicts to
    ours. `assessor`, `kind` (person or machine) and `language` hold for rows that name none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    assessor: str = ""
    kind: str = ""
    language: str = ""


@dataclass(frozen=True)
class Entry:
    """Hold what stands at one line of a file: a judgement, or the reason why it is none.

    In files without lines the number counts rows from 1.
    """

    line: int
    record: JudgementRecord | None = None
    reason: str = ""


class Format(ABC):
    """Write rows to a file of one format, and read judgements from it; both as a stream.

    `writes` names what can be written: preferences, judgements or both.
    """

    writes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:
        """Write rows of this content and return how many lines were written.

        `columns` maps our names to those wanted in the file; empty means all under our names.
        """

    @abstractmethod
    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Yield the entries of a file; raise BridgeError when it is not of this format at all."""


def no_columns(name: str, columns: Mapping[str, str]) -> None:
    """Raise BridgeError when a format with columns of its own is asked for others."""
    if columns:
        raise BridgeError(f"{name} has fixed columns; --columns goes with csv, jsonl and datasets")
