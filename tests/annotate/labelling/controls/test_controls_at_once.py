"""Two who look at the same time open one review, keep one signal, and act once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from annotate.labelling import reserve, reserve_pair, submit
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.gold_rules import apply_gold_rules, list_acts
from annotate.labelling.controls.reviews import open_reviews
from annotate.labelling.controls.signals import find_signals, list_signals
from annotate.reports.reviews import report_reviews

AT_ONCE = 6


def all_at_once(step: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as people:
        return [done.result() for done in [people.submit(step) for _ in range(AT_ONCE)]]


def test_one_review_is_opened(ledger) -> None:
    ledger.tasks(3, overlap=2)
    for name, verdict in (("anna", "A_better"), ("boris", "B_better")):
        for _ in range(3):
            ledger.judge(ledger.person(name), verdict)
    opened = all_at_once(lambda: open_reviews(ledger.store))
    assert sum(map(len, opened)) == 3
    assert len(report_reviews(ledger.store)) == 3


def test_one_signal_is_kept(ledger) -> None:
    ledger.tasks(40, overlap=1)
    anna = ledger.person()
    for held in reserve(ledger.store, anna.id, count=40):
        submit(ledger.store, held.id, anna.id, ledger.says("A_better"))
    found = all_at_once(lambda: find_signals(ledger.store))
    assert sum(map(len, found)) == len(list_signals(ledger.store)) == 1


def test_a_rule_acts_once(ledger) -> None:
    open_campaign(ledger.store, "default")
    anna = ledger.person()
    for _ in range(3):
        pair = ledger.pair()
        add_control(ledger.store, pair, Known(("A_better",), "B invents a price."))
        held = reserve_pair(ledger.store, pair, anna.id)
        submit(ledger.store, held.id, anna.id, ledger.says("tie"))
    set_rules(ledger.store, "default", gold_rules=[{"act": "pause", "below": 0.7, "last": 3, "at_least": 3}])
    acts = all_at_once(lambda: apply_gold_rules(ledger.store, "default"))
    assert sum(map(len, acts)) == len(list_acts(ledger.store, anna.id)) == 1
