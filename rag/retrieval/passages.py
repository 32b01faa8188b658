"""Describe what retrieval gives: a chunk with its score and where it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Passage:
    """Hold a retrieved chunk, its score, and the rank each stage gave it (from 1).

    `similarity` is the cosine to the query, or None where no vector was asked for. A passage that
    was only brought along names the chunk it stands beside in `neighbour_of`; its score is 0 and
    its similarity that of the chunk it came with.
    """

    chunk_id: int
    document_key: str
    title: str
    text: str
    text_hash: str
    score: float
    similarity: float | None = None
    ranks: dict[str, int] = field(default_factory=dict)
    published: date | None = None
    language: str = ""
    neighbour_of: int | None = None
