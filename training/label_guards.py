"""Guards against labels from which nothing can be learned: none that counts, or all of one side."""

from collections import Counter
from collections.abc import Sequence

from training.errors import RowsError
from training.rows import Row

PREFERRED_SHOWN = "preferred_shown"
"""The key in a row's lineage of its votes by the place, `first` or `second`, of the answer they prefer."""
LEAST_VOTES = 20
"""Places drawn by lot are all the same for so many real votes once in half a million times."""


def check_labels(rows: Sequence[Row]) -> None:
    """Refuse rows that all have weight 0, and votes that only say where an answer was shown.

    Raises RowsError.
    """
    counted = [row for row in rows if row.weight]
    if not counted:
        raise RowsError("all train rows have weight 0; there is nothing to learn")
    votes = count_places(counted)
    if votes.total() >= LEAST_VOTES and len(votes) == 1:
        [place] = votes
        raise RowsError(
            f"one-sided labels: all {votes.total()} votes prefer the answer that was shown {place}, whatever "
            "it says; look at who judged, and judge again"
        )


def count_places(rows: Sequence[Row]) -> Counter[str]:
    """Count the votes behind rows by the place of the answer they prefer, where the lineage tells it."""
    votes: Counter[str] = Counter()
    for row in rows:
        told = row.lineage.get(PREFERRED_SHOWN)
        if isinstance(told, dict):
            votes.update({str(place): int(count) for place, count in told.items() if count})
    return votes
