"""Read the judgements of the ledger as rows with all their texts, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from annotate.bridges.formats import COLUMNS
from annotate.labelling.ledger.places import ASKER, MAIN
from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    ContenderRecord,
    Guideline,
    Judgement,
    Pair,
    Question,
    Store,
    Task,
)
from annotate.store.ledger import SUBMITTED

BATCH = 300  # tasks whose judgements are in memory at a time
SOURCE = "source"  # the key in a judgement's details under which an import keeps where it came from
_ORIGINAL = ("guideline", "channel", "judged_at")  # what an import knows better than the ledger


def judgement_rows(store: Store) -> Iterator[dict[str, Any]]:
    """Yield the judgements that count as rows of COLUMNS, those of one pair together.

    These are the last revisions in the main pool, as of one moment. The answers stand in the stored
    order of their pair. The tasks are gone through in the order of their ids, some hundreds at a
    time: memory does not grow with the ledger, and no step sorts more than these.
    """
    with store.reading() as session:
        if store.engine.dialect.name == "postgresql":  # SQLite reads one state of the file anyhow
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        last = 0
        tasks = select(Task.id).where(Task.pool == MAIN).order_by(Task.id).limit(BATCH)
        while ids := list(session.scalars(tasks.where(Task.id > last))):
            found = [row for row in session.execute(_current(ids)) if row.state == SUBMITTED]
            pairs = _pairs(session, {row.pair_id for row in found})
            for row in found:
                yield _row(row, pairs[row.pair_id])
            last = ids[-1]


def _current(tasks: Sequence[int]) -> Select[Any]:
    """Select the last revisions of tasks, with the states of their assignments.

    The state is looked at by the caller: as a condition it would tempt SQLite to read all
    submitted assignments for each batch.
    """
    later = aliased(Judgement)
    superseded = (
        select(later.id)
        .where(later.assignment_id == Judgement.assignment_id, later.revision > Judgement.revision)
        .exists()
    )
    return (
        select(
            Judgement.verdict, Judgement.aspects, Judgement.tags, Judgement.spans, Judgement.comment,
            Judgement.confidence, Judgement.seconds, Judgement.active_seconds, Judgement.channel,
            Judgement.details, Judgement.created_at, Assignment.swapped, Assignment.state, Task.pair_id,
            Assessor.name.label("assessor"), Assessor.kind, Assessor.fingerprint,
            Guideline.content_hash.label("guideline"),
        )
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Task, Task.id == Assignment.task_id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .join(Guideline, Guideline.id == Judgement.guideline_id)
        .where(Assignment.task_id.in_(tasks), ~superseded, Assessor.kind != ASKER)
        .order_by(Assignment.task_id, Assignment.id)
    )  # fmt: skip


def _pairs(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    first, second = aliased(AnswerRecord), aliased(AnswerRecord)
    first_by, second_by = aliased(ContenderRecord), aliased(ContenderRecord)
    found = session.execute(
        select(
            Pair.id, Question.key, Question.text, Question.language,
            first.text, second.text, first.passages, second.passages, first_by.name, second_by.name,
        )
        .join(Question, Question.id == Pair.question_id)
        .join(first, first.id == Pair.first_id)
        .join(second, second.id == Pair.second_id)
        .join(first_by, first_by.id == first.contender_id)
        .join(second_by, second_by.id == second.contender_id)
        .where(Pair.id.in_(ids))
    )  # fmt: skip
    return {
        pair: {
            "question_id": key, "question": text, "language": language, "answer_a": a, "answer_b": b,
            "passages_a": _shown(passages_a), "passages_b": _shown(passages_b),
            "model_a": model_a, "model_b": model_b,
        }
        for pair, key, text, language, a, b, passages_a, passages_b, model_a, model_b in found
    }  # fmt: skip


def _shown(passages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return passages without the number of their chunk, which is of this corpus only."""
    return [{name: value for name, value in passage.items() if name != "chunk"} for passage in passages]


def _row(found: Any, pair: dict[str, Any]) -> dict[str, Any]:
    source = found.details.get(SOURCE) or {}
    own = {
        "verdict": found.verdict,
        "assessor": found.assessor,
        "kind": found.kind,
        "fingerprint": found.fingerprint,
        "aspects": found.aspects,
        "tags": found.tags,
        "spans": found.spans,
        "comment": found.comment,
        "confidence": found.confidence,
        "seconds": found.seconds,
        "active_seconds": found.active_seconds,
        "swapped": found.swapped,
        "guideline": found.guideline,
        "channel": found.channel,
        "judged_at": found.created_at.isoformat(),
        "details": {name: value for name, value in found.details.items() if name != SOURCE},
    }
    own |= {name: source[name] for name in _ORIGINAL if source.get(name)}
    row = pair | own
    return {name: row[name] for name in COLUMNS}
