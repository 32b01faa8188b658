"""Make answer pairs: two different answers to one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering import Answer, Answerer, Contender
from rag.generators.base import Progress
from rag.language import words

NEAR_IDENTICAL = 0.9  # Jaccard similarity of word trigrams
REDRAWS = 2
REDRAW_TEMPERATURE = 0.9


@dataclass(frozen=True)
class AnswerPair:
    """Hold two answers to one question, one from each contender."""

    first: Answer
    second: Answer

    @property
    def similarity(self) -> float:
        """Return the Jaccard similarity of the answers' word trigrams."""
        return similarity(self.first.text, self.second.text)


def similarity(first: str, second: str) -> float:
    """Return the Jaccard similarity of two texts' word trigrams (of words when shorter)."""
    one, other = _trigrams(first), _trigrams(second)
    if not one or not other:
        return float(one == other)
    return len(one & other) / len(one | other)


def _trigrams(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    size = min(3, len(found))
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)} if size else set()


def make_pairs(
    questions: Sequence[str],
    first: tuple[Answerer, Contender],
    second: tuple[Answerer, Contender],
    progress: Progress | None = None,
) -> tuple[list[AnswerPair], list[str]]:
    """Return the pairs and the questions for which no two different answers could be drawn.

    Where the answers are nearly identical, the second one is drawn again by sampling.
    """
    (answerer_a, contender_a), (answerer_b, contender_b) = first, second
    total = 2 * len(questions)
    answers_a = answerer_a.answer(questions, contender_a, progress=_part(progress, 0, total))
    answers_b = answerer_b.answer(questions, contender_b, progress=_part(progress, len(questions), total))
    pairs = [AnswerPair(a, b) for a, b in zip(answers_a, answers_b, strict=True)]
    for attempt in range(1, REDRAWS + 1):
        alike = [at for at, pair in enumerate(pairs) if pair.similarity > NEAR_IDENTICAL]
        if not alike:
            break
        redrawn = answerer_b.answer(
            [questions[at] for at in alike], _sampled(contender_b), seed=contender_b.decoding.seed + attempt
        )
        for at, answer in zip(alike, redrawn, strict=True):
            pairs[at] = AnswerPair(pairs[at].first, answer)
    different = [pair for pair in pairs if pair.similarity <= NEAR_IDENTICAL]
    left_out = [pair.first.question for pair in pairs if pair.similarity > NEAR_IDENTICAL]
    return different, left_out


def _sampled(contender: Contender) -> Contender:
    temperature = max(contender.decoding.temperature, REDRAW_TEMPERATURE)
    return replace(contender, decoding=replace(contender.decoding, temperature=temperature))


def _part(progress: Progress | None, start: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _part_total: progress(start + done, total)
