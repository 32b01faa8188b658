"""Gold: what is known, how answers score, the interval, and that control pairs are no real work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from annotate.errors import LabellingError, VerdictError
from annotate.labelling import refresh_preferences, reserve_pair, submit
from annotate.labelling.controls.gold import Known, add_control, correct_control, gold_results, wilson
from annotate.store import Event, Preference, Task

A_WINS = Known(("A_better", "A_much_better"), "B invents a price.", guideline="errors#Hallucination")


def gold(ledger, known: Known = A_WINS, **where: str) -> int:
    pair = ledger.pair()
    add_control(ledger.store, pair, known, **where)
    return pair


def answer(ledger, assessor, pair: int, verdict: str) -> None:
    held = reserve_pair(ledger.store, pair, assessor.id)
    submit(ledger.store, held.id, assessor.id, ledger.says(verdict))


def test_answers_are_right_half_right_or_wrong(ledger) -> None:
    anna = ledger.person()
    strict = Known(("A_much_better",), "B is unsafe.")
    for verdict in ("A_much_better", "A_better", "tie", "B_better"):
        answer(ledger, anna, gold(ledger, strict), verdict)
    [(name, result)] = gold_results(ledger.store).items()
    assert (name, result.n, result.right, result.accuracy) == ("anna", 4, 1.5, 0.375)
    assert 0 < result.low < 0.375 < result.high < 1


def test_a_disputed_verdict_can_be_corrected_and_counts_anew(ledger) -> None:
    anna, pair = ledger.person(), gold(ledger)
    answer(ledger, anna, pair, "tie")
    assert gold_results(ledger.store)["anna"].right == 0
    task = ledger.task_of(pair)
    correct_control(ledger.store, task, ["tie"], "Both give the price.", "lead")
    assert gold_results(ledger.store)["anna"].right == 1
    with ledger.store.reading() as session:
        details = session.scalars(select(Event).where(Event.kind == "corrected")).one().details
    assert (details["before"], details["after"], details["by"]) == (
        ["A_better", "A_much_better"],
        ["tie"],
        "lead",
    )


def test_a_control_pair_is_no_real_work(ledger) -> None:
    [real] = ledger.tasks(1)
    with pytest.raises(LabellingError, match="task already"):
        add_control(ledger.store, real, A_WINS)
    with pytest.raises(LabellingError, match="real work"):
        correct_control(ledger.store, ledger.task_of(real), ["tie"], "x", "lead")
    pair = gold(ledger)
    answer(ledger, ledger.person(), pair, "A_better")
    refresh_preferences(ledger.store)
    with ledger.store.reading() as session:
        assert session.scalars(select(Preference).where(Preference.pair_id == pair)).all() == []


def test_everybody_gets_a_gold_task(ledger) -> None:
    pair = gold(ledger)
    for name in ("anna", "boris", "clara", "dmitri"):
        answer(ledger, ledger.person(name), pair, "A_better")
    assert {result.right for result in gold_results(ledger.store).values()} == {1}


def test_bad_controls_are_refused(ledger) -> None:
    pair = ledger.pair()
    for verdicts, why in (((), "x"), (("tie",), " ")):
        with pytest.raises(LabellingError, match="needs an accepted verdict"):
            Known(verdicts, why)
    with pytest.raises(VerdictError):
        Known(("A_wins",), "x")
    with pytest.raises(LabellingError, match="unsafe side"):
        Known(("tie",), "x", unsafe="C")
    with pytest.raises(LabellingError, match="unknown pool"):
        add_control(ledger.store, pair, A_WINS, pool="main")
    with pytest.raises(LabellingError, match="no pair"):
        add_control(ledger.store, 999_999, A_WINS)
    with pytest.raises(LabellingError, match="no campaign named nowhere"):
        add_control(ledger.store, pair, A_WINS, campaign="nowhere")
    with ledger.store.reading() as session:
        assert session.scalars(select(Task).where(Task.pool != "main")).all() == []


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_interval_holds_the_share_and_narrows(n: int, share: float) -> None:
    right = share * n
    low, high = wilson(right, n)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    wider_low, wider_high = wilson(right / 2, n / 2) if n > 1 else (0.0, 1.0)
    assert high - low <= wider_high - wider_low + 1e-9


def test_the_interval_of_known_cases() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)  # Newcombe 1998's example by hand
