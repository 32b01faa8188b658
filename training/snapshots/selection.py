"""Choose few good and varied rows to train on.

Source of the idea: Zhou et al. (2023), "LIMA: Less Is More for Alignment", arXiv 2305.11206: a thousand
careful, varied rows did as well as many more. Sure labels come first (posterior, agreement), then
rows that stand for the rest (facility location) or lie far apart (k-centre).
"""

import heapq
import math
from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from training.errors import RowsError
from training.rows import Row
from training.snapshots.nearness import Embed, Vectors

R = TypeVar("R", bound=Row)
Floats = NDArray[np.float64]


class Selection(BaseModel):
    """Say which rows to keep: so sure, so agreed on, and this share of what is left.

    `posterior` is the probability of the row's verdict, `agreement` the share of votes for it; a row that
    says neither passes. `by` chooses among the passing: `facility_location` and `k_centre` on vectors of the
    subjects, `quality` the surest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    by: Literal["facility_location", "k_centre", "quality"] = "facility_location"
    least_posterior: Annotated[float, Field(ge=0, le=1)] = 0.0
    least_agreement: Annotated[float, Field(ge=0, le=1)] = 0.0


def select_rows(rows: Sequence[R], selection: Selection, embed: Embed | None = None) -> list[R]:
    """Return the chosen rows in their order.

    Raises RowsError where no row is good enough, or vectors are needed and `embed` is missing.
    """
    passing = [row for row in rows if _passes(row, selection)]
    if not passing:
        raise RowsError(
            f"none of {len(rows)} rows has a posterior of {selection.least_posterior:g} and an agreement of "
            f"{selection.least_agreement:g}; ask for less"
        )
    count = max(1, math.ceil(selection.share * len(passing)))
    if count == len(passing):
        return passing
    qualities = np.array([quality(row) for row in passing])
    if selection.by == "quality":
        chosen = np.argsort(-qualities, kind="stable")[:count].tolist()
    elif embed is None:
        raise RowsError(f"a selection by {selection.by} needs an embedder; name one, or select by quality")
    else:
        vectors = embed([row.subject for row in passing])
        pick = facility_location if selection.by == "facility_location" else k_centre
        chosen = pick(vectors, qualities, count)
    return [passing[at] for at in sorted(chosen)]


def quality(row: Row) -> float:
    """Give how sure a row's label is, in [0, 1]: its posterior times the agreement on it, 1 where unknown."""
    return (1.0 if (sure := posterior(row)) is None else sure) * (
        1.0 if (agreed := agreement(row)) is None else agreed
    )


def posterior(row: Row) -> float | None:
    """Give the highest probability in the row's `lineage["posterior"]`, None where there is none."""
    found = row.lineage.get("posterior")
    return max(map(float, found.values())) if isinstance(found, dict) and found else None


def agreement(row: Row) -> float | None:
    """Give `lineage["agreement"]`, the share of the votes for the verdict; None where unknown."""
    found = row.lineage.get("agreement")
    return float(found) if isinstance(found, int | float) else None


def facility_location(vectors: Vectors, qualities: Floats, count: int) -> list[int]:
    """Choose `count` rows that each other row is near to one of: greedy maximum of sum_i max_j w_j cos(i, j).

    Lazy greedy: Minoux (1978); the greedy choice reaches 1 - 1/e of the best. `qualities` (n,) are w.
    """
    likeness = np.clip(vectors @ vectors.T, 0, None).astype(np.float64) * qualities
    covered: Floats = np.zeros(len(vectors))
    queue = [(-float(likeness[:, at].sum()), at) for at in range(len(vectors))]
    heapq.heapify(queue)
    chosen: list[int] = []
    while len(chosen) < count:
        _, at = heapq.heappop(queue)
        gain = float(np.maximum(likeness[:, at] - covered, 0).sum())
        if not queue or gain >= -queue[0][0] - 1e-12:
            chosen.append(at)
            covered = np.asarray(np.maximum(covered, likeness[:, at]))
        else:
            heapq.heappush(queue, (-gain, at))
    return chosen


def k_centre(vectors: Vectors, qualities: Floats, count: int) -> list[int]:
    """Choose `count` rows far apart, the surest first: each next is the farthest from all before it.

    Source: Gonzalez (1985), a 2-approximation of the least radius. Distances are weighed by `qualities` (n,).
    """
    chosen = [int(np.argmax(qualities))]
    distance = np.asarray(1 - vectors @ vectors[chosen[0]], np.float64)
    while len(chosen) < count:
        ranked = np.where(np.isin(np.arange(len(vectors)), chosen), -1.0, distance * qualities)
        chosen.append(int(np.argmax(ranked)))
        distance = np.minimum(distance, 1 - vectors @ vectors[chosen[-1]])
    return chosen


def _passes(row: Row, selection: Selection) -> bool:
    sure, agreed = posterior(row), agreement(row)
    return (sure is None or sure >= selection.least_posterior) and (
        agreed is None or agreed >= selection.least_agreement
    )
