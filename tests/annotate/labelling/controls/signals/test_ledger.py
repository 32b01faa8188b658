"""Signals in the ledger: kept once, settled by a person, and nothing acts by itself."""

from __future__ import annotations

import pytest

from annotate.errors import LabellingError
from annotate.labelling import AssessorView, list_assessors, reserve, submit
from annotate.labelling.controls.signals import find_signals, list_signals, settle_signal


def work(ledger, assessor: AssessorView, verdicts: list[str], **reasons) -> None:
    """Judge as displayed, without looking at what is shown."""
    for verdict in verdicts:
        [held] = reserve(ledger.store, assessor.id)
        submit(ledger.store, held.id, assessor.id, ledger.says(verdict, **reasons))


def test_a_signal_is_kept_once_and_stops_nobody(ledger) -> None:
    ledger.tasks(30)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    work(ledger, anna, ["A_better"] * 30)
    work(ledger, boris, ["A_better", "B_better", "B_better", "tie", "A_better"] * 3)
    [raised] = find_signals(ledger.store)
    assert (raised.assessor, raised.kind, raised.evidence["side"]) == ("anna", "one_sided", "left")
    assert find_signals(ledger.store) == []
    assert list_signals(ledger.store) == [raised]
    assert all(assessor.active for assessor in list_assessors(ledger.store))


def test_a_settled_signal_comes_back_only_with_new_work(ledger) -> None:
    ledger.tasks(90)
    anna = ledger.person("anna")
    work(ledger, anna, ["A_better"] * 40)
    [raised] = find_signals(ledger.store)
    settled = settle_signal(ledger.store, raised.id, "lead", "talked to anna")
    assert (settled.settled_by, settled.resolution) == ("lead", "talked to anna")
    assert list_signals(ledger.store) == []
    assert list_signals(ledger.store, settled=True) == [settled]
    assert find_signals(ledger.store) == []
    work(ledger, anna, ["A_better"] * 40)
    [again] = find_signals(ledger.store)
    assert (again.kind, again.evidence["of"]) == ("one_sided", 40)


def test_settling_needs_a_name_a_resolution_and_an_open_signal(ledger) -> None:
    ledger.tasks(40)
    work(ledger, ledger.person("anna"), ["A_better"] * 40)
    [raised] = find_signals(ledger.store)
    for by, resolution in (("", "x"), ("lead", " ")):
        with pytest.raises(LabellingError, match="needs who settles it"):
            settle_signal(ledger.store, raised.id, by, resolution)
    settle_signal(ledger.store, raised.id, "lead", "no matter")
    with pytest.raises(LabellingError, match="settled already"):
        settle_signal(ledger.store, raised.id, "lead", "again")


def test_haste_and_copies_are_found_in_the_ledger(ledger) -> None:
    ledger.tasks(20)
    anna = ledger.person("anna")
    work(
        ledger, anna, ["A_better", "B_better", "tie", "B_better"] * 5,
        seconds=0.2, comment="The first answer is better because it cites more",
    )  # fmt: skip
    assert {signal.kind for signal in find_signals(ledger.store)} == {"too_fast", "copied_comments"}
