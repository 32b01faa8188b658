"""Report the questions of one cluster, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from annotate.store import Cluster, ClusterMember, Pair, Preference, Question, Store, Task

PAGE = 50


@dataclass(frozen=True)
class ClusterQuestion:
    """Show one question: whether its documents were found, and how far its pairs are."""

    id: int
    text: str
    language: str
    supported: bool | None
    refused: bool | None
    pairs: int
    tasks: int
    preferences: int


@dataclass(frozen=True)
class QuestionPage:
    """Hold one page of a cluster's questions; `untasked` pairs of the cluster are no tasks yet."""

    total: int
    untasked: int
    questions: tuple[ClusterQuestion, ...]


def report_cluster_questions(
    store: Store, cluster: int, offset: int = 0, limit: int = PAGE, contains: str = ""
) -> QuestionPage:
    """Return the questions of a cluster, by number; an unknown cluster has none.

    `contains` keeps those with that text in them, in lower case as far as the database knows letters.
    """
    with store.reading() as session:
        members = (
            select(Question)
            .join(ClusterMember, ClusterMember.question_id == Question.id)
            .join(Cluster, Cluster.id == ClusterMember.cluster_id)
            .where(Cluster.number == cluster)
        )
        if contains.strip():
            members = members.where(Question.text.icontains(contains.strip(), autoescape=True))
        total = session.scalar(select(func.count()).select_from(members.subquery())) or 0
        found = session.scalars(members.order_by(Question.id).offset(offset).limit(limit)).all()
        counts = _counts(session, [question.id for question in found])
        return QuestionPage(
            total,
            _untasked(session, cluster),
            tuple(_question(one, *counts.get(one.id, (0, 0, 0))) for one in found),
        )


def _question(question: Question, pairs: int, tasks: int, preferences: int) -> ClusterQuestion:
    retrieval = question.retrieval or {}
    right = set(retrieval.get("documents", ()))
    supported = (
        (bool(right & set(question.documents)) if question.documents else bool(right)) if retrieval else None
    )
    refused = bool(retrieval["refused"]) if "refused" in retrieval else None
    return ClusterQuestion(
        question.id, question.text, question.language, supported, refused, pairs, tasks, preferences
    )


def _counts(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    rows = session.execute(
        select(Pair.question_id, func.count(Pair.id), func.count(Task.id), func.count(Preference.id))
        .outerjoin(Task, Task.pair_id == Pair.id)
        .outerjoin(Preference, Preference.pair_id == Pair.id)
        .where(Pair.question_id.in_(ids))
        .group_by(Pair.question_id)
    )
    return {question: (pairs, tasks, preferences) for question, pairs, tasks, preferences in rows}


def _untasked(session: Session, cluster: int) -> int:
    query = (
        select(func.count(Pair.id))
        .join(ClusterMember, ClusterMember.question_id == Pair.question_id)
        .join(Cluster, Cluster.id == ClusterMember.cluster_id)
        .where(Cluster.number == cluster, ~exists().where(Task.pair_id == Pair.id))
    )
    return session.scalar(query) or 0
