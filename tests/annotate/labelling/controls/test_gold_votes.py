"""Answers to gold tasks teach whom to trust; they are the votes of no preference."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from annotate.labelling import refresh_preferences, reserve_pair, submit
from annotate.labelling.controls.gold import Known, add_control, correct_control
from annotate.labelling.controls.gold_votes import read_gold
from annotate.reports.quality import report_quality
from annotate.store import Assessor, Preference

FIRST = Known(("A_better", "A_much_better"), "B invents a price.")


def answer(ledger, person, pair: int, verdict: str) -> None:
    held = reserve_pair(ledger.store, pair, person.id)
    submit(ledger.store, held.id, person.id, ledger.says(verdict))


def trust(ledger) -> dict[str, float]:
    with ledger.store.reading() as session:
        return dict(session.execute(select(Assessor.name, Assessor.reliability)).all())


def gold(ledger, count: int) -> list[int]:
    pairs = [ledger.pair() for _ in range(count)]
    for pair in pairs:
        add_control(ledger.store, pair, FIRST)
    return pairs


def test_who_fails_gold_loses_the_argument(ledger) -> None:
    [pair] = ledger.tasks(1)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    for control in gold(ledger, 6):
        answer(ledger, anna, control, "A_better")
        answer(ledger, boris, control, "B_better")
    answer(ledger, anna, pair, "B_better")
    answer(ledger, boris, pair, "A_much_better")
    assert refresh_preferences(ledger.store) == 1
    assert trust(ledger)["anna"] > 0.7 > 0.5 > trust(ledger)["boris"]
    with ledger.store.reading() as session:
        [found] = session.scalars(select(Preference))
    assert (found.pair_id, found.verdict, len(found.votes)) == (pair, "B_better", 2)


def test_gold_alone_says_whom_to_trust(ledger) -> None:
    anna = ledger.person("anna")
    for control in gold(ledger, 4):
        answer(ledger, anna, control, "A_much_better")
    assert refresh_preferences(ledger.store) == 0
    assert trust(ledger)["anna"] > 2 / 3


def test_a_corrected_truth_counts_anew(ledger) -> None:
    anna, [pair] = ledger.person("anna"), gold(ledger, 1)
    answer(ledger, anna, pair, "tie")
    refresh_preferences(ledger.store)
    before = trust(ledger)["anna"]
    correct_control(ledger.store, ledger.task_of(pair), ["tie"], "Both give the price.", "lead")
    refresh_preferences(ledger.store)
    assert trust(ledger)["anna"] > before


def test_training_and_exam_tasks_are_no_gold(ledger) -> None:
    pair = ledger.pair()
    add_control(ledger.store, pair, FIRST, pool="training")
    with ledger.store.reading() as session:
        assert read_gold(session) == ([], {})


def test_the_quality_report_says_the_same(ledger) -> None:
    ledger.tasks(1)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    for control in gold(ledger, 5):
        answer(ledger, anna, control, "A_better")
        answer(ledger, boris, control, "tie")
    ledger.judge(anna, "B_better")
    ledger.judge(boris, "A_better")
    refresh_preferences(ledger.store)
    told = {
        one.name: one.reliability for one in report_quality(ledger.store, np.random.default_rng(0)).assessors
    }
    assert told == pytest.approx(trust(ledger))
