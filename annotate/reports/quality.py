"""Report how far the assessors can be trusted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from annotate.labelling.aggregation import Vote, aggregate
from annotate.labelling.agreement import Estimate, bootstrap, krippendorff_alpha, percent_agreement
from annotate.labelling.preferences import LedgerVote, current_votes
from annotate.labelling.verdicts import GRADES, OUTCOMES, VERDICTS, outcome
from annotate.store import Preference, Store


@dataclass(frozen=True)
class AssessorQuality:
    """Describe one assessor: what was said, and how it fits what others say."""

    name: str
    kind: str
    judgements: int
    verdicts: dict[str, int]
    reliability: float
    agreement_with_others: Estimate | None
    left_share: float | None


@dataclass(frozen=True)
class QualityReport:
    """Hold agreement overall, assessor by assessor, and the share of each joint verdict."""

    alpha: Estimate | None
    alpha_people: Estimate | None
    percent: Estimate | None
    assessors: tuple[AssessorQuality, ...]
    verdicts: dict[str, int]


def report_quality(store: Store, rng: np.random.Generator) -> QualityReport:
    """Measure agreement with bootstrap intervals; undefined measures are None, never NaN."""
    with store.reading() as session:
        votes = current_votes(session)
        verdicts = Counter(session.scalars(select(Preference.verdict)))
    trust = aggregate([Vote(vote.pair_id, vote.assessor, vote.verdict) for vote in votes]).reliability
    people = [vote for vote in votes if vote.kind == "person"]
    return QualityReport(
        alpha=bootstrap(krippendorff_alpha, _graded(votes), rng),
        alpha_people=bootstrap(krippendorff_alpha, _graded(people), rng),
        percent=bootstrap(percent_agreement, _outcomes(votes), rng),
        assessors=tuple(_assessor(name, votes, trust[name], rng) for name in sorted(trust)),
        verdicts={verdict: verdicts.get(verdict, 0) for verdict in VERDICTS},
    )


def _graded(votes: Sequence[LedgerVote]) -> dict[int, list[float]]:
    """Collect the grades by pair; `both_bad` compares nothing and is left out."""
    units: dict[int, list[float]] = defaultdict(list)
    for vote in votes:
        if vote.verdict in GRADES:
            units[vote.pair_id].append(float(GRADES[vote.verdict]))
    return units


def _outcomes(votes: Sequence[LedgerVote]) -> dict[int, list[float]]:
    units: dict[int, list[float]] = defaultdict(list)
    for vote in votes:
        units[vote.pair_id].append(float(OUTCOMES.index(outcome(vote.verdict))))
    return units


def _assessor(
    name: str, votes: Sequence[LedgerVote], reliability: float, rng: np.random.Generator
) -> AssessorQuality:
    own = [vote for vote in votes if vote.assessor == name]
    shared: dict[int, list[float]] = {}
    for vote in own:
        others = [float(outcome(o.verdict) == outcome(vote.verdict)) for o in votes
                  if o.pair_id == vote.pair_id and o.assessor != name]  # fmt: skip
        if others:
            shared[vote.pair_id] = [float(np.mean(others))] * 2
    # The answer shown on the left is the stored first one unless the order was turned.
    sides = [(outcome(vote.verdict) == "first") != vote.swapped for vote in own
             if outcome(vote.verdict) in ("first", "second")]  # fmt: skip
    return AssessorQuality(
        name=name,
        kind=own[0].kind,
        judgements=len(own),
        verdicts=dict(Counter(vote.verdict for vote in own)),
        reliability=reliability,
        agreement_with_others=bootstrap(_mean, shared, rng),
        left_share=float(np.mean(sides)) if sides else None,
    )


def _mean(ratings: object) -> float | None:
    values = [unit[0] for unit in ratings.values()]  # type: ignore[attr-defined]
    return float(np.mean(values)) if values else None
