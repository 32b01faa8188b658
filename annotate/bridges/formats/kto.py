"""Write and read the rows of TRL's KTOTrainer: `prompt`, `completion`, `label`.

Fields: https://huggingface.co/docs/trl/dataset_formats (unpaired preference). A preference is two
rows. Coming in, neighbouring rows of one prompt are paired in their order, the n-th desirable with
the n-th undesirable; a row without a partner is no preference and is said to be bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import PREFERENCES, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import Element, dumped, read_lines, write_lines
from annotate.bridges.formats.mappings import entry, renamed
from annotate.bridges.formats.messages import assistant, plain
from annotate.errors import BridgeError


class Kto(Format):
    """Keep answers that are desirable or not, each by itself."""

    writes: ClassVar[frozenset[str]] = frozenset({PREFERENCES})

    def __init__(self, name: str, *, conversational: bool = True) -> None:
        super().__init__(name)
        self.conversational = conversational

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write the better and the worse answer of each preference, a line each."""
        no_columns(self.name, columns)
        return write_lines(target, (half for row in rows for half in self._halves(row)))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read rows and pair them."""
        elements = (_renamed(element, options) for element in read_lines(source))
        for _, group in groupby(elements, _prompt):
            yield from _pairs(list(group), options)

    def _halves(self, row: Row) -> Iterator[dict[str, Any]]:
        for side in ("chosen", "rejected"):
            yield {
                "prompt": row["prompt"] if self.conversational else plain(row["prompt"]),
                "completion": assistant(row[side]) if self.conversational else row[side],
                "label": side == "chosen",
            }


def _renamed(element: Element, options: ReadOptions) -> Element:
    if element.reason:
        return element
    try:
        return Element(element.line, renamed(element.value, options.columns))
    except BridgeError as error:
        return Element(element.line, {}, str(error))


def _prompt(element: Element) -> str:
    """Return what neighbours must share; a row that is none shares it with nobody."""
    if element.reason or not isinstance(element.value.get("label"), bool):
        return f"line {element.line}"
    return dumped(element.value.get("prompt"))


def _pairs(group: list[Element], options: ReadOptions) -> Iterator[Entry]:
    stated = ReadOptions({}, options.verdicts, options.assessor, options.kind, options.language)
    if not isinstance(group[0].value.get("label"), bool):
        yield Entry(group[0].line, reason=group[0].reason or "label must be true or false")
        return
    good = [element for element in group if element.value["label"]]
    bad = [element for element in group if not element.value["label"]]
    for better, worse in zip(good, bad, strict=False):
        row = {
            **better.value,
            "chosen": better.value.get("completion"),
            "rejected": worse.value.get("completion"),
        }
        yield entry(better.line, row, stated)
    for alone in (*good[len(bad) :], *bad[len(good) :]):
        yield Entry(alone.line, reason="no partner: a preference needs a neighbour of the other label")
