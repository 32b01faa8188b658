"""Relevance rows: how well a text serves a query."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from training.rows.base import Row, empty_texts


@dataclass(frozen=True, kw_only=True)
class RelevanceRow(Row):
    """Hold a query, a text that serves it, texts that do not, and how well the first does.

    `score` lies in [0, 1]; `negatives` may be empty, then the texts of other rows stand in. Raises RowsError.
    """

    query: str
    positive: str
    negatives: list[str] = field(default_factory=list)
    score: float = 1.0

    def _subject(self) -> str:
        return self.query

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the row."""
        yield from super().problems()
        yield from empty_texts(self, ("query", "positive"))
        negatives: object = self.negatives
        if not isinstance(negatives, list) or not all(isinstance(text, str) and text for text in negatives):
            yield "negatives must be a list of texts"
        elif self.positive in negatives:
            yield "the positive is among the negatives"
        score: object = self.score
        if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
            yield "score must lie in [0, 1]"
