"""Read every judgement that counts once, as columns, for all parts of the board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.aggregation.votes import GRADE_OF, OUTCOME_OF, VERDICT_NUMBER
from annotate.labelling.agreement import Ratings
from annotate.labelling.ledger.votes import counting
from annotate.labelling.verdicts import VERDICTS
from annotate.store import Assessor, Assignment, Judgement, Preference, Task

AT_ONCE = 20_000
BOTH_BAD = VERDICTS.index("both_bad")
PERSON, MACHINE = "person", "machine"
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """Hold n judgements as columns, oldest first.

    `pairs` (n,); `raters` (n,) point into `names` and `kinds`; `verdicts` (n,) point into VERDICTS and
    `left` (n,) is 1 where the answer on the left won, 0 where the other did, -1 without a winner;
    `seconds` (n,) of activity, 0 where not measured; `days` (n,) since the year 1. `joint` (n,) is the
    verdict that all judgements of the pair come to, -1 where there is none.
    """

    pairs: Integers
    raters: Integers
    verdicts: Integers
    left: Integers
    seconds: Floats
    days: Integers
    joint: Integers
    names: tuple[str, ...]
    kinds: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def outcomes(self) -> Integers:
        """What each judgement names, as a place in OUTCOMES, (n,)."""
        found: Integers = OUTCOME_OF[self.verdicts]
        return found

    def of_kind(self, kind: str) -> NDArray[np.bool_]:
        """Return which judgements were made by people, or by machines, (n,)."""
        return np.array([own == kind for own in self.kinds], dtype=bool)[self.raters]

    def grades(self, chosen: NDArray[np.bool_]) -> Ratings:
        """Return the grades given to each pair; `both_bad` compares nothing and has none."""
        chosen = chosen & (self.verdicts != BOTH_BAD)
        return _by_pair(self.pairs[chosen], GRADE_OF[self.verdicts[chosen]])

    def rated(self, chosen: NDArray[np.bool_]) -> Ratings:
        """Return the outcomes given to each pair."""
        return _by_pair(self.pairs[chosen], self.outcomes[chosen].astype(np.float64))


def read_said(session: Session) -> Said:
    """Read all judgements of the main pool that count, a batch at a time."""
    query = counting(
        Task.pair_id,
        Assignment.assessor_id,
        Judgement.verdict,
        Assignment.swapped,
        Judgement.active_seconds,
        Judgement.seconds,
        Judgement.created_at,
    ).execution_options(yield_per=AT_ONCE)
    batches: list[Floats] = [np.zeros((0, 6))]
    batches += [np.array([_numbers(row) for row in rows]) for rows in session.execute(query).partitions()]
    pairs, raters, verdicts, swapped, seconds, days = np.concatenate(batches).T
    known = {row.id: row for row in session.execute(select(Assessor.id, Assessor.name, Assessor.kind))}
    ids, places = np.unique(raters.astype(np.int64), return_inverse=True)
    numbers = verdicts.astype(np.int64)
    return Said(
        pairs=pairs.astype(np.int64),
        raters=places.reshape(-1),
        verdicts=numbers,
        left=_left(numbers, swapped.astype(bool)),
        seconds=seconds,
        days=days.astype(np.int64),
        joint=_joint(session, pairs.astype(np.int64)),
        names=tuple(known[number].name for number in ids.tolist()),
        kinds=tuple(known[number].kind for number in ids.tolist()),
    )


def _numbers(row: Any) -> tuple[float, ...]:
    pair, rater, verdict, swapped, active, seconds, at = row
    return pair, rater, VERDICT_NUMBER[verdict], swapped, active or seconds, at.toordinal()


def _left(verdicts: Integers, swapped: NDArray[np.bool_]) -> Integers:
    """The answer shown on the left is the stored first one unless the order was turned."""
    grades = GRADE_OF[verdicts]
    return np.where(grades == 0, -1, (grades > 0) != swapped).astype(np.int64)


def _joint(session: Session, pairs: Integers) -> Integers:
    rows: list[tuple[int, int]] = [
        (pair, VERDICT_NUMBER[verdict])
        for pair, verdict in session.execute(
            select(Preference.pair_id, Preference.verdict).order_by(Preference.pair_id)
        )
    ]
    if not rows or not len(pairs):
        return np.full(len(pairs), -1, dtype=np.int64)
    known, verdicts = np.array(rows, dtype=np.int64).T
    at = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
    return np.where(known[at] == pairs, verdicts[at], -1).astype(np.int64)


def _by_pair(pairs: Integers, values: Floats) -> dict[int, Any]:
    order = np.argsort(pairs, kind="stable")
    ids, starts = np.unique(pairs[order], return_index=True)
    parts = np.split(values[order], starts[1:]) if len(ids) else []
    return dict(zip(ids.tolist(), (part.tolist() for part in parts), strict=True))
