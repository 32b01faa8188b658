"""Prompt rows: what to answer, and what may be checked of an answer without a judge."""

from collections.abc import Iterator
from dataclasses import dataclass

from training.rows.base import Message, Row, bad_prompt


@dataclass(frozen=True, kw_only=True)
class PromptRow(Row):
    """Hold a prompt to answer; `passages` counts the numbered passages it shows. Raises RowsError."""

    prompt: list[Message]
    passages: int = 0

    def _subject(self) -> str:
        return self.prompt[-1]["content"]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row."""
        yield from super().problems()
        yield from bad_prompt(self.prompt)
        if not isinstance(self.passages, int) or isinstance(self.passages, bool) or self.passages < 0:
            yield "passages must be a whole number of 0 or more"
