"""Add citations after the fact: each sentence gets the passage that supports it best.

The idea is post-hoc attribution (Bohnet et al., "Attributed Question Answering", 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.citations import CitedSentence, cited_sentences
from rag.embedders import Embedder
from rag.support import MIN_SUPPORT, SentenceVectors, passage_sentences


def attribute(
    answers: Sequence[str],
    passages: Sequence[Sequence[str]],
    embedder: Embedder,
    min_support: float = MIN_SUPPORT,
    vectors: SentenceVectors | None = None,
) -> list[str]:
    """Return each answer with `[n]` after every uncited sentence that its passage n supports.

    `vectors` keeps what is embedded here for whoever needs it next.
    """
    cited = [cited_sentences(answer) for answer in answers]
    parts = [passage_sentences(texts) for texts in passages]
    # Answers to like questions share passages: each sentence is embedded once, all in one go.
    texts = {sentence.text for some in cited for sentence in some if not sentence.numbers}
    texts |= {text for some in parts for _, text in some}
    known = (vectors or SentenceVectors(embedder)).of(texts)
    return [
        _attribute(answer, own, sources, known, min_support)
        for answer, own, sources in zip(answers, cited, parts, strict=True)
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
