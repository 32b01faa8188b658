"""Let a cluster keep its number when the questions are clustered anew, since quotas name it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

OUTLIER = -1
SAME = 1 / 3  # share of the questions of either cluster that both hold, for them to count as one


def keep_numbers(
    before: Mapping[int, int], questions: Sequence[int], labels: Sequence[int], taken: int = OUTLIER
) -> dict[int, int]:
    """Return a number for each label: that of the old cluster it goes on from, or one never used.

    `before` holds the old number of each question, `labels` (n,) the new label of each of `questions`;
    `taken` is the highest number that anything refers to. Old and new are matched one to one so that
    most questions keep their number (Kuhn, "The Hungarian Method", 1955).
    """
    from scipy.optimize import linear_sum_assignment  # here, since the command line must start fast

    fresh = sorted({label for label in labels if label != OUTLIER})
    old = sorted({number for number in before.values() if number != OUTLIER})
    stays = Counter(
        (before.get(question, OUTLIER), label) for question, label in zip(questions, labels, strict=True)
    )
    shared = np.array([[stays[number, label] for label in fresh] for number in old], dtype=float)
    shared = shared.reshape(len(old), len(fresh))
    was, is_now = Counter(before.values()), Counter(labels)
    either = np.add.outer([was[one] for one in old], [is_now[one] for one in fresh]) - shared
    numbers = {OUTLIER: OUTLIER}
    for row, column in zip(*linear_sum_assignment(-shared), strict=True):
        if shared[row, column] > 0 and shared[row, column] >= SAME * either[row, column]:
            numbers[fresh[column]] = old[row]
    following = max([taken, *old], default=OUTLIER) + 1
    for label in fresh:
        if label not in numbers:
            numbers[label] = following
            following += 1
    return numbers
