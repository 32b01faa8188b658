"""Hard negatives: texts that look right and are not, found in an index or in clicks; arrays in."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 512  # queries compared at once


def mine_hard_negatives(
    queries: ArrayLike,
    texts: ArrayLike,
    relevant: Sequence[Collection[int]],
    count: int = 4,
    depth: int = 50,
    ceiling: float = 0.95,
    allowed: ArrayLike | None = None,
) -> list[list[int]]:
    """Find for each query the most similar texts that are not relevant, hardest first.

    `queries` (q, d) and `texts` (t, d) are vectors, compared by cosine; `relevant` holds the numbers of each
    query's relevant texts. Among the `depth` nearest, a text at least `ceiling` times as similar as the
    query's own best relevant one is taken for an unlabelled positive and left alone. `allowed` (q, t) marks
    texts that may be used, such as those of other documents. Source: Moreira et al. (2024), NV-Retriever,
    arXiv 2407.15831, for the ceiling.
    """
    asked, held = _unit(queries), _unit(texts)
    if len(asked) != len(relevant):
        raise ValueError(f"{len(asked)} queries and {len(relevant)} sets of relevant texts: need as many")
    mask = None if allowed is None else np.asarray(allowed, dtype=bool)
    found: list[list[int]] = []
    for start in range(0, len(asked), BLOCK):
        similarity = asked[start : start + BLOCK] @ held.T
        for place, row in enumerate(similarity):
            number = start + place
            usable = None if mask is None else mask[number]
            found.append(_hardest(row, relevant[number], usable, count, depth, ceiling))
    return found


def negatives_from_clicks(
    shown: Sequence[Sequence[int]], clicked: Sequence[Collection[int]]
) -> list[list[int]]:
    """Give for each search the shown texts that were passed over: those above a click that got none.

    `shown` holds texts in the order they were shown, `clicked` those that were opened. What lies below the
    last click may never have been seen, and says nothing. Source: Joachims (2002), KDD, "click > skip above".
    """
    passed: list[list[int]] = []
    for listed, opened in zip(shown, clicked, strict=True):
        last = max((place for place, text in enumerate(listed) if text in opened), default=-1)
        passed.append([text for text in listed[: last + 1] if text not in opened])
    return passed


def _hardest(
    similarity: NDArray[np.float64],
    relevant: Collection[int],
    usable: NDArray[np.bool_] | None,
    count: int,
    depth: int,
    ceiling: float,
) -> list[int]:
    best = max((float(similarity[number]) for number in relevant), default=np.inf)
    limit = ceiling * best if best > 0 else best
    nearest = np.argsort(-similarity, kind="stable")[:depth]
    hard = [
        int(number)
        for number in nearest
        if int(number) not in relevant
        and similarity[number] < limit
        and (usable is None or bool(usable[number]))
    ]
    return hard[:count]


def _unit(vectors: ArrayLike) -> NDArray[np.float64]:
    figures = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    lengths = np.linalg.norm(figures, axis=1, keepdims=True)
    return np.asarray(figures / np.where(lengths > 0, lengths, 1))
