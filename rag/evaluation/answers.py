"""Measure answers without a language model: citations, support, relevance, length, repetition, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from rag.citations import CitedSentence, cited_sentences
from rag.embedders import Embedder
from rag.evaluation.intervals import Measure, mean_of
from rag.evaluation.support import Support
from rag.language import words

_REPETITION = 4  # words that make a repetition


@dataclass(frozen=True)
class MeasuredAnswer:
    """Hold what is needed to measure an answer; `[n]` in the text cites the n-th passage.

    `should_refuse` says whether the documents lack an answer, None where nobody knows.
    """

    question: str
    text: str
    passages: tuple[str, ...]
    language: str = ""
    refused: bool = False
    should_refuse: bool | None = None


@dataclass(frozen=True)
class AnswerQuality:
    """Hold the figures of one answer; None where one has no meaning, as citations of a refusal.

    - `citation_recall`: the share of sentences that the passages they cite support (ALCE).
    - `citation_precision`: the share of citations that are needed and right (ALCE).
    - `support`: the share of sentences that any of the passages supports, cited or not.
    - `relevance`: the cosine of question and answer; compare it only under one embedder.
    - `words`: the length, marks of citations left out.
    - `repetition`: the share of word 4-grams that came before.
    - `refusal`: 1 where it was right to answer, or to refuse; else 0.
    """

    citation_recall: float | None
    citation_precision: float | None
    support: float | None
    relevance: float | None
    words: float | None
    repetition: float | None
    refusal: float | None


def measure_answers(answers: Sequence[MeasuredAnswer], embedder: Embedder) -> list[AnswerQuality]:
    """Return the figures of each answer, in order.

    Sources: citation recall and precision, Gao et al., "Enabling Large Language Models to Generate
    Text with Citations" (ALCE), EMNLP 2023, with the measure of `rag.evaluation.support` in the
    place of an entailment model; repetition, Welleck et al., "Neural Text Generation with
    Unlikelihood Training", ICLR 2020.
    """
    split = [[] if answer.refused else cited_sentences(answer.text) for answer in answers]
    support = Support(embedder)
    support.read(
        (sentence.text for sentences in split for sentence in sentences),
        (passage for answer, sentences in zip(answers, split, strict=True) if sentences
         for passage in answer.passages),
    )  # fmt: skip
    relevance = _relevance(answers, split, embedder)
    return [
        _measure(answer, sentences, near, support)
        for answer, sentences, near in zip(answers, split, relevance, strict=True)
    ]


def summarise_answers(
    figures: Sequence[AnswerQuality], rng: np.random.Generator | None = None
) -> dict[str, Measure]:
    """Return the mean of every figure with coverage and, given `rng`, a bootstrap interval."""
    return {
        field.name: mean_of([getattr(one, field.name) for one in figures], rng)
        for field in fields(AnswerQuality)
    }


def _measure(
    answer: MeasuredAnswer, sentences: Sequence[CitedSentence], near: float | None, support: Support
) -> AnswerQuality:
    refusal = None if answer.should_refuse is None else float(answer.refused == answer.should_refuse)
    if not sentences:
        return AnswerQuality(None, None, None, None, None, None, refusal)
    verdicts = [_citations(sentence, answer.passages, support) for sentence in sentences]
    precise = [right for _, rights in verdicts for right in rights]
    written = words(" ".join(sentence.text for sentence in sentences))
    return AnswerQuality(
        citation_recall=float(np.mean([supported for supported, _ in verdicts])),
        citation_precision=float(np.mean(precise)) if precise else None,
        support=float(np.mean([support.holds(s.text, answer.passages) for s in sentences])),
        relevance=near,
        words=float(len(written)),
        repetition=_repetition(written),
        refusal=refusal,
    )


def _citations(sentence: CitedSentence, passages: Sequence[str], support: Support) -> tuple[bool, list[bool]]:
    """Tell whether the cited passages support the sentence, and of each citation whether it is right.

    A citation is right when the sentence is supported, and either this passage supports it alone or
    the others do not without it. One that names no passage is wrong.
    """
    cited = [number for number in sentence.numbers if 1 <= number <= len(passages)]
    supported = support.holds(sentence.text, [passages[number - 1] for number in cited])
    rights = []
    for number in sentence.numbers:
        others = [passages[other - 1] for other in cited if other != number]
        right = number in cited and supported
        if right and others:
            alone = support.holds(sentence.text, [passages[number - 1]])
            right = alone or not support.holds(sentence.text, others)
        rights.append(right)
    return supported, rights


def _relevance(
    answers: Sequence[MeasuredAnswer], split: Sequence[Sequence[CitedSentence]], embedder: Embedder
) -> list[float | None]:
    given = [at for at, sentences in enumerate(split) if sentences]
    found: list[float | None] = [None] * len(answers)
    if given:
        asked = embedder.embed_queries([answers[at].question for at in given])
        told = embedder.embed_passages([" ".join(part.text for part in split[at]) for at in given])
        for at, cosine in zip(given, np.sum(asked * told, axis=1), strict=True):
            found[at] = float(cosine)
    return found


def _repetition(written: Sequence[str]) -> float:
    runs = [tuple(written[at : at + _REPETITION]) for at in range(len(written) - _REPETITION + 1)]
    return 1.0 - len(set(runs)) / len(runs) if runs else 0.0
