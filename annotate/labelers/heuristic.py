"""Judge by measurable signs: support of each sentence, valid citations, relevance, length.

An answer's score is a weighted sum of four parts in [0, 1]; the difference of two scores
gives the graded verdict. The weights follow the order of aspects in the guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.labelers.base import MachineJudgement, Outcome, Progress, judge_each
from annotate.labelling.views import AnswerView, PairView

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

WEIGHTS = {"support": 0.45, "citations": 0.25, "relevance": 0.2, "length": 0.1}
MUCH_BETTER, BETTER, BOTH_BAD = 0.25, 0.05, 0.25
UNCITED_SUPPORT = 0.5  # a supported sentence counts half when the reader must look for the passage
# Cosines of the default embedder lie in a narrow band; this one is stretched to [0, 1].
UNRELATED, SAME = 0.78, 0.95
GOOD_WORDS = (6, 90)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True)
class Signs:
    """Hold the four parts of an answer's score, each in [0, 1]."""

    support: float
    citations: float
    relevance: float
    length: float

    @property
    def score(self) -> float:
        """Return the weighted sum."""
        return sum(weight * float(asdict(self)[name]) for name, weight in WEIGHTS.items())


class HeuristicLabeler:
    """Compare answers by their signs, with the embedder that it is handed."""

    name = "heuristic"

    def __init__(self, embed: Embed, embedder_fingerprint: str) -> None:
        self._embed = embed
        self._embedder = embedder_fingerprint

    @property
    def fingerprint(self) -> str:
        """Name the method's version and the embedder."""
        return f"heuristic-1|{self._embedder}"

    def judge(self, pairs: Sequence[PairView], progress: Progress | None = None) -> list[Outcome]:
        """Return one judgement for each pair, in order."""
        return judge_each(self._judge, pairs, progress)

    def _judge(self, pair: PairView) -> MachineJudgement:
        a, b = self._signs(pair.question, pair.a), self._signs(pair.question, pair.b)
        lead = a.score - b.score
        return MachineJudgement(
            verdict=_verdict(a.score, b.score),
            confidence=float(1 / (1 + np.exp(-10 * abs(lead)))),
            aspects={
                "faithfulness": _side(a.support - b.support),
                "citations": _side(a.citations - b.citations),
                "directness": _side(a.relevance - b.relevance),
            },
            tags={side: tags for side, signs in (("A", a), ("B", b)) if (tags := _tags(signs))},
            details={"A": asdict(a), "B": asdict(b)},
        )

    def _signs(self, question: str, answer: AnswerView) -> Signs:
        if answer.refused or not answer.sentences:
            return Signs(0.0, 0.0, 0.0, 0.0)
        parts, owners = _passage_parts(answer)
        texts = [question, answer.text, *(sentence.text for sentence in answer.sentences), *parts]
        vectors = self._embed(texts)
        size = len(answer.sentences)
        support = (
            _stretch(vectors[2 : 2 + size] @ vectors[2 + size :].T)
            if parts
            else np.zeros((size, 1), np.float32)
        )
        return Signs(
            support=_support(answer, support, owners),
            citations=_citations(answer),
            relevance=float(_stretch(vectors[0] @ vectors[1])),
            length=_length(answer.text),
        )


def _passage_parts(answer: AnswerView) -> tuple[list[str], NDArray[np.int_]]:
    parts = [
        (part.strip(), passage.number)
        for passage in answer.passages
        for part in _SENTENCE.split(passage.text)
        if part.strip()
    ]
    return [text for text, _ in parts], np.array([number for _, number in parts], dtype=int)


def _stretch(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    stretched: NDArray[np.float32] = np.clip((cosine - UNRELATED) / (SAME - UNRELATED), 0.0, 1.0)
    return stretched


def _support(answer: AnswerView, support: NDArray[np.float32], owners: NDArray[np.int_]) -> float:
    found = []
    for sentence, row in zip(answer.sentences, support, strict=True):
        cited = np.isin(owners, sentence.cited)
        best_cited = float(row[cited].max()) if cited.any() else 0.0
        found.append(max(best_cited, UNCITED_SUPPORT * float(row.max())))
    return float(np.mean(found))


def _citations(answer: AnswerView) -> float:
    """Return the share of sentences with a citation, times the share of citations that exist."""
    cited = [number for sentence in answer.sentences for number in sentence.cited]
    if not cited:
        return 0.0
    valid = np.mean([1 <= number <= len(answer.passages) for number in cited])
    covered = np.mean([bool(sentence.cited) for sentence in answer.sentences])
    return float(valid * covered)


def _length(text: str) -> float:
    size = len(text.split())
    low, high = GOOD_WORDS
    return min(1.0, size / low, high / max(size, 1))


def _verdict(a: float, b: float) -> str:
    if max(a, b) < BOTH_BAD:
        return "both_bad"
    lead = a - b
    if abs(lead) < BETTER:
        return "tie"
    return f"{'A' if lead > 0 else 'B'}_{'much_better' if abs(lead) >= MUCH_BETTER else 'better'}"


def _side(lead: float) -> str:
    return "tie" if abs(lead) < BETTER else "A" if lead > 0 else "B"


def _tags(signs: Signs) -> list[str]:
    tags = []
    if signs.support < 0.3:
        tags.append("hallucination")
    if signs.citations == 0.0:
        tags.append("no_citation")
    if signs.relevance < 0.2:
        tags.append("no_direct_answer")
    return tags
