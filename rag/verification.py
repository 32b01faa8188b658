"""Check each sentence of an answer against the passage that it cites, without a language model.

A sentence is supported where a passage says much the same (cosine to its nearest sentence), in
much the same words (share of content stems), and holds every number of the sentence. It is a
cheap stand-in for the entailment model of ALCE (Gao et al., EMNLP 2023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.citations import CitedSentence, cited_sentences
from rag.content import content_terms, numbers, written_numbers
from rag.embedders import Embedder
from rag.language import detect_language, sentences
from rag.support import SentenceVectors

SUPPORTED = 0.6  # where flagging agrees best with people on 140 answers of QA-Feedback
# Cosines of the default embedder lie in a narrow band; this one is stretched to [0, 1].
UNRELATED, SAME = 0.78, 0.95
CROSS_LANGUAGE_SUPPORT = 0.45  # no words are shared, so that the cosine stands alone
NOTHING_TO_CHECK = "says nothing to check"


@dataclass(frozen=True)
class SentenceCheck:
    """Hold what became of one sentence.

    `supported` judges the passages in `numbers`, or all where none is cited; `support` in [0, 1]
    is that of the best of them; `source` is the number of the passage that supports it best of
    all, or None where none does.
    """

    text: str
    numbers: tuple[int, ...]
    supported: bool
    support: float
    reason: str
    source: int | None = None


@dataclass(frozen=True)
class _Passage:
    """Hold what a passage is compared by."""

    vectors: NDArray[np.float32]
    terms: frozenset[str]
    numbers: frozenset[str]
    language: str


def verify(answer: str, passages: Sequence[str], embedder: Embedder) -> list[SentenceCheck]:
    """Check each sentence of one answer against the texts of its numbered passages."""
    [checks] = verify_all([answer], [passages], embedder)
    return checks


def verify_all(
    answers: Sequence[str],
    passages: Sequence[Sequence[str]],
    embedder: Embedder,
    vectors: SentenceVectors | None = None,
) -> list[list[SentenceCheck]]:
    """Check many answers, each with its own passages; every text is embedded once."""
    cited = [cited_sentences(answer) for answer in answers]
    parts = {text: sentences(" ".join(text.split())) for texts in passages for text in texts}
    wanted = {sentence.text for some in cited for sentence in some}
    wanted |= {part for some in parts.values() for part in some}
    known = (vectors or SentenceVectors(embedder)).of(wanted)
    read = {text: _read(text, some, known) for text, some in parts.items()}
    return [
        [_check(sentence, [read[text] for text in texts], known[sentence.text]) for sentence in own]
        for own, texts in zip(cited, passages, strict=True)
    ]


def _read(text: str, parts: Sequence[str], known: Mapping[str, NDArray[np.float32]]) -> _Passage:
    return _Passage(
        vectors=np.stack([known[part] for part in parts]) if parts else np.zeros((0, 1), np.float32),
        terms=frozenset(content_terms(text)),
        numbers=frozenset(numbers(text) | written_numbers(text)),
        language=detect_language(text),
    )


def _check(
    sentence: CitedSentence, passages: Sequence[_Passage], vector: NDArray[np.float32]
) -> SentenceCheck:
    text, cited = sentence.text, sentence.numbers
    terms = set(content_terms(text))
    if not terms:
        return SentenceCheck(text, cited, True, 1.0, NOTHING_TO_CHECK)
    missing = [number for number in cited if not 1 <= number <= len(passages)]
    judged = [_support(text, terms, passage, vector) for passage in passages]
    best = max(range(len(judged)), key=lambda at: judged[at], default=None)
    source = best + 1 if best is not None and judged[best][0] else None
    looked_at = [judged[number - 1] for number in cited if number not in missing] if cited else judged
    supported, support, lost = max(looked_at, default=(False, 0.0, ""))
    where = f"[{', '.join(map(str, cited))}]" if cited else "the passages"
    if missing:
        reason = f"there is no passage {missing[0]}"
    elif supported:
        reason = f"{where} supports it" if cited else f"[{source}] supports it"
    elif lost:
        reason = f"{lost} is not in {where}"
    else:
        reason = f"{where} says something else" if passages else "there are no passages"
    if cited and source and not supported and not missing:
        reason += f"; [{source}] supports it"
    return SentenceCheck(text, cited, supported and not missing, round(support, 3), reason, source)


def _support(
    text: str, terms: set[str], passage: _Passage, vector: NDArray[np.float32]
) -> tuple[bool, float, str]:
    """Return whether a passage supports a sentence, how much in [0, 1], and a number it lacks."""
    cosine = float((passage.vectors @ vector).max()) if len(passage.vectors) else 0.0
    alike = min(max((cosine - UNRELATED) / (SAME - UNRELATED), 0.0), 1.0)
    lost = next(iter(sorted(numbers(text) - passage.numbers)), "")
    if detect_language(text) != passage.language:
        return not lost and alike >= CROSS_LANGUAGE_SUPPORT, alike, lost
    support = (alike + len(terms & passage.terms) / len(terms)) / 2
    return not lost and support >= SUPPORTED, support, lost
