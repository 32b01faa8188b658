"""Report how far the assessors can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.aggregation import PRIOR_RIGHT, PRIOR_WRONG, Vote, Votes, aggregate
from annotate.labelling.agreement import (
    COEFFICIENTS,
    Estimate,
    Ratings,
    bootstrap,
    bootstrap_mean,
    collect,
    gwet_ac1,
    measure_pairs,
    ordinal_alpha,
    percent_agreement,
    share_of,
)
from annotate.labelling.controls.gold_votes import GoldVotes, read_gold
from annotate.labelling.ledger.places import ASKER
from annotate.labelling.ledger.votes import counting
from annotate.labelling.verdicts import GRADES, OUTCOMES, VERDICTS, outcome
from annotate.store import Assessor, Assignment, Guideline, Judgement, Preference, Store, Task

GROUP_DRAWS = 200  # bootstrap draws in a breakdown; the headline figures take 500
MOST_PAIRED = 8  # so many assessors, those with most judgements, are compared two by two
_SIDES = {"A": 1.0, "tie": 0.0, "B": -1.0}


@dataclass(frozen=True)
class AssessorQuality:
    """Describe one assessor: what was said, and how it fits what others say.

    `reliability` is how often the outcome is named that the aggregation finds, with `sure_of` its
    95 % interval; `left` how often the answer on the left wins, of the verdicts that name a winner.
    """

    name: str
    kind: str
    judgements: int
    verdicts: dict[str, int]
    reliability: float
    agreement_with_others: Estimate | None
    left_share: float | None
    left: Estimate | None = None
    sure_of: tuple[float, float] | None = None


@dataclass(frozen=True)
class Agreement:
    """Hold the agreement of one group of judgements: α of the grades, AC1 and share of equal outcomes."""

    alpha: Estimate | None
    ac1: Estimate | None
    percent: Estimate | None


@dataclass(frozen=True)
class QualityReport:
    """Hold agreement overall, group by group and assessor by assessor, and the share of each joint verdict.

    `coefficients` are of the outcomes, by name; `kappas` is Cohen's κ of every two assessors who judge most.
    """

    alpha: Estimate | None
    alpha_people: Estimate | None
    percent: Estimate | None
    assessors: tuple[AssessorQuality, ...]
    verdicts: dict[str, int]
    coefficients: dict[str, Estimate | None] = field(default_factory=dict)
    by_language: dict[str, Agreement] = field(default_factory=dict)
    by_cluster: dict[int, Agreement] = field(default_factory=dict)
    by_guideline: dict[str, Agreement] = field(default_factory=dict)
    by_kind: dict[str, Agreement] = field(default_factory=dict)
    by_aspect: dict[str, Agreement] = field(default_factory=dict)
    kappas: dict[str, Estimate | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Said:
    pair: int
    assessor: str
    kind: str
    verdict: str
    swapped: bool
    language: str
    cluster: int | None
    guideline: str
    aspects: dict[str, str]


def report_quality(store: Store, rng: np.random.Generator) -> QualityReport:
    """Measure agreement with bootstrap intervals; undefined measures are None, never NaN."""
    with store.reading() as session:
        said, gold = _read(session), read_gold(session)
        verdicts = Counter(session.scalars(select(Preference.verdict)))
    people = [one for one in said if one.kind == "person"]
    outcomes = _ratings(said, _outcome)
    return QualityReport(
        alpha=bootstrap(ordinal_alpha, _ratings(said, _grade), rng),
        alpha_people=bootstrap(ordinal_alpha, _ratings(people, _grade), rng),
        percent=bootstrap(percent_agreement, outcomes, rng),
        assessors=_assessors(said, gold, rng),
        verdicts={verdict: verdicts.get(verdict, 0) for verdict in VERDICTS},
        coefficients={
            name: bootstrap(COEFFICIENTS[name], outcomes, rng)
            for name in ("nominal_alpha", "fleiss_kappa", "gwet_ac1", "percent")
        },
        by_language=_by(said, lambda one: one.language, rng),
        by_cluster=_by([one for one in said if one.cluster is not None], lambda one: one.cluster, rng),
        by_guideline=_by(said, lambda one: one.guideline, rng),
        by_kind=_by(said, lambda one: one.kind, rng),
        by_aspect=_by_aspect(said, rng),
        kappas=_kappas(said, rng),
    )


def _read(session: Session) -> list[_Said]:
    query = counting(
        Task.pair_id,
        Assessor.name,
        Assessor.kind,
        Judgement.verdict,
        Assignment.swapped,
        Task.language,
        Task.cluster,
        Guideline.content_hash,
        Judgement.aspects,
    )
    query = query.join(Assessor, Assessor.id == Assignment.assessor_id).where(Assessor.kind != ASKER)
    query = query.join(Guideline, Guideline.id == Judgement.guideline_id)
    return [_Said(*row) for row in session.execute(query)]


def _grade(one: _Said) -> float | None:
    """Return the grade of a verdict; `both_bad` compares nothing and has none."""
    return float(GRADES[one.verdict]) if one.verdict in GRADES else None


def _outcome(one: _Said) -> float:
    return float(OUTCOMES.index(outcome(one.verdict)))


def _ratings(said: Iterable[_Said], value: Callable[[_Said], float | None]) -> Ratings:
    rated = ((one, value(one)) for one in said)
    return collect(("", one.pair, found) for one, found in rated if found is not None).get("", {})


def _by(
    said: Sequence[_Said], group: Callable[[_Said], Any], rng: np.random.Generator
) -> dict[Any, Agreement]:
    """Measure the agreement inside each group, the groups in their order."""
    members: dict[Hashable, list[_Said]] = {}
    for one in said:
        members.setdefault(group(one), []).append(one)
    return {
        name: _agreement(_ratings(own, _grade), _ratings(own, _outcome), rng)
        for name, own in sorted(members.items(), key=lambda item: str(item[0]))
    }


def _by_aspect(said: Iterable[_Said], rng: np.random.Generator) -> dict[str, Agreement]:
    rows = ((aspect, one.pair, _SIDES[side]) for one in said for aspect, side in one.aspects.items())
    return {aspect: _agreement(found, found, rng) for aspect, found in sorted(collect(rows).items())}


def _agreement(grades: Ratings, outcomes: Ratings, rng: np.random.Generator) -> Agreement:
    return Agreement(
        bootstrap(ordinal_alpha, grades, rng, GROUP_DRAWS),
        bootstrap(gwet_ac1, outcomes, rng, GROUP_DRAWS),
        bootstrap(percent_agreement, outcomes, rng, GROUP_DRAWS),
    )


def _kappas(said: Iterable[_Said], rng: np.random.Generator) -> dict[str, Estimate | None]:
    values: dict[str, dict[int, float]] = {}
    for one in said:
        values.setdefault(one.assessor, {})[one.pair] = _outcome(one)
    busiest = sorted(values, key=lambda name: (-len(values[name]), name))[:MOST_PAIRED]
    found = measure_pairs({name: values[name] for name in busiest}, rng, GROUP_DRAWS)
    return {f"{one} · {other}": kappa for (one, other), kappa in found.items()}


def _assessors(
    said: Sequence[_Said], gold: GoldVotes, rng: np.random.Generator
) -> tuple[AssessorQuality, ...]:
    votes = Votes.of(Vote(one.pair, one.assessor, one.verdict, one.swapped) for one in said)
    reliability = aggregate(votes.with_known(*gold)).reliability  # as the preferences find it
    counts = votes.count()
    others = counts.sum(axis=1)[votes.rows] - 1
    equal = (counts[votes.rows, votes.outcomes] - 1) / np.maximum(others, 1)
    own: dict[str, list[int]] = {}
    for at, one in enumerate(said):
        own.setdefault(one.assessor, []).append(at)
    return tuple(
        _assessor(
            [said[at] for at in own[name]],
            reliability[name],
            bootstrap_mean([float(equal[at]) for at in own[name] if others[at]], rng),
        )
        for name in sorted(own)
    )


def _assessor(own: Sequence[_Said], reliability: float, agreement: Estimate | None) -> AssessorQuality:
    # The answer shown on the left is the stored first one unless the order was turned.
    sides = [
        (outcome(one.verdict) == "first") != one.swapped
        for one in own
        if outcome(one.verdict) in ("first", "second")
    ]
    left = share_of(sum(sides), len(sides))
    return AssessorQuality(
        name=own[0].assessor,
        kind=own[0].kind,
        judgements=len(own),
        verdicts=dict(Counter(one.verdict for one in own)),
        reliability=reliability,
        agreement_with_others=agreement,
        left_share=left.value if left else None,
        left=left,
        sure_of=_interval(reliability, len(own)),
    )


def _interval(reliability: float, judgements: int) -> tuple[float, float]:
    """Return the 95 % interval of the Beta posterior whose mean the reliability is."""
    from scipy.special import betaincinv  # here, since the command line must start fast

    total = judgements + PRIOR_RIGHT + PRIOR_WRONG
    right = reliability * total
    low, high = betaincinv(right, total - right, [0.025, 0.975])
    return float(low), float(high)
