"""Routing on the ledger: the plan comes before the spending, and people keep what is not proven."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.judges import make_budget
from annotate.jobs.label import label_by_machine
from annotate.jobs.route import draw, follow, route, summarise
from annotate.labelers.llm import Caps
from annotate.labelling import ChosenPair, create_tasks
from annotate.labelling.campaigns import DEFAULT, set_rules
from annotate.store import AnswerRecord, Calibration, ContenderRecord, Event, JudgeCall, Pair, Question, Task
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_label import judging
from tests.annotate.labelers.conftest import fences, ruling
from tests.annotate.labelling.machines.audits import judge_pairs

__all__ = ["judging"]  # the fixture
AUDITED, WAITING = 60, 12


def make_pairs(context: Context, count: int) -> list[int]:
    """Store pairs whose better answer is the one that says "right"."""
    made = []
    with context.store.writing.begin() as session:
        sides = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("right", "wrong")]
        session.add_all(sides)
        session.flush()
        for number in range(count):
            question = Question(key=f"q{number}", text=f"Question {number}?", language="en")
            session.add(question)
            session.flush()
            answers = [
                AnswerRecord(
                    question_id=question.id,
                    contender_id=side.id,
                    text=f"{side.name} answer {number}",
                    sentences=[],
                    passages=[],
                    prompt=[],
                    model_fingerprint="m",
                    index_fingerprint="i",
                )
                for side in sides
            ]
            session.add_all(answers)
            session.flush()
            pair = Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id)
            session.add(pair)
            session.flush()
            made.append(pair.id)
    return made


def judge_of(wrong: set[int]) -> Callable[[dict[str, Any]], str]:
    """Judge rightly but in the pairs of these numbers, and as surely there."""

    def judge(asked: dict[str, Any]) -> str:
        _, question, a, _ = fences(asked)
        number = int(question.removesuffix("?").split()[1])
        return ruling("A_better" if (number in wrong) != a.startswith("right") else "B_better", 0.9)

    return judge


@pytest.fixture
def audited(context: Context) -> tuple[list[int], list[int]]:
    """Make audited pairs, each judged by a person, and waiting ones."""
    pairs = make_pairs(context, AUDITED + WAITING)
    slice_, waiting = pairs[:AUDITED], pairs[AUDITED:]
    create_tasks(context.store, [ChosenPair(pair, audit=True) for pair in slice_], overlap=2)
    create_tasks(context.store, [ChosenPair(pair) for pair in waiting], overlap=2)
    judge_pairs(Ledger(context.store, context.guideline), "anna", "person", dict.fromkeys(slice_, "A_better"))
    return slice_, waiting


def open_to_people(context: Context, pairs: list[int]) -> list[int]:
    with context.store.reading() as session:
        return list(session.scalars(select(Task.pair_id).where(Task.open_to_people, Task.pair_id.in_(pairs))))


def test_the_plan_is_shown_before_anything_is_spent_and_then_kept(judging: Any, audited: Any) -> None:
    context, server = judging(judge_of(set()))
    slice_, waiting = audited
    before = route(context, ["llm-judge"], 0.8)
    shown = summarise(before)
    assert shown["to_calibrate"] == {"llm-judge": AUDITED}
    assert (shown["waiting"], shown["people"], shown["ask"], shown["rules"]) == (WAITING, WAITING, {}, [])
    assert server.asked == []

    label_by_machine(context, "llm-judge", pairs=slice_)
    asked = len(server.asked)
    planned = route(context, ["llm-judge"], 0.8)
    shown = summarise(planned)
    assert shown["ask"] == {"llm-judge": WAITING}
    assert shown["accuracy"]["value"] == 1.0
    assert shown["accuracy"]["low"] >= 0.8
    assert shown["judgements_saved"] == 2 * WAITING
    assert shown["cost"] == pytest.approx(WAITING * 2 * (100 * 2 + 7 * 10) / 1e6)
    assert shown["cost_without"] == pytest.approx(WAITING * 2 * 0.1)
    assert len(server.asked) == asked  # a plan costs nothing

    done = follow(context, planned)
    assert (done["closed_to_people"], done["left_to_people"]) == (WAITING, 0)
    assert open_to_people(context, waiting) == []
    assert set(open_to_people(context, slice_)) == set(slice_)  # one more person wanted there
    assert len(server.asked) == asked + 2 * WAITING
    with context.store.reading() as session:
        assert session.scalars(select(Calibration.accuracy)).first() == 1.0
        proof = session.scalars(select(Event.details).where(Event.kind == "routed")).first()
    assert (proof["machine"], proof["confidence"], proof["target"]) == ("llm-judge", 0.9, 0.8)
    assert 0.8 < proof["calibrated"] < 1.0
    assert proof["low"] >= 0.8
    assert follow(context, route(context, ["llm-judge"], 0.8))["labelers"] == []


def test_following_a_plan_calibrates_first(judging: Any, audited: Any) -> None:
    context, _ = judging(judge_of(set()))
    done = follow(context, route(context, ["llm-judge"], 0.8))
    assert [row["judged"] for row in done["labelers"]] == [AUDITED, WAITING]
    assert done["closed_to_people"] == WAITING
    assert done["calibrated"]["llm-judge"]["n"] == AUDITED


def test_a_machine_that_is_often_wrong_labels_nothing_and_costs_only_its_calibration(
    judging: Any, audited: Any
) -> None:
    context, server = judging(judge_of(set(range(0, AUDITED, 6))))
    done = follow(context, route(context, ["llm-judge"], 0.8))
    assert (done["closed_to_people"], done["left_to_people"]) == (0, WAITING)
    assert done["calibrated"]["llm-judge"]["accuracy"] == pytest.approx(5 / 6)
    assert len(server.asked) == 2 * AUDITED
    assert len(open_to_people(context, audited[1])) == WAITING


def test_a_budget_ends_the_work_and_people_keep_the_rest(judging: Any, audited: Any) -> None:
    context, _ = judging(judge_of(set()))
    planned = route(context, ["llm-judge"], 0.8)
    done = follow(context, planned, make_budget(context, Caps(calls=2 * AUDITED + 10)))
    assert done["closed_to_people"] == 5
    assert done["left_to_people"] == WAITING - 5
    assert "calls" in done["labelers"][-1]["stopped"]


def test_a_panel_is_heard_jointly_and_each_member_stays_an_assessor(judging: Any, audited: Any) -> None:
    wise = judge_of(set())
    naive = judge_of(set(range(0, AUDITED, 2)))
    context, _ = judging(lambda asked: (wise if asked["model"] == "wise" else naive)(asked))
    done = follow(context, route(context, ["panel"], 0.8))
    assert done["closed_to_people"] == WAITING
    assert {rule["machine"] for rule in done["plan"]["rules"]} == {"llm-judge:wise"}
    assert done["calibrated"]["llm-judge:naive"]["accuracy"] == 0.5
    assert "panel" in done["plan"]["audited"]
    with context.store.reading() as session:
        assert set(session.scalars(select(JudgeCall.assessor))) == {"llm-judge:wise", "llm-judge:naive"}


def test_the_campaigns_rule_is_the_target_unless_another_is_named(judging: Any, audited: Any) -> None:
    context, _ = judging(judge_of(set()))
    assert route(context, ["llm-judge"]).plan.target == context.settings.judge.accuracy
    set_rules(context.store, DEFAULT, machine_accuracy=0.97)
    assert route(context, ["llm-judge"]).plan.target == 0.97
    assert route(context, ["llm-judge"], 0.6).plan.target == 0.6
    with pytest.raises(JobError, match="no machine assessor"):
        route(context, ["oracle"])


def test_the_audit_is_drawn_from_what_waits(judging: Any, audited: Any) -> None:
    context, _ = judging(judge_of(set()))
    assert draw(context, 5) == 5
    assert route(context, ["llm-judge"]).waiting == WAITING - 5
    assert draw(context, 100) == WAITING - 5


@pytest.mark.models
def test_without_names_the_machines_of_the_ledger_are_planned_for(context: Context, audited: Any) -> None:
    label_by_machine(context, "heuristic", limit=1)
    assert set(route(context).members) == {"heuristic"}
    assert np.isfinite(route(context).plan.cost)
