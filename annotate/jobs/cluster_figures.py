"""Measure each cluster of questions: support, refusals, disagreement, judge gap, reward, drift."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from active import ClusterStats, Drift, traffic_drift
from annotate.labelling.agreement import Estimate, bootstrap_mean, share_of
from annotate.labelling.ledger.votes import counting
from annotate.labelling.preferences import LedgerVote, current_votes
from annotate.labelling.verdicts import outcome
from annotate.store import Asked, Assessor, Assignment, Judgement, Pair, Preference, Question, Task

REWARDS = "reward-1|"  # how the fingerprints of reward models among the assessors begin


@dataclass
class Evidence:
    """Hold what is known of each question, by its id: lists of what was seen, true or false."""

    supported: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    labels: Counter[int] = field(default_factory=Counter)
    usable: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    against: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    judged_otherwise: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    rewards: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[int, int] = field(default_factory=dict)
    asked_at: list[tuple[int, float]] = field(default_factory=list)  # question and seconds, each time

    def traffic(self, members: Iterable[int]) -> int:
        """Return how often the questions were asked; one that never was counts as asked once."""
        return sum(max(self.asked.get(member, 0), 1) for member in members)

    def drifts(self, numbers: Mapping[int, int]) -> dict[int, Drift]:
        """Return the drift of each cluster, from the cluster of each question."""
        events = [(numbers[question], at) for question, at in self.asked_at if question in numbers]
        clusters, times = [number for number, _ in events], [at for _, at in events]
        return {one.cluster: one for one in traffic_drift(clusters, times)}


@dataclass(frozen=True)
class Whole:
    """Hold what all clusters share in: the traffic, the labels, and each one's drift by number."""

    traffic: int
    labels: int
    drifts: Mapping[int, Drift]


def gather(session: Session, questions: Sequence[Question]) -> Evidence:
    """Read what is known of the questions."""
    found = Evidence()
    for question in questions:
        if question.retrieval:
            found.supported[question.id].append(_supported(question))
            found.refused[question.id].append(bool(question.retrieval["refused"]))
    of = dict(session.execute(select(Pair.id, Pair.question_id)).all())
    joint = dict(session.execute(select(Preference.pair_id, Preference.verdict)).all())
    for pair, verdict in joint.items():
        found.labels[of[pair]] += 1
        found.usable[of[pair]].append(verdict != "both_bad")
    votes = current_votes(session)
    for vote in votes:
        agreed = outcome(joint[vote.pair_id]) if vote.pair_id in joint else None
        found.against[of[vote.pair_id]].append(outcome(vote.verdict) != agreed)
    for pair, otherwise in _against_people(votes):
        found.judged_otherwise[of[pair]].append(otherwise)
    for pair, reward in _rewards(session):
        found.rewards[of[pair]].append(reward)
    found.asked_at = [
        (question, at.timestamp())
        for question, at in session.execute(select(Asked.question_id, Asked.created_at))
    ]
    found.asked = dict(Counter(question for question, _ in found.asked_at))
    if not found.asked_at:  # nobody asks the system itself yet: when a question came in says as much
        found.asked_at = [(question.id, question.created_at.timestamp()) for question in questions]
    return found


def measure(
    number: int, name: str, members: Sequence[int], known: Evidence, whole: Whole, rng: np.random.Generator
) -> tuple[ClusterStats, dict[str, Any]]:
    """Return the statistics of one cluster for finding gaps, and its figures with intervals for people."""
    traffic = known.traffic(members)
    labels = sum(known.labels[member] for member in members)
    shares = {
        "traffic_share": share_of(traffic, whole.traffic),
        "label_share": share_of(labels, whole.labels),
        "retrieval_support": _share(known.supported, members),
        "refusal_rate": _share(known.refused, members),
        "disagreement": _share(known.against, members),
        "quality": _share(known.usable, members),
        "judge_gap": _share(known.judged_otherwise, members),
        "reward": bootstrap_mean([one for member in members for one in known.rewards.get(member, [])], rng),
        "drift": _drift(whole.drifts.get(number)),
    }
    stats = ClusterStats(
        cluster=number,
        name=name,
        queries=len(members),
        labels=labels,
        retrieval_support=_value(shares["retrieval_support"]),
        refusal_rate=_value(shares["refusal_rate"]),
        disagreement=_value(shares["disagreement"]),
        quality=_value(shares["quality"]),
        judge_gap=_value(shares["judge_gap"]),
        judgements=_count(shares["disagreement"]),
        machine_verdicts=_count(shares["judge_gap"]),
        traffic=traffic,
    )
    figures: dict[str, Any] = {"questions": len(members), "labels": labels}
    figures["asked"] = sum(known.asked.get(member, 0) for member in members)
    figures |= {figure: _value(estimate) for figure, estimate in shares.items()}
    figures["intervals"] = {
        figure: [estimate.low, estimate.high, estimate.n]
        for figure, estimate in shares.items()
        if estimate is not None
    }
    return stats, figures


def _drift(drift: Drift | None) -> Estimate | None:
    if drift is None:
        return None
    return Estimate(drift.change, drift.interval.low, drift.interval.high, drift.events)


def _supported(question: Question) -> bool:
    """Tell whether a right document was retrieved; where none is known, whether any was."""
    found = set(question.retrieval["documents"])
    return bool(found & set(question.documents)) if question.documents else bool(found)


def _against_people(votes: Iterable[LedgerVote]) -> Iterable[tuple[int, bool]]:
    """Yield for each machine's vote on a pair whether most people named another outcome."""
    people: dict[int, Counter[str]] = defaultdict(Counter)
    machines = []
    for vote in votes:
        if vote.kind == "person":
            people[vote.pair_id][outcome(vote.verdict)] += 1
        elif vote.kind == "machine":
            machines.append(vote)
    for vote in machines:
        ranked = people[vote.pair_id].most_common(2) if vote.pair_id in people else []
        if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
            yield vote.pair_id, outcome(vote.verdict) != ranked[0][0]


def _rewards(session: Session) -> Iterable[tuple[int, float]]:
    """Yield the mean reward of both answers of each pair, by the reward model registered last."""
    latest = select(func.max(Assessor.id)).where(Assessor.fingerprint.startswith(REWARDS)).scalar_subquery()
    query = counting(Task.pair_id, Judgement.details).where(Assignment.assessor_id == latest)
    for pair, details in session.execute(query):
        if "A" in details and "B" in details:
            yield pair, (float(details["A"]) + float(details["B"])) / 2


def _share(seen: Mapping[int, Sequence[bool]], members: Sequence[int]) -> Estimate | None:
    values = [one for member in members for one in seen.get(member, ())]
    return share_of(sum(values), len(values))


def _count(estimate: Estimate | None) -> int:
    return 0 if estimate is None else estimate.n


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value
