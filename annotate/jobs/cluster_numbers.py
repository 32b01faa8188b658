"""Let a cluster keep its number when the questions are clustered anew, since quotas name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.typing import ArrayLike

OUTLIER = -1


def keep_numbers(
    before: Mapping[int, int],
    questions: Sequence[int],
    labels: Sequence[int],
    taken: int = OUTLIER,
    embeddings: ArrayLike | None = None,
) -> dict[int, int]:
    """Return a number for each label: that of the old cluster it goes on from, or one never used.

    `before` holds the old number of each question, `labels` (n,) the new label of each of `questions`;
    `taken` is the highest number that anything refers to. Clusters go on by their questions and, with
    `embeddings` (n, e) of the questions, by their centroids: see `active.continued`.
    """
    from active import continued  # here, since the command line must start fast

    old = [before.get(question, OUTLIER) for question in questions]
    numbers = {OUTLIER: OUTLIER} | continued(old, labels, embeddings)
    following = max([taken, *before.values()], default=OUTLIER) + 1
    for label in sorted(set(labels) - set(numbers)):
        numbers[label] = following
        following += 1
    return numbers
