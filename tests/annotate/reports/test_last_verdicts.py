"""Reports on answers to control tasks and on reviews, against a plain recount of every judgement."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pytest

from annotate.labelling.campaigns import open_campaign
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.verdicts import VERDICTS
from annotate.reports import last_verdicts
from annotate.reports.controls import report_control_tasks, report_controls, report_gold_feedback
from annotate.reports.gold_pool import report_gold_pool
from annotate.reports.review_queue import ReviewFilter, report_queue
from annotate.store import Assignment, Judgement, Review, Task
from annotate.store.ledger import DROPPED, EXPIRED, RELEASED, RESERVED, SKIPPED, SUBMITTED
from tests.annotate.conftest import Ledger

DAY = datetime(2026, 3, 1, tzinfo=UTC)
STATES = (SUBMITTED, SUBMITTED, SUBMITTED, DROPPED, RESERVED, SKIPPED, RELEASED, EXPIRED)
TRUTHS = (
    Known(("A_better",), "B invents a price."),
    Known(("tie", "both_bad"), "Both miss it.", "corruption:dropped_fact"),
    Known(("B_much_better",), "A is about something else.", ""),
)


class Said(NamedTuple):
    """Hold the last verdict of one assignment."""

    number: int
    task: Task
    assessor: int
    state: str
    verdict: str
    at: datetime


@pytest.fixture
def filled(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Make control and real tasks of two campaigns, with answers in every state and several revisions."""
    monkeypatch.setattr(last_verdicts, "AT_ONCE", 2)  # tasks a query, so that there are several queries
    for campaign in ("default", "other"):
        open_campaign(ledger.store, campaign)
        for number in range(5):
            pool = "exam" if number == 4 else "gold"
            add_control(ledger.store, ledger.pair(), TRUTHS[number % 3], pool=pool, campaign=campaign)
    ledger.tasks(4)
    people = [ledger.person(name).id for name in ("anna", "boris", "clara")]
    ledger.person("dora")
    _answer(ledger, [*people, ledger.machine().id])
    return ledger


def _answer(ledger: Ledger, assessors: list[int]) -> None:
    rng = np.random.default_rng(5)
    with ledger.store.writing.begin() as session:
        for task in session.query(Task).order_by(Task.id).all():
            for assessor in assessors:
                state = STATES[rng.integers(len(STATES))]
                held = Assignment(
                    task_id=task.id, assessor_id=assessor, state=state, swapped=False,
                    reserved_at=DAY, expires_at=DAY,
                )  # fmt: skip
                session.add(held)
                session.flush()
                # What was undone or expired after a verdict keeps its judgements, so any state may have some.
                for revision in range(1, 1 + int(rng.integers(0 if state != SUBMITTED else 1, 4))):
                    key = f"{held.id}-{revision}"
                    at = DAY + timedelta(minutes=int(rng.integers(1000)))
                    session.add(
                        Judgement(
                            assignment_id=held.id, revision=revision, client_key=key, created_at=at,
                            verdict=VERDICTS[rng.integers(6)], guideline_id=ledger.guideline.id, channel="x",
                        )
                    )  # fmt: skip
            if task.pool == "main":
                session.add(Review(task_id=task.id, reason="disagreement"))


def recount(ledger: Ledger, *states: str) -> list[Said]:
    """Read every judgement and keep the last of each assignment in one of the states, oldest first."""
    last: dict[int, Judgement] = {}
    with ledger.store.reading() as session:
        for judgement in session.query(Judgement).all():
            known = last.get(judgement.assignment_id)
            if known is None or known.revision < judgement.revision:
                last[judgement.assignment_id] = judgement
        found = []
        for judgement in last.values():
            held = session.get_one(Assignment, judgement.assignment_id)
            if held.state in states:
                task = session.get_one(Task, held.task_id)
                found.append(
                    Said(
                        judgement.id, task, held.assessor_id, held.state, judgement.verdict,
                        judgement.created_at,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: one.number)


def test_the_controls_of_an_assessor_are_those_of_a_recount(filled: Ledger) -> None:
    answers = [one for one in recount(filled, SUBMITTED, DROPPED) if one.task.pool == "gold"]
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with filled.store.reading() as session:
        default = session.query(Task.campaign_id).order_by(Task.id).limit(1).scalar()
    names = {1: "anna", 2: "boris", 3: "clara", 5: "robot"}
    for one in answers:
        if one.task.campaign_id == default:
            known = Known.of(one.task)
            scores[names[one.assessor]][known.made_by].append(known.score(one.verdict))
    found = {one.assessor: one for one in report_controls(filled.store)}
    assert found["dora"].gold is None
    assert found["dora"].by_kind == {}
    assert len(scores) == 4
    for name, by_kind in scores.items():
        everything = [score for some in by_kind.values() for score in some]
        gold = found[name].gold
        assert gold is not None
        assert (gold.n, gold.right) == (len(everything), sum(everything))
        assert gold.accuracy == pytest.approx(np.mean(everything))
        assert gold.low <= gold.accuracy <= gold.high
        assert {kind: (result.n, result.right) for kind, result in found[name].by_kind.items()} == {
            kind: (len(some), sum(some)) for kind, some in by_kind.items()
        }


@pytest.mark.parametrize("campaign", [None, "default", "other"])
def test_the_answers_to_control_tasks_are_those_of_a_recount(filled: Ledger, campaign: str | None) -> None:
    scores: dict[int, list[float]] = defaultdict(list)
    for one in recount(filled, SUBMITTED, DROPPED):
        if one.task.pool == "gold":
            scores[one.task.id].append(Known.of(one.task).score(one.verdict))
    found = report_control_tasks(filled.store, campaign)
    assert len(found) == (5 if campaign else 10)
    for task in found:
        assert (task.answers, task.right) == (len(scores[task.task_id]), sum(scores[task.task_id]))
    assert sum(task.answers for task in found) > 5


def test_gold_feedback_is_that_of_a_recount(filled: Ledger) -> None:
    noon = DAY + timedelta(hours=12)
    wanted = [
        (one.task.id, one.task.pair_id, one.verdict, Known.of(one.task).score(one.verdict), one.at)
        for one in recount(filled, SUBMITTED, DROPPED)
        if one.task.pool == "gold" and one.assessor == 1 and one.at < noon
    ]
    told = report_gold_feedback(filled.store, 1, noon)
    assert [(one.task_id, one.pair_id, one.said, one.score, one.at) for one in told] == wanted
    assert wanted


def test_the_gold_pool_counts_all_answers_of_its_tasks(filled: Ledger) -> None:
    scores: dict[int, list[float]] = defaultdict(list)
    for one in recount(filled, SUBMITTED, DROPPED):
        if one.task.known:
            scores[one.task.id].append(Known.of(one.task).score(one.verdict))
    found = report_gold_pool(filled.store, "default").tasks
    assert [(one.answers, one.right) for one in found] == [
        (len(scores[one.task_id]), sum(scores[one.task_id])) for one in found
    ]
    assert len(found) == 5


def test_the_review_queue_shows_the_verdicts_that_count_in_their_order(filled: Ledger) -> None:
    said: dict[int, list[str]] = defaultdict(list)
    for one in recount(filled, SUBMITTED):
        said[one.task.id].append(one.verdict)
    queue = report_queue(filled.store)
    assert queue.found == len(queue.rows) == 4
    assert [row.verdicts for row in queue.rows] == [tuple(said[row.task_id]) for row in queue.rows]
    assert {(row.campaign, row.language, row.question) for row in queue.rows} == {
        ("default", "en", "How long?")
    }
    assert report_queue(filled.store, ReviewFilter(language="ru")).rows == ()
