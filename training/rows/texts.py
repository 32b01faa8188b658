"""Text rows: plain text of a language or a domain."""

from collections.abc import Iterator
from dataclasses import dataclass

from training.rows.base import Row, empty_texts


@dataclass(frozen=True, kw_only=True)
class TextRow(Row):
    """Hold a piece of plain text; `question_id` names the document it is of. Raises RowsError."""

    text: str

    def _subject(self) -> str:
        return self.text

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row."""
        yield from super().problems()
        yield from empty_texts(self, ("text",))
