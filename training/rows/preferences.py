"""Preference rows: to one prompt one answer is better than another."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.rows.base import Message, Row, bad_numbers, bad_prompt, empty_texts, read_rows_of


@dataclass(frozen=True, kw_only=True)
class PreferenceRow(Row):
    """Say that to one prompt one answer is better than another.

    `margin` is the reward gap the label asks for (0 for "just better"). Raises RowsError.
    """

    prompt: list[Message]
    chosen: str
    rejected: str
    margin: float = 0.0

    @property
    def question(self) -> str:
        """Give the bare question: `lineage["question"]` if the row carries it, else the last user message."""
        return self.subject

    def _subject(self) -> str:
        return self.prompt[-1]["content"]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row."""
        yield from super().problems()
        yield from empty_texts(self, ("chosen", "rejected"))
        yield from bad_numbers(self, ("margin",))
        if self.chosen == self.rejected:
            yield "chosen and rejected are the same text"
        yield from bad_prompt(self.prompt)


def read_rows(path: Path) -> list[PreferenceRow]:
    """Read a JSON Lines file of preference rows. Raises RowsError naming the file and the line."""
    return read_rows_of(PreferenceRow, path)
