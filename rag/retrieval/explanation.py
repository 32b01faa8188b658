"""Tell how the passages of one query came about."""

from __future__ import annotations

from dataclasses import dataclass

from rag.indexes import Hit
from rag.retrieval.passages import Passage
from rag.retrieval.settings import Retrieval

_SHOWN = 8  # hits of a step in the printed text


@dataclass(frozen=True)
class Step:
    """Hold what one step left, best first, with a remark and its time.

    Searches run for a batch of queries at once: `seconds` is the query's share.
    """

    name: str
    hits: tuple[Hit, ...] = ()
    note: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        shown = " ".join(f"#{hit.chunk_id} {hit.score:.3f}" for hit in self.hits[:_SHOWN])
        more = f" … {len(self.hits) - _SHOWN} more" if len(self.hits) > _SHOWN else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.name}, {self.seconds * 1000:.1f} ms{note}: {shown}{more}".rstrip(": ")


@dataclass(frozen=True)
class Explanation:
    """Hold a query, every step from its candidates to its passages, and the passages.

    `str()` gives a text for people.
    """

    query: str
    settings: Retrieval
    steps: tuple[Step, ...]
    passages: tuple[Passage, ...]

    @property
    def seconds(self) -> float:
        """Return the time of all steps."""
        return sum(step.seconds for step in self.steps)

    def __str__(self) -> str:
        head = f"{self.query}\n  mode {self.settings.mode}, {self.seconds * 1000:.1f} ms"
        steps = [f"  {step}" for step in self.steps]
        return "\n".join([head, *steps, *(_line(n, p) for n, p in enumerate(self.passages, 1))])


def _line(number: int, passage: Passage) -> str:
    found = ", ".join(f"{name} {rank}" for name, rank in passage.ranks.items())
    if passage.neighbour_of is not None:
        found = f"beside #{passage.neighbour_of}"
    cosine = "" if passage.similarity is None else f", cosine {passage.similarity:.3f}"
    return f"  {number}. #{passage.chunk_id} {passage.score:.3f} {passage.document_key} ({found}{cosine})"
