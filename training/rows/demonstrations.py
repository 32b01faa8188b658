"""Demonstration rows: to a prompt this is a good answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from training.rows.base import Message, Row, bad_prompt, empty_texts


@dataclass(frozen=True, kw_only=True)
class DemonstrationRow(Row):
    """Say that this completion is a good answer to the prompt. Raises RowsError."""

    prompt: list[Message]
    completion: str

    def _subject(self) -> str:
        return self.prompt[-1]["content"]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row."""
        yield from super().problems()
        yield from empty_texts(self, ("completion",))
        yield from bad_prompt(self.prompt)
