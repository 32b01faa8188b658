"""The quality report: agreement, reliability and bias to one side."""

import numpy as np
import pytest
from sqlalchemy import update

from annotate.labelling import amend, refresh_preferences, reserve, submit
from annotate.labelling.verdicts import VERDICTS
from annotate.reports import report_quality
from annotate.store import Task
from tests.annotate.conftest import Ledger, in_order

RNG = np.random.default_rng


def test_an_empty_ledger_defines_nothing(ledger: Ledger) -> None:
    report = report_quality(ledger.store, RNG(0))
    assert (report.alpha, report.alpha_people, report.percent, report.assessors) == (None, None, None, ())
    assert report.verdicts == dict.fromkeys(VERDICTS, 0)


def test_agreement_of_two_people_and_a_machine(ledger: Ledger) -> None:
    ledger.tasks(4, overlap=2)
    said = {
        ledger.person("anna"): ["A_better", "B_better", "tie", "A_much_better"],
        ledger.person("boris"): ["A_better", "B_better", "A_better", "A_much_better"],
        ledger.machine("robot"): ["B_better", "A_better", "both_bad", "B_better"],
    }
    for assessor, verdicts in said.items():
        for verdict in verdicts:
            ledger.judge(assessor, verdict)
    refresh_preferences(ledger.store)
    report = report_quality(ledger.store, RNG(0))
    # By hand: outcomes agree in 3 of 4 pairs of people, and never with the machine: 3 of 12.
    assert report.percent is not None
    assert report.percent.value == pytest.approx(3 / 12)
    assert report.percent.n == 4
    assert report.alpha_people is not None
    assert report.alpha is not None
    assert report.alpha_people.value > 0.8 > report.alpha.value
    assert report.alpha.low <= report.alpha.value <= report.alpha.high
    by_name = {one.name: one for one in report.assessors}
    assert {name: (one.kind, one.judgements) for name, one in by_name.items()} == {
        "anna": ("person", 4),
        "boris": ("person", 4),
        "robot": ("machine", 4),
    }
    agreement = {name: one.agreement_with_others for name, one in by_name.items()}
    assert agreement["robot"] is not None
    assert agreement["anna"] is not None
    assert agreement["robot"].value == 0.0
    assert agreement["anna"].value == pytest.approx(np.mean([0.5, 0.5, 0.0, 0.5]))
    assert by_name["robot"].reliability < min(by_name["anna"].reliability, by_name["boris"].reliability)
    assert by_name["boris"].verdicts == {"A_better": 2, "B_better": 1, "A_much_better": 1}
    assert sum(report.verdicts.values()) == 4


def test_one_assessor_alone_has_no_agreement(ledger: Ledger) -> None:
    ledger.tasks(2)
    anna = ledger.person()
    ledger.judge(anna, "A_better")
    ledger.judge(anna, "tie")
    report = report_quality(ledger.store, RNG(0))
    assert (report.alpha, report.percent) == (None, None)
    [quality] = report.assessors
    assert quality.agreement_with_others is None
    assert 0 < quality.reliability < 1


def test_the_share_of_left_answers_follows_the_order_of_display(ledger: Ledger) -> None:
    ledger.tasks(12, overlap=2)
    lefty, fair = ledger.person("lefty"), ledger.person("fair")
    for _ in range(12):
        held = ledger.judge(lefty, "tie")
        amend(ledger.store, held.id, lefty.id, ledger.says("A_better"))  # as shown: always the left one
        ledger.judge(fair, "B_better")  # as stored: wherever it was shown
    by_name = {one.name: one for one in report_quality(ledger.store, RNG(0)).assessors}
    assert by_name["lefty"].left_share == 1.0
    assert by_name["fair"].left_share is not None
    assert 0.1 < by_name["fair"].left_share < 0.9
    assert by_name["lefty"].judgements == 12


def test_ties_have_no_side(ledger: Ledger) -> None:
    ledger.tasks(1)
    held = ledger.judge(ledger.person(), "both_bad")
    assert in_order(held, "tie") == "tie"
    assert report_quality(ledger.store, RNG(0)).assessors[0].left_share is None


def test_agreement_is_broken_down_by_language_kind_guideline_and_cluster(ledger: Ledger) -> None:
    pairs = ledger.tasks(8, overlap=2, languages=("en", "ru"))
    anna, boris, robot = ledger.person("anna"), ledger.person("boris"), ledger.machine("robot")
    with ledger.store.writing.begin() as session:
        session.execute(update(Task).where(Task.pair_id.in_(pairs[:4])).values(cluster=7))
    for assessor in (anna, boris, robot):
        for _ in pairs:
            held = reserve(ledger.store, assessor.id)[0]
            russian = held.pair.language == "ru"
            dissents = assessor is boris and russian
            verdict = in_order(held, "B_better" if dissents else "A_better")
            submit(ledger.store, held.id, assessor.id, ledger.says(verdict))
    report = report_quality(ledger.store, RNG(0))
    languages = {name: one.percent and one.percent.value for name, one in report.by_language.items()}
    assert languages == {"en": 1.0, "ru": pytest.approx(1 / 3)}
    assert list(report.by_guideline) == [ledger.guideline.content_hash]
    assert list(report.by_cluster) == [7]
    by_kind = report.by_kind
    assert by_kind["machine"].percent is None
    assert by_kind["person"].percent is not None
    assert by_kind["person"].percent.value == pytest.approx(0.5)
    assert by_kind["person"].percent.n == 8
    kappa = report.kappas["anna · robot"]
    assert kappa is None  # one value throughout: agreement, but none beyond chance
    assert set(report.coefficients) == {"nominal_alpha", "fleiss_kappa", "gwet_ac1", "percent"}
    assert all(one is not None and np.isfinite(one.value) for one in report.coefficients.values())


def test_aspects_are_measured_apart(ledger: Ledger) -> None:
    ledger.tasks(6, overlap=2)
    for name in ("anna", "boris"):
        assessor = ledger.person(name)
        for at in range(6):
            held = reserve(ledger.store, assessor.id)[0]
            sides = {"citations": "A" if at % 2 else "B", "safety": "A" if name == "anna" else "B"}
            shown = {aspect: in_order(held, f"{side}_")[0] for aspect, side in sides.items()}
            submit(ledger.store, held.id, assessor.id, ledger.says("tie", aspects=shown))
    report = report_quality(ledger.store, RNG(0))
    assert list(report.by_aspect) == ["citations", "safety"]
    citations, safety = report.by_aspect["citations"], report.by_aspect["safety"]
    assert citations.percent is not None
    assert safety.percent is not None
    assert (citations.percent.value, safety.percent.value) == (1.0, 0.0)
    assert citations.alpha is not None
    assert citations.alpha.value == pytest.approx(1.0)


def test_reliability_and_position_bias_have_intervals(ledger: Ledger) -> None:
    ledger.tasks(12, overlap=2)
    lefty, fair = ledger.person("lefty"), ledger.person("fair")
    for _ in range(12):
        held = ledger.judge(lefty, "tie")
        amend(ledger.store, held.id, lefty.id, ledger.says("A_better"))
        ledger.judge(fair, "B_better")
    by_name = {one.name: one for one in report_quality(ledger.store, RNG(0)).assessors}
    left = by_name["lefty"].left
    assert left is not None
    assert left.low > 0.5
    assert (left.value, left.high, left.n) == (1.0, 1.0, 12)
    even = by_name["fair"].left
    assert even is not None
    assert even.low < 0.5 < even.high
    for one in by_name.values():
        assert one.sure_of is not None
        low, high = one.sure_of
        assert 0 < low < one.reliability < high < 1
