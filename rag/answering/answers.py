"""Hold an answer together with everything that made it."""

from __future__ import annotations

from dataclasses import dataclass

from rag.answering.contenders import Contender
from rag.answering.flags import Flag
from rag.citations import citation_numbers
from rag.launch import LaunchDecision
from rag.retrieval import Passage
from rag.verification import SentenceCheck

NOT_ASKED = LaunchDecision("answer", "the launch decision was not asked")


@dataclass(frozen=True)
class Answer:
    """Hold an answer with all that made it, so that it can be made again.

    `decision` says why it was written, or why not; `refused` is true for all but `answer` and
    `search_only` with something found. `checks` holds one row for each sentence and `flags` what
    is wrong with the answer; flags never change its text. `seconds` is its share of generation,
    `latency_seconds` the wall-clock time of the whole call that it was made in. Without reranking
    `reranker_fingerprint` is empty.
    """

    question: str
    language: str
    text: str
    passages: tuple[Passage, ...]
    prompt: tuple[dict[str, str], ...]
    contender: Contender
    model_fingerprint: str
    index_fingerprint: str
    refused: bool = False
    new_tokens: int = 0
    seconds: float = 0.0
    decision: LaunchDecision = NOT_ASKED
    flags: tuple[Flag, ...] = ()
    checks: tuple[SentenceCheck, ...] = ()
    embedder_fingerprint: str = ""
    reranker_fingerprint: str = ""
    latency_seconds: float = 0.0

    @property
    def cited(self) -> tuple[int, ...]:
        """Return the passage numbers that the answer cites and that exist."""
        return tuple(n for n in citation_numbers(self.text) if 1 <= n <= len(self.passages))

    @property
    def seed(self) -> int:
        """Return the seed that the text was drawn with."""
        return self.contender.decoding.seed
