"""Choose which questions to have answered next, before there is any answer to judge.

A question is worth pairs of answers when many questions like it are asked, none like it has pairs yet, the
learner is unsure there, and its cluster lacks labels. The first two are one number, the gain in coverage:
how much nearer the traffic comes to a question with pairs (facility location; Wei, Iyer and Bilmes 2015,
"Submodularity in Data Subset Selection and Active Learning"). The other two weigh the traffic.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, IntArray, as_column, as_matrix, as_weights, unit_rows
from active.errors import EmptyPoolError, InvalidLabelsError, InvalidOptionError

MOST_TARGETS = 4000
"""With more questions asked than this, coverage is measured on so many of them, drawn by lot."""


@dataclass(frozen=True, eq=False)
class Questions:
    """Hold the chosen questions, best first.

    indices (k,) into the questions given; scores (k,): the share of the weighted traffic's coverage that each
    added when picked; novelty (k,): cosine distance to the nearest question with pairs, 1 without any.
    """

    indices: IntArray
    scores: FloatArray
    novelty: FloatArray

    def __len__(self) -> int:
        return len(self.indices)


def choose_questions(
    embeddings: ArrayLike,
    has_pairs: ArrayLike,
    count: int,
    rng: np.random.Generator,
    *,
    importance: ArrayLike | None = None,
    most_targets: int = MOST_TARGETS,
) -> Questions:
    """Choose `count` questions without pairs, or all that are left where there are fewer.

    embeddings: (n, e), a row for each question asked, so that traffic counts by itself; has_pairs: (n,),
    which ones have pairs of answers already; importance: (n,), not negative, how much coverage of a question
    is worth (see `question_importance`). The mean of all embeddings is taken off first. Exact greedy choice
    with lazy bounds: each pick's gain only shrinks. Raises EmptyPoolError when every question has pairs,
    InvalidOptionError for a count below one, InvalidFeaturesError and InvalidLabelsError for bad arrays.
    """
    raw = as_matrix(embeddings, "embeddings")
    known = as_column(has_pairs, "has_pairs", len(raw)).astype(bool)
    if count < 1:
        raise InvalidOptionError(f"count must be at least 1, not {count}")
    if known.all():
        raise EmptyPoolError
    worth = np.ones(len(raw)) if importance is None else as_weights(importance, len(raw))
    rows = unit_rows(raw - raw.mean(axis=0))
    targets: IntArray = np.arange(len(rows))
    if len(rows) > most_targets:
        targets = np.sort(rng.choice(len(rows), most_targets, replace=False))
    cover = _Coverage(rows, targets, worth[targets], np.flatnonzero(known))
    indices, scores = cover.pick(np.flatnonzero(~known), count, rng)
    return Questions(indices, scores, _novelty(rows, indices, np.flatnonzero(known)))


def question_importance(
    embeddings: ArrayLike,
    judged: ArrayLike,
    uncertainty: ArrayLike,
    *,
    gap_weights: ArrayLike | None = None,
    neighbours: int = 8,
    floor: float = 0.2,
) -> FloatArray:
    """Return how much each question matters, (n,): how unsure the learner is near it, times its gap weight.

    judged: (n,), for which questions `uncertainty` (n,) in [0, 1] is known, such as 4p(1−p) of their pairs;
    elsewhere it is that of the nearest judged ones, weighted by similarity, and 1 where nothing is near.
    floor: what a question of which all is known still counts; gap_weights: (n,), for instance
    1 + γ·max(0, traffic share − label share)/traffic share of its cluster. Raises as `choose_questions` does.
    """
    raw = as_matrix(embeddings, "embeddings")
    known = np.flatnonzero(as_column(judged, "judged", len(raw)).astype(bool))
    unsure = as_column(uncertainty, "uncertainty", len(raw)).astype(np.float64)
    if not ((unsure[known] >= 0) & (unsure[known] <= 1)).all():
        raise InvalidLabelsError("uncertainty must lie in [0, 1] for each question that was judged")
    weights = np.ones(len(raw)) if gap_weights is None else as_weights(gap_weights, len(raw))
    guess = np.ones(len(raw))
    if len(known):
        rows = unit_rows(raw - raw.mean(axis=0))
        for some in np.array_split(np.arange(len(rows)), len(rows) // 2000 + 1):
            near = np.maximum(rows[some] @ rows[known].T, 0.0)
            if len(known) > neighbours:
                near = np.where(near >= -np.partition(-near, neighbours - 1)[:, [neighbours - 1]], near, 0.0)
            guess[some] = (near @ unsure[known] + 1.0) / (near.sum(axis=1) + 1.0)  # one unknown at cosine 1
    result: FloatArray = weights * (floor + (1 - floor) * guess)
    return result


class _Coverage:
    """Know how near each target is to a question with pairs, and what one more would add."""

    def __init__(self, rows: FloatArray, targets: IntArray, worth: FloatArray, known: IntArray) -> None:
        self._rows, self._worth = rows, worth
        self._targets = rows[targets]
        self._total = float(worth.sum())
        self._covered = np.zeros(len(targets))
        for some in np.array_split(known, len(known) // 2000 + 1):
            if len(some):
                near = (self._targets @ rows[some].T).max(axis=1)
                self._covered = np.maximum(self._covered, near)

    def pick(self, candidates: IntArray, count: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
        """Return the candidates of greatest gain, one after the other; equal ones by lot."""
        candidates = rng.permutation(candidates)
        heap = [(-gain, place) for place, gain in enumerate(self._gains(candidates).tolist())]
        heapq.heapify(heap)
        indices: list[int] = []
        scores: list[float] = []
        while heap and len(indices) < count:
            _, place = heapq.heappop(heap)
            index = int(candidates[place])
            gain = float(self._gains(candidates[place : place + 1])[0])
            if heap and gain < -heap[0][0] - 1e-12:  # the bound was out of date
                heapq.heappush(heap, (-gain, place))
                continue
            indices.append(index)
            scores.append(gain)
            self._covered = np.maximum(self._covered, self._targets @ self._rows[index])
        return np.array(indices, dtype=np.int64), np.array(scores)

    def _gains(self, candidates: IntArray) -> FloatArray:
        gains = [
            np.maximum(self._targets @ self._rows[some].T - self._covered[:, None], 0.0).T @ self._worth
            for some in np.array_split(candidates, len(candidates) // 1000 + 1)
        ]
        together: FloatArray = np.concatenate(gains) / self._total
        return together


def _novelty(rows: FloatArray, chosen: IntArray, known: IntArray) -> FloatArray:
    if not len(known):
        return np.ones(len(chosen))
    nearest: FloatArray = (rows[chosen] @ rows[known].T).max(axis=1)
    return np.clip(1 - nearest, 0.0, 2.0)
