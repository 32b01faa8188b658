"""Find pairs by filters, a page at a time, however many there are.

A page begins after the last pair of the one before it (by number, newest first), so that no page
costs more than another. Hits of a search come in their own order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from annotate.store import (
    AnswerRecord,
    Cluster,
    ClusterMember,
    ContenderRecord,
    Pair,
    Preference,
    Question,
    Store,
    Task,
)

PairState = Literal["unlabelled", "waiting", "judged", "control"]
PAIR_STATES: tuple[PairState, ...] = ("unlabelled", "waiting", "judged", "control")
MAIN_POOL = "main"


@dataclass(frozen=True)
class PairFilter:
    """Say which pairs are wanted; what is empty does not matter.

    `unlabelled` pairs are no task yet, `waiting` ones have no preference yet; `control` pairs check
    assessors. `disputed` asks for preferences at least so uncertain (entropy of the posterior, bits).
    """

    language: str = ""
    cluster: int | None = None
    state: PairState | Literal[""] = ""
    contender: int | None = None
    verdict: str = ""
    disputed: float = 0.0


@dataclass(frozen=True)
class PairRow:
    """Show one pair of a list."""

    id: int
    question: str
    language: str
    cluster: str
    contenders: tuple[str, str]
    state: PairState
    verdict: str
    uncertainty: float | None
    people: int
    machines: int
    created_at: datetime


@dataclass(frozen=True)
class PairPage:
    """Hold one page; `next_before` is where the next one begins, None after the last."""

    rows: tuple[PairRow, ...]
    next_before: int | None


@dataclass(frozen=True)
class PairChoices:
    """Hold what can be chosen in the filters: languages, clusters and contenders with their names."""

    languages: tuple[str, ...]
    clusters: dict[int, str]
    contenders: dict[int, str]
    verdicts: tuple[str, ...]


def report_pair_choices(store: Store) -> PairChoices:
    """Return what the filters of the list offer."""
    with store.reading() as session:
        return PairChoices(
            _distinct(session, Question.language),
            dict(session.execute(select(Cluster.id, Cluster.name).order_by(Cluster.number)).all()),
            _contenders(session),
            _distinct(session, Preference.verdict),
        )


def report_pair_page(
    store: Store, wanted: PairFilter | None = None, *, before: int | None = None, limit: int = 25
) -> PairPage:
    """Return a page of the pairs that pass the filter, newest first."""
    query = _filtered(wanted or PairFilter()).order_by(Pair.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Pair.id < before)
    with store.reading() as session:
        ids = list(session.scalars(query))
        return PairPage(_rows(session, ids[:limit]), ids[limit - 1] if len(ids) > limit else None)


def report_found_pairs(
    store: Store, ids: Sequence[int], wanted: PairFilter | None = None, *, start: int = 0, limit: int = 25
) -> PairPage:
    """Return a page of a search's hits that pass the filter, in the order of the search.

    `next_before` is the place of the next page among the hits that pass.
    """
    with store.reading() as session:
        passing = set(session.scalars(_filtered(wanted or PairFilter()).where(Pair.id.in_(ids))))
        ordered = [number for number in ids if number in passing]
        end = start + limit
        return PairPage(_rows(session, ordered[start:end]), end if len(ordered) > end else None)


def pairs_of_questions(store: Store, questions: Sequence[int]) -> list[int]:
    """Return the pairs of these questions, in the order of the questions."""
    place = {question: at for at, question in enumerate(questions)}
    with store.reading() as session:
        rows = session.execute(
            select(Pair.id, Pair.question_id).where(Pair.question_id.in_(questions)).order_by(Pair.id)
        ).all()
    return [pair for pair, _ in sorted(rows, key=lambda row: place[row[1]])]


def _distinct(session: Session, column: Any) -> tuple[str, ...]:
    """Return the values of a column by hopping from one to the next, which an index makes quick."""
    found: list[str] = []
    last = session.scalar(select(func.min(column)))
    while last is not None:
        found.append(last)
        last = session.scalar(select(func.min(column)).where(column > last))
    return tuple(found)


def _contenders(session: Session) -> dict[int, str]:
    names = {
        found.id: found for found in session.scalars(select(ContenderRecord).order_by(ContenderRecord.id))
    }
    taken = [found.name for found in names.values()]
    return {
        number: found.name if taken.count(found.name) == 1 else f"{found.name} · {found.fingerprint[:8]}"
        for number, found in names.items()
    }


def _filtered(wanted: PairFilter) -> Select[Any]:
    return select(Pair.id).where(*_conditions(wanted))


def _conditions(wanted: PairFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.language:
        found.append(exists().where(Question.id == Pair.question_id, Question.language == wanted.language))
    if wanted.cluster is not None:
        member = select(ClusterMember.question_id).where(ClusterMember.cluster_id == wanted.cluster)
        found.append(Pair.question_id.in_(member))
    if wanted.contender is not None:
        first, second = aliased(AnswerRecord), aliased(AnswerRecord)
        found.append(
            or_(
                exists().where(first.id == Pair.first_id, first.contender_id == wanted.contender),
                exists().where(second.id == Pair.second_id, second.contender_id == wanted.contender),
            )
        )
    if wanted.state:
        found.append(_in_state(wanted.state))
    told = [Preference.pair_id == Pair.id]
    if wanted.verdict:
        told.append(Preference.verdict == wanted.verdict)
    if wanted.disputed:
        told.append(Preference.uncertainty >= wanted.disputed)
    if len(told) > 1:
        found.append(exists().where(*told))
    return found


def _in_state(state: PairState) -> ColumnElement[bool]:
    task = exists().where(Task.pair_id == Pair.id)
    if state == "unlabelled":
        return ~task
    if state == "control":
        return exists().where(Task.pair_id == Pair.id, Task.pool != MAIN_POOL)
    judged = exists().where(Preference.pair_id == Pair.id)
    main = exists().where(Task.pair_id == Pair.id, Task.pool == MAIN_POOL)
    return and_(main, judged) if state == "judged" else and_(main, ~judged)


def _rows(session: Session, ids: Sequence[int]) -> tuple[PairRow, ...]:
    first, second = aliased(AnswerRecord), aliased(AnswerRecord)
    query = (
        select(
            Pair.id, Pair.created_at, Question.text, Question.language, Cluster.name,
            first.contender_id, second.contender_id, Task.pool,
            Preference.verdict, Preference.uncertainty, Preference.people, Preference.machines,
        )
        .join(Question, Question.id == Pair.question_id)
        .join(first, first.id == Pair.first_id)
        .join(second, second.id == Pair.second_id)
        .outerjoin(ClusterMember, ClusterMember.question_id == Pair.question_id)
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .outerjoin(Task, Task.pair_id == Pair.id)
        .outerjoin(Preference, Preference.pair_id == Pair.id)
        .where(Pair.id.in_(ids))
    )  # fmt: skip
    names = dict(session.execute(select(ContenderRecord.id, ContenderRecord.name)).all())
    found = {row[0]: row for row in session.execute(query)}
    return tuple(_row(found[number], names) for number in ids if number in found)


def _row(row: Any, names: dict[int, str]) -> PairRow:
    number, created, text, language, cluster, one, other, pool, verdict, uncertainty, people, machines = row
    return PairRow(
        number,
        text,
        language,
        cluster or "",
        (names.get(one, ""), names.get(other, "")),
        _state(pool, verdict),
        verdict or "",
        uncertainty,
        people or 0,
        machines or 0,
        created,
    )


def _state(pool: str | None, verdict: str | None) -> PairState:
    if pool is None:
        return "unlabelled"
    if pool != MAIN_POOL:
        return "control"
    return "judged" if verdict else "waiting"
