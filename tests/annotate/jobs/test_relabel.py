"""Another vote is asked for where the verdict is open, and nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.relabel import ask_again
from annotate.jobs.select import select_pairs
from annotate.labelling import ChosenPair, create_tasks, register, reserve
from annotate.labelling.campaigns import DEFAULT, set_rules
from annotate.store import Event, Task
from tests.annotate.conftest import Ledger
from tests.annotate.labelling.machines.audits import judge_pairs


@pytest.fixture
def judged(context: Context, pairs: list[int]) -> list[int]:
    """Two people agree on the first two pairs, differ on the next three, one alone has judged the sixth."""
    ledger = Ledger(context.store, context.guideline)
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs[:5]], overlap=2)
    create_tasks(context.store, [ChosenPair(pairs[5])], overlap=1)
    create_tasks(context.store, [ChosenPair(pairs[6])], overlap=2)
    judge_pairs(ledger, "anna", "person", dict.fromkeys(pairs[:7], "A_better"))
    judge_pairs(ledger, "boris", "person", dict.fromkeys(pairs[:2], "A_much_better"))
    judge_pairs(ledger, "boris", "person", dict.fromkeys(pairs[2:5], "B_better"))
    return pairs


def open_pairs(context: Context) -> set[int]:
    with context.store.reading() as session:
        return set(session.scalars(select(Task.pair_id).where(Task.open_to_people)))


def test_open_verdicts_get_another_vote_the_narrowest_first(context: Context, judged: list[int]) -> None:
    assert open_pairs(context) == {judged[6]}
    assert select_pairs(context, 3, "relabel")["selected"] == 3
    assert open_pairs(context) == {*judged[2:5], judged[6]}
    assert ask_again(context, 10, DEFAULT)["selected"] == 1  # one vote alone leads by one
    assert open_pairs(context) == {*judged[2:7]}
    with pytest.raises(JobError, match="leads by less than 2 votes"):
        ask_again(context, 10, DEFAULT)
    with context.store.reading() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "asked_again")).all()) == 4


def test_a_third_person_gets_them_and_settles_them(context: Context, judged: list[int]) -> None:
    ask_again(context, 10, DEFAULT)
    clara = register(context.store, "clara", "person")
    held = reserve(context.store, clara.id, count=10)
    assert {one.task_id for one in held} == {
        Ledger(context.store, context.guideline).task_of(pair) for pair in judged[2:7]
    }
    assert open_pairs(context) == set()


def test_the_rules_cap_how_many_are_asked(context: Context, judged: list[int]) -> None:
    set_rules(context.store, DEFAULT, max_overlap=2, overlap=1)
    assert ask_again(context, 10, DEFAULT)["selected"] == 1
    assert open_pairs(context) == {judged[5], judged[6]}
