"""The report of controls: one row an assessor, with all that is known of their honesty."""

from __future__ import annotations

from datetime import timedelta

from annotate.labelling import reserve_pair, submit
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.signals import find_signals
from annotate.labelling.guidelines import confirm_guideline
from annotate.reports.controls import (
    count_control_tasks,
    report_control_tasks,
    report_controls,
    report_gold_feedback,
)
from annotate.store import now


def gold(ledger, assessor, verdict: str, made_by: str = "hand") -> int:
    pair = ledger.pair()
    add_control(ledger.store, pair, Known(("A_better",), "B invents a price.", made_by))
    held = reserve_pair(ledger.store, pair, assessor.id)
    submit(ledger.store, held.id, assessor.id, ledger.says(verdict, seconds=0.1))
    return pair


def test_each_assessor_is_shown_with_gold_acts_signals_and_confirmation(ledger) -> None:
    open_campaign(ledger.store, "default")
    set_rules(ledger.store, "default", gold_rules=[{"act": "warn", "below": 0.5, "last": 30, "at_least": 25}])
    anna, boris = ledger.person("anna"), ledger.person("boris")
    confirm_guideline(ledger.store, anna.id, ledger.guideline.id)
    for _ in range(30):
        gold(ledger, anna, "B_better", "corruption:dropped_fact")
    gold(ledger, anna, "A_better")
    find_signals(ledger.store)
    hers, his = report_controls(ledger.store)
    assert (hers.assessor, hers.confirmed, hers.gold.n, hers.gold.right) == ("anna", True, 31, 1)
    assert {kind: result.n for kind, result in hers.by_kind.items()} == {
        "corruption:dropped_fact": 30,
        "hand": 1,
    }
    assert [act.act for act in hers.acts] == ["warn"]
    assert [signal.kind for signal in hers.signals] == ["too_fast"]
    assert (his.assessor, his.confirmed, his.gold, his.acts, his.signals) == ("boris", False, None, (), ())
    assert boris.id


def test_control_tasks_are_listed_with_their_answers(ledger) -> None:
    pair = gold(ledger, ledger.person(), "A_much_better")
    other = ledger.pair(language="ru")
    add_control(ledger.store, other, Known(("tie",), "Одно и то же."), pool="exam")
    ledger.tasks(1)
    first, second = report_control_tasks(ledger.store, "default")
    assert (first.pair_id, first.pool, first.verdicts, first.answers, first.right) == (
        pair,
        "gold",
        ("A_better",),
        1,
        0.5,
    )
    assert (second.pair_id, second.pool, second.language, second.answers) == (other, "exam", "ru", 0)
    assert count_control_tasks(ledger.store) == {"gold": 1, "exam": 1}


def test_feedback_comes_with_the_reason_and_not_before_its_time(ledger) -> None:
    anna = ledger.person()
    pair = gold(ledger, anna, "B_better")
    late = now() + timedelta(hours=1)
    [told] = report_gold_feedback(ledger.store, anna.id, late)
    assert (told.pair_id, told.said, told.verdicts, told.score) == (pair, "B_better", ("A_better",), 0)
    assert told.why == "B invents a price."
    assert report_gold_feedback(ledger.store, anna.id, late - timedelta(days=1)) == []
