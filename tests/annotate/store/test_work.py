"""The sums of work day by day are those of a recount, whatever happened in the ledger."""

from __future__ import annotations

from datetime import UTC

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from annotate.errors import LabellingError
from annotate.labelling import amend, flag, release, reserve, skip, submit, undo
from annotate.store import Assignment, Judgement, Task, WorkDay
from annotate.store.work import count_work, stop_counting
from tests.annotate.conftest import Ledger

STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(("submit", "amend", "undo", "skip", "release", "flag"))),
    min_size=1,
    max_size=25,
)
Key = tuple[object, ...]


def kept(ledger: Ledger) -> dict[Key, tuple[int, float, float]]:
    with ledger.store.reading() as session:
        return {
            (row.assessor_id, row.day, row.campaign_id, row.pool, row.language): (
                row.judgements, round(row.seconds, 6), round(row.active_seconds, 6),
            )
            for row in session.scalars(select(WorkDay))
        }  # fmt: skip


def recounted(ledger: Ledger) -> dict[Key, tuple[int, float, float]]:
    """Count in Python, from the judgements themselves."""
    found: dict[Key, tuple[int, float, float]] = {}
    with ledger.store.reading() as session:
        rows = session.execute(
            select(Judgement, Assignment.assessor_id, Task)
            .join(Assignment, Assignment.id == Judgement.assignment_id)
            .join(Task, Task.id == Assignment.task_id)
            .where(Judgement.revision == 1)
        )
        for said, assessor, task in rows:
            day = said.created_at.astimezone(UTC).date()
            key = (assessor, day, task.campaign_id, task.pool, task.language)
            number, seconds, active = found.get(key, (0, 0.0, 0.0))
            found[key] = (
                number + 1,
                round(seconds + said.seconds, 6),
                round(active + said.active_seconds, 6),
            )
    return found


def act(ledger: Ledger, assessor: int, step: str) -> None:
    store = ledger.store
    [held] = reserve(store, assessor)
    said = ledger.says(seconds=2.5, active_seconds=1.25)
    if step in ("submit", "amend", "undo"):
        submit(store, held.id, assessor, said)
    if step == "amend":
        amend(store, held.id, assessor, ledger.says("A_better", seconds=9.0))
    elif step == "undo":
        undo(store, held.id, assessor)
    elif step == "skip":
        skip(store, held.id, assessor, "unclear")
    elif step == "release":
        release(store, held.id, assessor)
    elif step == "flag":
        flag(store, held.id, assessor, "odd")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_sums_are_those_of_a_recount(ledger: Ledger, steps: list[tuple[int, str]]) -> None:
    ledger.tasks(12, overlap=3, languages=("en", "ru"))
    people = [ledger.person(f"person {number}").id for number in range(3)]
    for who, step in steps:
        try:
            act(ledger, people[who], step)
        except LabellingError:
            continue  # nothing is left for this one
    assert kept(ledger) == recounted(ledger)


def test_counting_begins_with_what_is_there(ledger: Ledger) -> None:
    ledger.tasks(4, languages=("en", "ru"))
    anna = ledger.person()
    ledger.judge(anna, "tie", seconds=3.0)
    with ledger.store.writing.begin() as session:
        stop_counting(session.connection())
        session.execute(text("DELETE FROM work_days"))
    ledger.judge(anna, "A_better", seconds=4.0)
    assert kept(ledger) == {}
    with ledger.store.writing.begin() as session:
        count_work(session.connection())
    ledger.judge(anna, "B_better", seconds=5.0)
    assert kept(ledger) == recounted(ledger)
    assert sum(number for number, *_ in kept(ledger).values()) == 3
