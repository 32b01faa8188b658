"""The dynamic overlap: as many people as it takes, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import NothingToLabel
from annotate.labelling import amend, create_tasks, drop_judgements, reserve, undo
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.ledger.overlap import is_decided, wanted_overlap
from annotate.labelling.ledger.places import recount
from annotate.labelling.tasks import ChosenPair
from annotate.labelling.verdicts import VERDICTS
from annotate.store import Task
from tests.annotate.conftest import Ledger

RULES = CampaignRules(overlap=2, max_overlap=5, dynamic=True, stop_posterior=0.95, stop_lead=2)


def votes(*verdicts: str, trust: float = 2 / 3) -> list[tuple[str, float]]:
    return [(verdict, trust) for verdict in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [
        ((), 2),
        (("tie",), 2),
        (("tie", "tie"), 2),
        (("A_better", "A_much_better"), 2),  # strengths do not count
        (("tie", "A_better"), 3),
        (("tie", "A_better", "tie"), 4),
        (("tie", "A_better", "tie", "tie"), 4),
        (("tie", "A_better", "tie", "A_better", "B_better"), 5),
    ],
)
def test_the_lead_decides(verdicts: tuple[str, ...], wanted: int) -> None:
    assert wanted_overlap(RULES, votes(*verdicts)) == wanted


def test_one_who_is_nearly_always_right_is_enough() -> None:
    assert is_decided(RULES, votes("tie", trust=0.97))
    assert not is_decided(RULES, votes("tie", trust=0.9))


@given(st.lists(st.sampled_from(VERDICTS), max_size=8))
def test_a_task_wants_the_votes_it_has_and_never_more_than_the_maximum(verdicts: list[str]) -> None:
    wanted = wanted_overlap(RULES, votes(*verdicts))
    assert 1 <= wanted <= max(RULES.max_overlap, len(verdicts))
    assert wanted == len(verdicts) if is_decided(RULES, votes(*verdicts)) else wanted >= RULES.overlap


@pytest.fixture
def dynamic(ledger: Ledger) -> Ledger:
    open_campaign(ledger.store, "dynamic", RULES)
    create_tasks(ledger.store, [ChosenPair(ledger.pair())], campaign="dynamic")
    return ledger


def say(ledger: Ledger, name: str, verdict: str) -> int:
    return ledger.judge(ledger.person(name), verdict).id


def is_open(ledger: Ledger) -> bool:
    with ledger.store.writing.begin() as session:
        assert recount(session) == 0
        task = session.query(Task).one()
        assert task.people_places <= task.overlap
        return task.open_to_people


def test_two_who_agree_close_a_task_and_two_who_do_not_keep_it_open(dynamic: Ledger) -> None:
    say(dynamic, "anna", "A_better")
    assert is_open(dynamic)
    held = say(dynamic, "boris", "B_better")
    assert is_open(dynamic)
    boris = dynamic.person("boris")
    with dynamic.store.reading() as session:
        assert session.query(Task.overlap).scalar() == 3
    shown = dynamic.says(in_order_of(dynamic, held, "A_better"))
    amend(dynamic.store, held, boris.id, shown)
    assert not is_open(dynamic)
    with pytest.raises(NothingToLabel):
        reserve(dynamic.store, dynamic.person("clara").id)


def test_a_judgement_taken_back_opens_the_task_again(dynamic: Ledger) -> None:
    anna = dynamic.person("anna")
    say(dynamic, "anna", "tie")
    held = say(dynamic, "boris", "tie")
    assert not is_open(dynamic)
    undo(dynamic.store, held, dynamic.person("boris").id)
    assert not is_open(dynamic)  # boris holds the second place
    with dynamic.store.reading() as session:
        since = session.query(Task).one().created_at
    assert len(drop_judgements(dynamic.store, "anna", since, "careless")) == 1
    assert is_open(dynamic)
    with pytest.raises(NothingToLabel):
        reserve(dynamic.store, anna.id)  # who was dropped does not get it again


def test_changed_rules_open_tasks_again(dynamic: Ledger) -> None:
    say(dynamic, "anna", "tie")
    say(dynamic, "boris", "tie")
    assert not is_open(dynamic)
    set_rules(dynamic.store, "dynamic", stop_lead=3)
    assert is_open(dynamic)


def test_machines_do_not_use_up_the_places_of_people(dynamic: Ledger) -> None:
    for name in ("m1", "m2"):
        dynamic.judge(dynamic.machine(name), "tie")
    with pytest.raises(NothingToLabel):
        reserve(dynamic.store, dynamic.machine("m3").id)
    assert is_open(dynamic)
    say(dynamic, "anna", "tie")
    assert is_open(dynamic)


def in_order_of(ledger: Ledger, assignment_id: int, verdict: str) -> str:
    from annotate.labelling.verdicts import swap_verdict
    from annotate.store import Assignment

    with ledger.store.reading() as session:
        swapped = session.get_one(Assignment, assignment_id).swapped
    return swap_verdict(verdict) if swapped else verdict
