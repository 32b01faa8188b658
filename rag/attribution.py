"""Add citations after the fact: each sentence gets the passage that supports it best.

The idea is post-hoc attribution (Bohnet et al., "Attributed Question Answering", 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.citations import CitedSentence, cited_sentences
from rag.embedders import Embedder
from rag.language import sentences

MIN_SUPPORT = 0.88  # cosine of e5 between a sentence and the nearest sentence of a passage


def attribute(
    answers: Sequence[str],
    passages: Sequence[Sequence[str]],
    embedder: Embedder,
    min_support: float = MIN_SUPPORT,
) -> list[str]:
    """Return each answer with `[n]` after every uncited sentence that its passage n supports."""
    cited = [cited_sentences(answer) for answer in answers]
    parts = [_parts(texts) for texts in passages]
    # Answers to like questions share passages: each sentence is embedded once, all in one go.
    texts = {sentence.text for some in cited for sentence in some if not sentence.numbers}
    texts |= {text for some in parts for _, text in some}
    order = sorted(texts)
    vectors = dict(zip(order, embedder.embed_passages(order), strict=True))
    return [
        _attribute(answer, own, sources, vectors, min_support)
        for answer, own, sources in zip(answers, cited, parts, strict=True)
    ]


def _parts(passages: Sequence[str]) -> list[tuple[int, str]]:
    """Return the sentences of numbered passages with their numbers."""
    return [
        (number, part)
        for number, passage in enumerate(passages, start=1)
        for part in sentences(" ".join(passage.split()))
    ]


def _attribute(
    answer: str,
    cited: Sequence[CitedSentence],
    parts: Sequence[tuple[int, str]],
    vectors: Mapping[str, NDArray[np.float32]],
    min_support: float,
) -> str:
    if not cited or not parts:
        return answer
    sources = np.stack([vectors[text] for _, text in parts])
    written = []
    for sentence in cited:
        text = sentence.written
        if not sentence.numbers:
            support = sources @ vectors[sentence.text]
            best = int(np.argmax(support))
            if support[best] >= min_support:
                text = _with_mark(text, parts[best][0])
        written.append(text)
    return " ".join(written)


def _with_mark(sentence: str, number: int) -> str:
    body, stop = (sentence[:-1], sentence[-1]) if sentence[-1] in ".!?…" else (sentence, "")
    return f"{body} [{number}]{stop}"
